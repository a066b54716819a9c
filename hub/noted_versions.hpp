#pragma once

#include "hub/names.hpp"
#include "model/journal_entry.hpp"

#include <string>

// The values of a conflict or decision as its projection stores them: JSON that may lose its values while the
// row stays. `fields` is the layout of the unit. Personal.

namespace casebridge::hub {

// {"base": …, "versions": […]}, with what decided or was computed if there is such a thing.
[[nodiscard]] std::string conflict_versions(const Layout& fields, const ConflictNote& note);

// {"value": …, "versions": […]}
[[nodiscard]] std::string decision_versions(const Layout& fields, const ValueDecided& decided);

}  // namespace casebridge::hub
