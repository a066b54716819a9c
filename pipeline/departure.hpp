#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/record.hpp"

// What entries about deletions do to a record. Of apply() only.

namespace casebridge::pipeline {

// A row of the record is gone; its link has ended. `seq` is that of the entry.
void apply_deletion(Record& record, const RowDeleted& row, JournalSeq seq);

// A person decided on the deletion that was held, whose row `agency` had.
void apply_deletion_decided(
    Record& record, const DeletionDecided& decided, const AgencyId& agency, JournalSeq seq
);

// A row of the record was read, and its link and versions are applied: the person may be back, or somebody
// may have edited what a person has decided to delete.
void apply_reading(Record& record, const RowRead& row, JournalSeq seq);

}  // namespace casebridge::pipeline
