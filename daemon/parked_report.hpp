#pragma once

#include "hub/parked_queries.hpp"

#include <string>
#include <vector>

// What waits because a row could not be translated or an agency refuses a delivery, for people and for
// programs. Everything ends with a line break; JSON is indented.

namespace casebridge::daemon {

// Without keys and values.
[[nodiscard]] std::string parked_list_text(const std::vector<hub::ParkedHead>& heads);
[[nodiscard]] std::string parked_list_json(const std::vector<hub::ParkedHead>& heads);

// With values: for who may see them.
[[nodiscard]] std::string parked_text(const hub::ShownParked& parked);
[[nodiscard]] std::string parked_json(const hub::ShownParked& parked);

// What setting it aside would mean, without values.
[[nodiscard]] std::string skip_text(const hub::ShownParked& parked);

}  // namespace casebridge::daemon
