#pragma once

#include "model/journal_entry.hpp"

#include <string>

namespace casebridge::simulation {

// One journal entry as a line of a trace.
[[nodiscard]] std::string show(const Entry& entry);

}  // namespace casebridge::simulation
