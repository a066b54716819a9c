#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

// Writes compact JSON straight into a string: what the journal and the projections store is made in one pass,
// without a tree of nodes.

namespace casebridge::hub {

// Appends `text` as a JSON string. The bytes are UTF-8 already, as every text of a server is.
void append_json_string(std::string& out, std::string_view text);

// Appends to a string that it does not own. Commas are its business, the balance of brackets is the caller's.
class JsonText {
public:
    explicit JsonText(std::string& out) : out_(&out) {}

    JsonText& open(char bracket)
    {
        separate();
        out_->push_back(bracket);
        return *this;
    }
    JsonText& close(char bracket)
    {
        out_->push_back(bracket);
        return *this;
    }
    // A key known to need no escapes.
    JsonText& key(std::string_view name)
    {
        separate();
        out_->push_back('"');
        out_->append(name);
        out_->append("\":");
        return *this;
    }
    // A key made before, with quotes and colon.
    JsonText& ready_key(std::string_view quoted)
    {
        separate();
        out_->append(quoted);
        return *this;
    }
    JsonText& text(std::string_view value)
    {
        separate();
        append_json_string(*out_, value);
        return *this;
    }
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) JsonText& number(Number value)
    {
        separate();
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        out_->append(digits, end);
        return *this;
    }
    JsonText& word(std::string_view literal)  // `null`, `true`.
    {
        separate();
        out_->append(literal);
        return *this;
    }

private:
    void separate()
    {
        if (out_->empty())
            return;
        const auto last = out_->back();
        if (last != '{' && last != '[' && last != ':')
            out_->push_back(',');
    }

    std::string* out_;
};

}  // namespace casebridge::hub
