#include "model/pg_time.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace casebridge {

std::string to_utc_text(PgTime time)
{
    using namespace std::chrono;
    const sys_time<microseconds> moment{microseconds{time.value() + pg_epoch_unix_microseconds}};
    const auto day = floor<days>(moment);
    const year_month_day date{day};
    const hh_mm_ss clock{floor<seconds>(moment - day)};
    std::array<char, 64> text{};
    const auto size = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02u %02ld:%02ld:%02ld UTC",
        int{date.year()},
        unsigned{date.month()},
        unsigned{date.day()},
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count()
    );
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace casebridge
