#include "config/json_document.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace casebridge::config {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Walks over a text that the parser has accepted so far, token by token behind the parser's events, and so
// knows where each token begins. It needs no grammar: the parser has checked it.
class TokenCursor {
public:
    explicit TokenCursor(std::string_view text) : text_(text)
    {
        if (text_.starts_with(byte_order_mark))
            at_ = byte_order_mark.size();
        counted_ = at_;
    }

    // Steps over space, comments and the separators between tokens; the position of what comes next.
    Position begin()
    {
        while (at_ < text_.size()) {
            if (text_[at_] == '/')
                skip_comment();
            else if (std::string_view{" \t\r\n,:"}.find(text_[at_]) == std::string_view::npos)
                break;
            else
                ++at_;
        }
        return position_of(at_);
    }

    void skip_bracket() { at_ = std::min(at_ + 1, text_.size()); }

    void skip_string()
    {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
            if (text_[at_] == '\\')
                ++at_;
        skip_bracket();
    }

    void skip_word()
    {
        while (at_ < text_.size() &&
               std::string_view{" \t\r\n,:/]}"}.find(text_[at_]) == std::string_view::npos)
            ++at_;
    }

    // Positions are asked for in ascending order only.
    Position position_of(std::size_t offset)
    {
        for (; counted_ < std::min(offset, text_.size()); ++counted_) {
            if (text_[counted_] == '\n')
                position_ = Position{.line = position_.line + 1, .column = 1};
            else if ((static_cast<unsigned char>(text_[counted_]) & 0xC0U) != 0x80U)
                ++position_.column;
        }
        return position_;
    }

private:
    void skip_comment()
    {
        const bool block = text_.substr(at_).starts_with("/*");
        const auto end = block ? text_.find("*/", at_ + 2) : text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end + (block ? 2 : 1);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t counted_ = 0;
    Position position_;
};

// "[json.exception.parse_error.101] parse error at line 7, column 16: syntax error while …; last read: '…'"
// without what we say ourselves.
std::string reason_of(std::string what)
{
    if (const auto column = what.find(", column "); column != std::string::npos)
        what.erase(0, std::min(what.find(": ", column), what.size() - 2) + 2);
    if (const auto read = what.find("; last read: "); read != std::string::npos) {
        const auto expected = what.find("; expected ", read);
        what.erase(read, expected == std::string::npos ? std::string::npos : expected - read);
    }
    return what;
}

class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
public:
    TreeBuilder(const std::string& file, std::string_view text, std::vector<Mistake>& mistakes)
        : file_(file), text_(text), mistakes_(mistakes), cursor_(text)
    {
    }

    std::optional<JsonNode> take_root() { return std::move(root_); }

    bool null() override { return scalar(JsonNode::Kind::null, "null"); }
    bool boolean(bool value) override { return scalar(JsonNode::Kind::boolean, value ? "true" : "false"); }
    bool number_integer(number_integer_t value) override { return number(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return number(std::to_string(value)); }
    bool number_float(number_float_t, const string_t& source) override { return number(source); }
    bool binary(binary_t&) override { return false; }

    bool string(string_t& value) override
    {
        JsonNode node{
            .kind = JsonNode::Kind::string,
            .position = cursor_.begin(),
            .text = value,
            .elements = {},
            .members = {}};
        cursor_.skip_string();
        return add(std::move(node));
    }

    bool key(string_t& name) override
    {
        const auto position = cursor_.begin();
        cursor_.skip_string();
        open_.back().key = name;
        open_.back().key_position = position;
        return true;
    }

    bool start_object(std::size_t) override { return start(JsonNode::Kind::object); }
    bool start_array(std::size_t) override { return start(JsonNode::Kind::array); }
    bool end_object() override { return end(); }
    bool end_array() override { return end(); }

    bool parse_error(std::size_t offset, const std::string&, const nlohmann::json::exception& error) override
    {
        // The offset counts the bytes read, which is the end of the token that does not fit; its beginning,
        // where an eye looks for it, is what follows the last good token.
        const auto end = TokenCursor{text_}.position_of(offset == 0 ? 0 : offset - 1);
        const auto position = std::min(cursor_.begin(), end);
        mistakes_.push_back(Mistake{file_, position, "", reason_of(error.what())});
        root_.reset();
        return false;
    }

private:
    // An array or object whose end has not been read, with the key that waits for its value.
    struct Open {
        JsonNode node;
        std::string key;
        Position key_position;
    };

    bool scalar(JsonNode::Kind kind, std::string text)
    {
        JsonNode node{
            .kind = kind,
            .position = cursor_.begin(),
            .text = std::move(text),
            .elements = {},
            .members = {}};
        cursor_.skip_word();
        return add(std::move(node));
    }

    bool number(std::string text) { return scalar(JsonNode::Kind::number, std::move(text)); }

    bool start(JsonNode::Kind kind)
    {
        const auto position = cursor_.begin();
        if (open_.size() == json_depth_max) {
            mistakes_.push_back(Mistake{
                file_, position, "", "nested deeper than " + std::to_string(json_depth_max) + " levels"});
            return false;
        }
        cursor_.skip_bracket();
        Open open;
        open.node.kind = kind;
        open.node.position = position;
        open_.push_back(std::move(open));
        return true;
    }

    bool end()
    {
        cursor_.begin();
        cursor_.skip_bracket();
        auto node = std::move(open_.back().node);
        open_.pop_back();
        return add(std::move(node));
    }

    bool add(JsonNode node)
    {
        if (open_.empty()) {
            root_ = std::move(node);
            return true;
        }
        auto& parent = open_.back();
        if (parent.node.kind == JsonNode::Kind::array)
            parent.node.elements.push_back(std::move(node));
        else if (const auto* first = parent.node.find(parent.key))
            mistakes_.push_back(Mistake{
                file_,
                parent.key_position,
                place() + parent.key,
                "the key is repeated; it stands in line " + std::to_string(first->key_position.line) +
                    " already",
            });
        else
            parent.node.members.push_back(JsonMember{
                std::move(parent.key), parent.key_position, std::move(node)});
        return true;
    }

    // JSON path of the innermost open object, with a separator behind it.
    [[nodiscard]] std::string place() const
    {
        std::string path;
        for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
            const auto& open = open_[i];
            path += open.node.kind == JsonNode::Kind::array ? std::to_string(open.node.elements.size())
                                                            : open.key;
            path += "/";
        }
        return path;
    }

    const std::string& file_;
    std::string_view text_;
    std::vector<Mistake>& mistakes_;
    TokenCursor cursor_;
    std::vector<Open> open_;
    std::optional<JsonNode> root_;
};

}  // namespace

const JsonMember* JsonNode::find(std::string_view key) const
{
    const auto found = std::ranges::find(members, key, &JsonMember::key);
    return found == members.end() ? nullptr : &*found;
}

std::string_view name_of(JsonNode::Kind kind)
{
    switch (kind) {
        case JsonNode::Kind::null:
            return "null";
        case JsonNode::Kind::boolean:
            return "true or false";
        case JsonNode::Kind::number:
            return "a number";
        case JsonNode::Kind::string:
            return "text";
        case JsonNode::Kind::array:
            return "a list";
        case JsonNode::Kind::object:
            return "an object";
    }
    return "null";
}

std::optional<JsonNode> parse_json(
    const std::string& file, std::string_view text, std::vector<Mistake>& mistakes
)
{
    TreeBuilder builder{file, text, mistakes};
    constexpr bool strict = true;
    constexpr bool ignore_comments = true;
    const bool accepted = nlohmann::json::sax_parse(
        text.begin(), text.end(), &builder, nlohmann::json::input_format_t::json, strict, ignore_comments
    );
    return accepted ? builder.take_root() : std::nullopt;
}

}  // namespace casebridge::config
