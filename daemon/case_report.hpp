#pragma once

#include "hub/case_queries.hpp"

#include <string>
#include <vector>

// What the hub says of holds, conflicts and decisions, for people and for programs. The views of one unit or
// conflict show values: they are for who may see them. Everything ends with a line break; JSON is indented.

namespace casebridge::daemon {

[[nodiscard]] std::string holds_text(const std::vector<hub::ShownHold>& holds);
[[nodiscard]] std::string holds_json(const std::vector<hub::ShownHold>& holds);
[[nodiscard]] std::string conflicts_text(const std::vector<hub::ConflictHead>& conflicts);
[[nodiscard]] std::string conflicts_json(const std::vector<hub::ConflictHead>& conflicts);

// With the command line for every choice that there is.
[[nodiscard]] std::string unit_text(const hub::ShownUnit& unit);
[[nodiscard]] std::string unit_json(const hub::ShownUnit& unit);
[[nodiscard]] std::string conflict_text(const hub::ShownConflict& conflict);
[[nodiscard]] std::string conflict_json(const hub::ShownConflict& conflict);

// `117.0`: how a conflict is named on the command line.
[[nodiscard]] std::string to_text(ConflictPlace place);

}  // namespace casebridge::daemon
