#pragma once

#include "hub/explain_queries.hpp"

#include <string>

// Why a field says what it says, for people and for programs. Everything ends with a line break; JSON is
// indented.

namespace casebridge::daemon {

// Without values neither values nor keys are shown: the story can be put into a ticket.
enum class Values { shown, left_out };

[[nodiscard]] std::string explanation_text(const hub::Explanation& explanation, Values values);
// The same keys with and without values; what is left out is null.
[[nodiscard]] std::string explanation_json(const hub::Explanation& explanation, Values values);

}  // namespace casebridge::daemon
