#include "tests/pgoutput/differential/decoding_text.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

// test_decoding has no grammar on paper; this follows what contrib/test_decoding prints:
//
//   BEGIN 733 · COMMIT 733
//   table public.t: INSERT: id[integer]:1 "Name"[text]:'it''s' n[text]:null
//   table public.t: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2 n[text]:unchanged-toast-datum
//   table public.t: DELETE: id[integer]:1
//   table public.a, public.b: TRUNCATE: restart_seqs cascade
//   message: transactional: 1 prefix: p, sz: 3 content:abc

namespace casebridge::pgoutput::test {
namespace {

class Text {
public:
    explicit Text(std::string_view text) : text_(text) {}

    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

    [[nodiscard]] bool skip(std::string_view word)
    {
        if (!text_.substr(at_).starts_with(word))
            return false;
        at_ += word.size();
        return true;
    }

    void expect(std::string_view word)
    {
        if (!skip(word))
            fail();
    }

    // Up to the first of `ends`, which is not consumed, or to the end.
    std::string until(std::string_view ends)
    {
        const auto end = std::min(text_.find_first_of(ends, at_), text_.size());
        return take(end - at_);
    }

    std::string rest() { return take(text_.size() - at_); }

    // What stands between two `quote`s; a doubled one stands for itself.
    std::string quoted(char quote)
    {
        expect({&quote, 1});
        std::string content;
        while (true) {
            content += until({&quote, 1});
            expect({&quote, 1});
            if (!skip({&quote, 1}))
                return content;
            content += quote;
        }
    }

    // A name as quote_identifier writes it, followed by one of `ends`.
    std::string name(std::string_view ends) { return at('"') ? quoted('"') : until(ends); }

    // The name of a type up to its closing bracket; it may be an array's, or hold quoted names.
    std::string type()
    {
        std::string content;
        for (int depth = 0; depth > 0 || !at(']');) {
            if (at('"')) {
                const auto begin = at_;
                static_cast<void>(quoted('"'));
                content += text_.substr(begin, at_ - begin);
                continue;
            }
            depth += at('[') ? 1 : at(']') ? -1 : 0;
            content += take(1);
        }
        return content;
    }

    [[nodiscard]] bool at(char letter) const { return at_ < text_.size() && text_[at_] == letter; }

    [[noreturn]] void fail() const
    {
        throw std::runtime_error(
            "test_decoding, at " + std::to_string(at_) + ": " + std::string{text_.substr(0, 400)}
        );
    }

private:
    std::string take(std::size_t count)
    {
        if (count > text_.size() - at_)
            fail();
        at_ += count;
        return std::string{text_.substr(at_ - count, count)};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void read_value(Text& text, Field& to)
{
    to.state = Field::State::text;
    if (text.at('\'')) {
        to.text = text.quoted('\'');
    } else if (text.skip("B'")) {
        to.text = text.until("'");
        text.expect("'");
    } else {
        const auto word = text.until(" ");
        if (word == "null")
            to.state = Field::State::null;
        else if (word == "unchanged-toast-datum")
            to.state = Field::State::unchanged;
        else if (to.type == "boolean")
            to.text = word == "true"    ? "t"
                      : word == "false" ? "f"
                                        : throw std::runtime_error("boolean " + word);
        else
            to.text = word;
    }
}

Field read_field(Text& text)
{
    Field field;
    field.column = text.name("[");
    text.expect("[");
    field.type = text.type();
    text.expect("]:");
    read_value(text, field);
    return field;
}

// Fields up to the end of the text, or to ` new-tuple:`.
Fields read_row(Text& text)
{
    Fields row;
    while (!text.at_end() && !text.skip(" new-tuple:")) {
        text.expect(" ");
        row.push_back(read_field(text));
    }
    return row;
}

std::vector<Change> read_change(Text& text)
{
    std::vector<Change> changes;
    do {
        auto& change = changes.emplace_back();
        change.schema = text.name(".");
        text.expect(".");
        change.table = text.name(":,");
    } while (text.skip(", "));
    text.expect(": ");
    auto& change = changes.front();
    change.kind = text.until(":");
    text.expect(":");
    if (change.kind == "TRUNCATE") {
        const auto options = text.rest();
        for (auto& each : changes) {
            each.kind = change.kind;
            each.options = options == " (no-flags)" ? "" : options;
        }
    } else if (change.kind == "DELETE") {
        change.old_row = read_row(text);
    } else if (change.kind == "INSERT" || change.kind == "UPDATE") {
        if (text.skip(" old-key:"))
            change.old_row = read_row(text);
        change.new_row = read_row(text);
    } else {
        text.fail();
    }
    return changes;
}

}  // namespace

std::vector<Transaction> parse_decoding_text(const std::vector<std::string>& rows)
{
    std::vector<Transaction> transactions;
    Transaction open;
    for (const auto& row : rows) {
        Text text{row};
        if (text.skip("BEGIN ")) {
            open = Transaction{};
            open.xid = static_cast<std::uint32_t>(std::stoul(text.rest()));
        } else if (text.skip("COMMIT ")) {
            if (!open.empty())
                transactions.push_back(std::move(open));
        } else if (text.skip("message: transactional: 1 prefix: ")) {
            auto message = text.until(",") + ": ";
            text.expect(", sz: ");
            static_cast<void>(text.until(" "));
            text.expect(" content:");
            open.messages.push_back(message + text.rest());
        } else {
            text.expect("table ");
            std::ranges::move(read_change(text), std::back_inserter(open.changes));
        }
    }
    return transactions;
}

}  // namespace casebridge::pgoutput::test
