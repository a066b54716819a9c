#include "tests/pgoutput/support/wire.hpp"

#include <cstdint>
#include <stdexcept>

namespace casebridge::pgoutput::test {
namespace {

std::uint8_t digit(char letter)
{
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = digits.find(letter);
    if (value == std::string_view::npos)
        throw std::invalid_argument("not a hexadecimal digit");
    return static_cast<std::uint8_t>(value);
}

std::string describe(const Cell& cell)
{
    switch (cell.state) {
        case Cell::State::null:
            return "NULL";
        case Cell::State::unchanged:
            return "UNCHANGED";
        case Cell::State::absent:
            return "ABSENT";
        case Cell::State::text:
            break;
    }
    return cell.text.size() > 60 ? "<" + std::to_string(cell.text.size()) + " bytes>" : cell.text;
}

}  // namespace

Bytes wire(std::string_view words)
{
    Bytes bytes;
    while (!words.empty()) {
        if (words.front() == ' ') {
            words.remove_prefix(1);
        } else if (words.front() == '\'') {
            const auto end = words.find('\'', 1);
            if (end == std::string_view::npos)
                throw std::invalid_argument("text without an end");
            for (const char letter : words.substr(1, end - 1))
                bytes.push_back(static_cast<std::byte>(letter));
            words.remove_prefix(end + 1);
        } else {
            if (words.size() < 2)
                throw std::invalid_argument("half a byte");
            bytes.push_back(static_cast<std::byte>(digit(words[0]) * 16 + digit(words[1])));
            words.remove_prefix(2);
        }
    }
    return bytes;
}

std::string hex(std::span<const std::byte> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto part : bytes) {
        text += digits[std::to_integer<std::size_t>(part >> 4)];
        text += digits[std::to_integer<std::size_t>(part & std::byte{15})];
    }
    return text;
}

std::string describe(const Tuple& row)
{
    std::string text;
    for (const auto& cell : row)
        text += (text.empty() ? "" : "|") + describe(cell);
    return text;
}

}  // namespace casebridge::pgoutput::test
