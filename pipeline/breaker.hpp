#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/bridge_state.hpp"
#include "pipeline/net_rows.hpp"

#include <optional>

// The breaker: stops an agency's stream before a transaction that changes or deletes too many records, or
// empties a table. It looks at what a local transaction would do before anything of it is merged; what is
// decided depends on entries and on the transaction alone, never on a clock.

namespace casebridge::pipeline {

// Why the transaction, or the part in hand, must wait for a person; nothing when it may be merged. What
// StreamMerge::demand() asks for is in memory. Costs little unless a limit is near.
[[nodiscard]] std::optional<BreakerTripped> look_for_mass_change(
    const BridgeState& state,
    const AgencyId& agency,
    const NetEffect& effect,
    const SourceTransaction& transaction
);

// What a person said of the deletions of a transaction; nothing when it was not stopped.
[[nodiscard]] std::optional<ApprovedDeletions> approval_of(
    const BridgeState& state, const AgencyId& agency, Lsn commit_lsn
);

// Of apply() only. What the entries of rows add to the windows: nothing when a person approved the
// transaction. The deleted row's link was live.
void count_change(BridgeState& state, const RowRead& row);
void count_deletion(BridgeState& state, const RowDeleted& row);

// Of apply() only. The breaker itself: tripped, approved, and over when the stream is past it.
void apply_breaker(BridgeState& state, const BreakerTripped& tripped, JournalSeq seq);
void apply_breaker(BridgeState& state, const BreakerApproved& approved);
void pass_breaker(AgencyState& agency);

}  // namespace casebridge::pipeline
