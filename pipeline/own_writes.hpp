#pragma once

#include "pipeline/bridge_state.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/row_delete.hpp"
#include "pipeline/row_merge.hpp"

#include <optional>

// What of a transaction that comes back is our own work, and what its agency did inside it.

namespace casebridge::pipeline {

// Who deleted a row that was linked to `record`, for good. `echo` is the position of the transaction if it is
// one of ours.
[[nodiscard]] DeletedBy deleted_by(
    std::optional<RecordId> record, const Lane& lane, std::optional<JournalSeq> echo
);

// Sets of a row in our own transaction `to` the units whose values are what we sent, and those that should
// be.
void find_own_writes(
    RowInput& input,
    const BridgeState& state,
    const Lane& lane,
    const Record& record,
    const Image& image,
    JournalSeq to
);

}  // namespace casebridge::pipeline
