#pragma once

#include "pipeline/entry_log.hpp"
#include "pipeline/row_merge.hpp"

#include <optional>

// Rows that cannot be translated: what was last read of them, and how they are parked and released.

namespace casebridge::pipeline {

// What the row showed when it was last read, parked or not; null when nothing is known of it. Valid until the
// next entry.
[[nodiscard]] const Image* last_image(const BridgeState& state, const LinkKey& row);

// What the input says of the row, before anything is known of the obstacle.
[[nodiscard]] RowParked parked_of(const RowInput& input);

// Parks the row. One that was renamed takes its link and what was parked of it along, so that nothing is
// written to, resolved by or found under a key that it no longer has.
void park_row(EntryLog& log, RowParked parked);

// Settles what was parked of the row, if anything was.
void release_parked(EntryLog& log, const LinkKey& row);

// Settles what was parked of a table that is about to be empty.
void release_table(EntryLog& log, MappingIndex table);

// A waiting row, to be read again now that what it waited for is linked; nothing when it does not wait any
// more or could not even be read.
[[nodiscard]] std::optional<RowInput> read_again(
    const BridgeState& state, const LinkKey& waiting, const RowInput& cause
);

}  // namespace casebridge::pipeline
