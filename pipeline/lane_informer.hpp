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

// Whether a field of one of the units is one by which records are found: such fields are unique at most
// agencies.
[[nodiscard]] bool any_identifies(const EntityDefinition& entity, std::span<const UnitIndex> units);

// By the entry `seq` a row of the agency's table gave up values that may have to be unique: deliveries that
// were refused because of one are tried again. Nobody knows which value stood in the way of which delivery.
void try_blocked(const BridgeState& state, Lane& lane, MappingIndex table, JournalSeq seq);

// All deliveries to the agency's table that were refused because of a value are tried again, in one plan
// where it takes that many: rows that take each other's values can only be written together.
void try_blocked_together(const BridgeState& state, Lane& lane, MappingIndex table);

}  // namespace casebridge::pipeline
