#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace casebridge::config {

// `; did you mean "address"?` for the known name that a typing error would explain, or an empty text.
[[nodiscard]] std::string did_you_mean(std::string_view unknown, const std::vector<std::string>& known);

}  // namespace casebridge::config
