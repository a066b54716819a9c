#include "daemon/duration_text.hpp"

#include <charconv>
#include <cstdint>

namespace casebridge::daemon {

std::optional<std::chrono::seconds> parse_duration(std::string_view text)
{
    constexpr std::int64_t number_max = 1'000'000;
    std::int64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || end - stop != 1 || number <= 0 || number > number_max)
        return std::nullopt;
    switch (*stop) {
        case 's':
            return std::chrono::seconds{number};
        case 'm':
            return std::chrono::minutes{number};
        case 'h':
            return std::chrono::hours{number};
        case 'd':
            return std::chrono::days{number};
        default:
            return std::nullopt;
    }
}

}  // namespace casebridge::daemon
