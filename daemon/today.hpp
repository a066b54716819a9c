#pragma once

#include <chrono>

namespace casebridge::daemon {

// The bridge's date, by which agreements and ages are judged: UTC, by this machine's clock.
[[nodiscard]] inline std::chrono::year_month_day today()
{
    return std::chrono::year_month_day{
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now())};
}

}  // namespace casebridge::daemon
