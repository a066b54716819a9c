#include "hub/json_text.hpp"

#include <algorithm>

namespace casebridge::hub {
namespace {

bool needs_escape(char character)
{
    return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

void append_escaped(std::string& out, char character)
{
    constexpr std::string_view hex = "0123456789abcdef";
    if (character == '"' || character == '\\') {
        out.push_back('\\');
        out.push_back(character);
        return;
    }
    const auto code = static_cast<unsigned char>(character);
    out.append("\\u00");
    out.push_back(hex[code >> 4U]);
    out.push_back(hex[code & 0xFU]);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text)
{
    out.push_back('"');
    while (true) {
        const auto stop = std::ranges::find_if(text, needs_escape);
        out.append(text.begin(), stop);
        if (stop == text.end())
            break;
        append_escaped(out, *stop);
        text.remove_prefix(static_cast<std::size_t>(stop - text.begin()) + 1);
    }
    out.push_back('"');
}

}  // namespace casebridge::hub
