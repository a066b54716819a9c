#include "model/lsn.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace casebridge {

std::string to_string(Lsn lsn)
{
    std::array<char, 20> text{};
    const auto length = std::snprintf(
        text.data(),
        text.size(),
        "%X/%X",
        static_cast<unsigned>(lsn.value() >> 32U),
        static_cast<unsigned>(lsn.value() & 0xFFFFFFFFU)
    );
    return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<Lsn> parse_lsn(std::string_view text)
{
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto half = [](std::string_view digits) -> std::optional<std::uint64_t> {
        std::uint32_t number = 0;
        const auto* end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, number, 16);
        if (digits.empty() || error != std::errc{} || stop != end)
            return std::nullopt;
        return number;
    };
    const auto high = half(text.substr(0, slash));
    const auto low = half(text.substr(slash + 1));
    if (!high || !low)
        return std::nullopt;
    return Lsn{(*high << 32U) | *low};
}

}  // namespace casebridge
