#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/entry_log.hpp"

#include <optional>
#include <vector>

// Merges the deletion of an agency's row: what becomes of the record that it stood for.

namespace casebridge::pipeline {

// Who has deleted the row, and for how long.
enum class DeletedBy {
    agency,
    agency_for_a_moment,  // The same transaction inserts it again, as the same record for all we know.
    us,
};

// A deletion as read, at its place in the agency's history.
struct DeleteInput {
    const mapping::TableMapping* mapping = nullptr;
    LocalKey key;
    std::optional<RecordId> record;  // That the row was linked to.
    SourcePosition position;
    std::optional<PgTime> commit_time;
    JournalSeq seen;  // What the agency's database had been dealt with up to, at that place.
    DeletedBy by = DeletedBy::agency;
    // What a person said when the transaction had been stopped; the rules decide otherwise.
    ApprovedDeletions approved = ApprovedDeletions::follow;
    bool in_echo = false;  // Inside a transaction of ours.
};

// Writes the entries that follow; none for a row that had ended before.
void merge_delete(EntryLog& log, const DeleteInput& input);

// A row of the table, linked or not, does not show `before` any more, but `after`; null when it is gone or
// cannot be read. What it pointed at may be deleted now: a deletion that the server refused because of such a
// row is tried again. Returns the records of the rows that are to be deleted, refused yet or not. What
// demand_base() asks for is in memory.
[[nodiscard]] std::vector<RecordId> let_go(
    EntryLog& log, const mapping::TableMapping& mapping, const Image& before, const Image* after
);

}  // namespace casebridge::pipeline
