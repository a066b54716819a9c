#pragma once

#include "hub/link_queries.hpp"

#include <string>
#include <vector>

// What the hub says of rows whose record is in doubt, for people and for programs. Everything ends with a
// line break; JSON is indented.

namespace casebridge::daemon {

// Keys, and no other values.
[[nodiscard]] std::string doubts_text(const std::vector<hub::DoubtfulRow>& doubts);
[[nodiscard]] std::string doubts_json(const std::vector<hub::DoubtfulRow>& doubts);

// Values: for who may see them. The text has the command line for every choice that there is.
[[nodiscard]] std::string doubt_text(const hub::ShownDoubt& doubt);
[[nodiscard]] std::string doubt_json(const hub::ShownDoubt& doubt);

}  // namespace casebridge::daemon
