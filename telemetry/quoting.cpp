#include "telemetry/quoting.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace casebridge::telemetry {

namespace {

struct Codepoint {
    std::uint32_t value = 0;
    std::size_t bytes = 0;  // 0: not UTF-8.
};

constexpr bool is_continuation(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// The well-formed sequence at the start of a text that is not empty: no overlong form, no surrogate, none
// above U+10FFFF.
Codepoint first_codepoint(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80U)
        return {lead, 1};
    const std::size_t bytes = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : 2;
    if (lead < 0xC2U || lead > 0xF4U || text.size() < bytes)
        return {};
    std::uint32_t value = lead & (0xFFU >> (bytes + 1));
    for (std::size_t index = 1; index < bytes; ++index) {
        if (!is_continuation(text[index]))
            return {};
        value = (value << 6U) | (static_cast<unsigned char>(text[index]) & 0x3FU);
    }
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800U && value <= 0xDFFFU;
    if (value < least[bytes] || value > 0x10FFFFU || surrogate)
        return {};
    return {value, bytes};
}

constexpr bool is_dangerous(std::uint32_t value)
{
    return value < 0x20U || (value >= 0x7FU && value < 0xA0U) ||  // Controls.
           value == 0x200EU || value == 0x200FU || value == 0x061CU ||
           (value >= 0x2028U && value <= 0x202EU) ||  // Line ends, direction overrides.
           (value >= 0x2066U && value <= 0x2069U) || value == 0xFEFFU;
}

void append_escape(std::string& line, std::uint32_t value)
{
    std::array<char, 16> escape{};
    std::snprintf(escape.data(), escape.size(), "\\u%04x", value);
    line += escape.data();
}

constexpr bool is_plain(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') ||
           std::string_view{"_-./:+@"}.find(letter) != std::string_view::npos;
}

}  // namespace

std::string json_string(std::string_view text)
{
    std::string line = "\"";
    while (!text.empty()) {
        const auto [value, bytes] = first_codepoint(text);
        if (bytes == 0)
            line += "\xEF\xBF\xBD";
        else if (value == '"' || value == '\\')
            (line += '\\') += text.front();
        else if (is_dangerous(value))
            append_escape(line, value);
        else
            line += text.substr(0, bytes);
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return line += '"';
}

std::string logfmt_value(std::string_view text)
{
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), is_plain);
    return plain ? std::string{text} : json_string(text);
}

}  // namespace casebridge::telemetry
