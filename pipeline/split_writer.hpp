#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/entry_log.hpp"
#include "pipeline/row_identity.hpp"
#include "pipeline/split_plan.hpp"

#include <vector>

// Writes what follows when a row never was its record. Of pipeline/link_split.cpp only.

namespace casebridge::pipeline {

// A unit of another record by which a row of the same agency points at the row, in its agency's own word.
struct ReferenceToRow {
    RecordId record;
    MappingIndex table;
    UnitIndex unit;
};

// What points at the record in the words of the agency whose row the link is. The records that point at it
// are in memory. A row that shows what another agency entered does not count: what that means has not
// changed.
[[nodiscard]] std::vector<ReferenceToRow> references_to(
    const BridgeState& state, const Record& record, const Link& link
);

// The row, and who asked when by the hub's clock.
struct SplitWish {
    LinkKey row;
    RecordId record;
    RequestId request;
    PgTime now;
};

// Everything in one append: that the row never was the record, what the row is and says, what the record is
// worth, what the row shows of others, and what points at the row. `into` is a new record or one without a
// row in the row's table. Returns the record that the row is now.
RecordId write_split(const SplitWish& wish, const SplitPlan& plan, const Identified& into, EntryLog& log);

}  // namespace casebridge::pipeline
