#pragma once

#include "pipeline/bridge_state.hpp"
#include "pipeline/lane.hpp"

#include <span>
#include <vector>

namespace casebridge::pipeline {

// Gives a new lane what the one that was lost with its process had to do. `records` are in memory: at least
// those that changed after the agency's `seen`, those with a mark for it, and those without a live row there:
// a marker moves `seen` past a record that was to be inserted, and nothing else remembers it. What was sent
// and not read yet is settled by the marker of the lane's session.
void restore_lane(
    Lane& lane, const BridgeState& state, const AgencyId& agency, std::span<const RecordId> records
);

// Seqs at which the agency's next echo has to decide the marks of the record: one for each version by others
// behind `seen`, because there may be an echo between any two of them; and the first behind `seen` if there
// is a mark.
[[nodiscard]] std::vector<JournalSeq> seqs_to_check(
    const Record& record, const AgencyId& agency, JournalSeq seen
);

// The agencies whose rows may not show all of the record, ascending: they lack something of what others
// wrote, or are to lose the row.
[[nodiscard]] std::vector<AgencyId> agencies_lacking(const BridgeState& state, const Record& record);

// The records in memory that lack something of what others wrote, as far as the projections may not know it
// yet: their marks can lie below what the agency is known to have been dealt with. Ascending.
[[nodiscard]] std::vector<RecordId> unprojected_lacking(const BridgeState& state, const AgencyId& agency);

}  // namespace casebridge::pipeline
