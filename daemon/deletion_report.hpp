#pragma once

#include "hub/deletion_queries.hpp"

#include <string>
#include <vector>

// What the hub says of deletions, for people and for programs. Everything ends with a line break; JSON is
// indented.

namespace casebridge::daemon {

// Keys, and no other values.
[[nodiscard]] std::string deletions_text(const std::vector<hub::DeletionHead>& heads);
[[nodiscard]] std::string deletions_json(const std::vector<hub::DeletionHead>& heads);

// Values: for who may see them. The text has the command line for every choice that there is.
[[nodiscard]] std::string deletion_text(const hub::ShownDeletion& shown);
[[nodiscard]] std::string deletion_json(const hub::ShownDeletion& shown);

}  // namespace casebridge::daemon
