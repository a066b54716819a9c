#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/bridge_state.hpp"
#include "pipeline/record.hpp"

// What entries about deletions do to a record: of apply() only, `seq` is that of the entry; and whose rows
// go.

namespace casebridge::pipeline {

// A row of the record is gone; its link has ended.
void apply_deletion(
    Record& record, const RowDeleted& row, JournalSeq seq, const BridgeDefinition& definition
);

// A person decided on the deletions that were held.
void apply_deletion_decided(
    Record& record, const DeletionDecided& decided, JournalSeq seq, const BridgeDefinition& definition
);

// A row of the record was read, and its link and versions are applied: the person may be back, or somebody
// may have edited what a person has decided to delete.
void apply_reading(Record& record, const RowRead& row, JournalSeq seq, const BridgeState& state);

// Whether one of the agencies that have deleted their rows of a record that is leaving may have this one's
// deleted too, on any day.
[[nodiscard]] bool may_take_along(
    const BridgeDefinition& definition, const Record& record, const AgencyId& agency
);

// Of a unit of a record that is leaving by rule: up to where a row that brings the record back replaces what
// is open, because it is in the journal as gone with the record. That is what was read before the deletion,
// and behind it what agencies wrote whose rows are deleted too, whichever was read first.
[[nodiscard]] JournalSeq had_on_return(
    const BridgeDefinition& definition, const Record& record, const conflict::UnitHistory& unit
);

}  // namespace casebridge::pipeline
