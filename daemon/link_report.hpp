#pragma once

#include "hub/link_queries.hpp"
#include "hub/split_queries.hpp"

#include <string>
#include <vector>

// What the hub says of rows whose record is in doubt, and of links that are to be taken apart, for people and
// for programs. Everything ends with a line break; JSON is indented.

namespace casebridge::daemon {

// Keys, and no other values.
[[nodiscard]] std::string doubts_text(const std::vector<hub::DoubtfulRow>& doubts);
[[nodiscard]] std::string doubts_json(const std::vector<hub::DoubtfulRow>& doubts);

// Values: for who may see them. The text has the command line for every choice that there is.
[[nodiscard]] std::string doubt_text(const hub::ShownDoubt& doubt);
[[nodiscard]] std::string doubt_json(const hub::ShownDoubt& doubt);

// The same of what a split would do; the text has the command line that does it.
[[nodiscard]] std::string split_text(const hub::ShownSplit& split);
[[nodiscard]] std::string split_json(const hub::ShownSplit& split);

}  // namespace casebridge::daemon
