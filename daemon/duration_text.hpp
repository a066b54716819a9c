#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace casebridge::daemon {

// `90s`, `30m`, `2h` or `1d`: a whole number above 0 and its unit. Nothing for any other text.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace casebridge::daemon
