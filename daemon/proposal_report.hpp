#pragma once

#include "hub/case_queries.hpp"
#include "hub/proposal_queries.hpp"

#include <string>
#include <vector>

// What the hub says of proposals, for people and for programs. Everything ends with a line break; JSON is
// indented.

namespace casebridge::daemon {

// No values.
[[nodiscard]] std::string proposals_text(const std::vector<hub::ProposalHead>& proposals);
[[nodiscard]] std::string proposals_json(const std::vector<hub::ProposalHead>& proposals);

// What stands in a field, and what is proposed for it. Values: for who may see them. The text has the command
// line for every choice that there is.
[[nodiscard]] std::string proposed_text(const hub::ShownUnit& unit);
[[nodiscard]] std::string proposed_json(const hub::ShownUnit& unit);

}  // namespace casebridge::daemon
