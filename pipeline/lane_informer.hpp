#pragma once

#include "pipeline/bridge_state.hpp"
#include "pipeline/lane.hpp"

#include <map>
#include <optional>
#include <span>

namespace casebridge::pipeline {

using Lanes = std::map<AgencyId, Lane>;

// Tells every lane what the entries of one source transaction mean for it. Call after the transaction was
// merged.
void inform_lanes(
    const BridgeState& state, Lanes& lanes, std::span<const Entry> entries, std::optional<PgTime> commit_time
);

}  // namespace casebridge::pipeline
