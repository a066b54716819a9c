#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/bridge_state.hpp"

#include <span>

// What must be in memory before stored entries are applied again.

namespace casebridge::pipeline {

// The records that must be in memory before these entries are applied.
[[nodiscard]] Demand demand_of(const BridgeState& state, std::span<const Entry> entries);

}  // namespace casebridge::pipeline
