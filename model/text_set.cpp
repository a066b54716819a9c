#include "model/text_set.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace casebridge {

namespace {

constexpr std::array<std::pair<char, char>, 7> escapes{
    {{'"', '"'}, {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}}
};
constexpr unsigned char first_printable = 0x20;
constexpr std::string_view hex_digits = "0123456789abcdef";

void append_string(std::string& out, std::string_view text)
{
    out.push_back('"');
    for (const char c : text) {
        const auto* escape = std::ranges::find(escapes, c, &std::pair<char, char>::first);
        const auto code = static_cast<unsigned char>(c);
        if (escape != escapes.end())
            out.append(1, '\\').append(1, escape->second);
        else if (code < first_printable)
            out.append("\\u00").append(1, hex_digits[code >> 4U]).append(1, hex_digits[code & 0xFU]);
        else
            out.push_back(c);
    }
    out.push_back('"');
}

// The character behind a backslash, which is taken.
std::optional<char> take_escaped(std::string_view& text)
{
    constexpr std::size_t unicode_size = 5;  // `u00` and two digits.
    const char kind = text.empty() ? '\0' : text.front();
    if (kind == 'u' && text.size() >= unicode_size && text.substr(1, 2) == "00") {
        const auto high = hex_digits.find(text[3]);
        const auto low = hex_digits.find(text[4]);
        if (high == std::string_view::npos || low == std::string_view::npos)
            return std::nullopt;
        text.remove_prefix(unicode_size);
        return static_cast<char>(high * hex_digits.size() + low);
    }
    const auto* escape = std::ranges::find(escapes, kind, &std::pair<char, char>::second);
    if (text.empty() || escape == escapes.end())
        return std::nullopt;
    text.remove_prefix(1);
    return escape->first;
}

// The string in quotes that the text begins with.
std::optional<std::string> take_string(std::string_view& text)
{
    if (!text.starts_with('"'))
        return std::nullopt;
    text.remove_prefix(1);
    std::string string;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '"')
            return string;
        if (c != '\\') {
            string.push_back(c);
            continue;
        }
        const auto escaped = take_escaped(text);
        if (!escaped)
            return std::nullopt;
        string.push_back(*escaped);
    }
    return std::nullopt;
}

}  // namespace

TextSet to_text_set(std::vector<Value> elements)
{
    std::ranges::sort(elements);
    const auto doubles = std::ranges::unique(elements);
    elements.erase(doubles.begin(), doubles.end());
    return elements;
}

FieldValue write_text_set(const TextSet& set)
{
    if (set.empty())
        return std::nullopt;
    std::string text;
    for (const auto& element : set) {
        text.push_back(text.empty() ? '[' : ',');
        append_string(text, element.expose());
    }
    text.push_back(']');
    return Value{std::move(text)};
}

std::optional<TextSet> parse_text_set(std::string_view text)
{
    auto rest = text;
    TextSet set;
    do {
        if (!rest.starts_with(set.empty() ? '[' : ','))
            return std::nullopt;
        rest.remove_prefix(1);
        auto element = take_string(rest);
        if (!element)
            return std::nullopt;
        set.emplace_back(std::move(*element));
    } while (rest != "]");
    // Whatever is escaped, ordered or repeated in another way than ours is no canonical text.
    const auto again = write_text_set(to_text_set(set));
    return again->expose() == text ? std::optional{std::move(set)} : std::nullopt;
}

std::optional<TextSet> parse_text_set(const FieldValue& value)
{
    return value ? parse_text_set(value->expose()) : TextSet{};
}

}  // namespace casebridge
