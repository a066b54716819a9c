#pragma once

#include "model/error.hpp"
#include "pipeline/entry_log.hpp"

#include <optional>
#include <unordered_set>
#include <vector>

// Merges what one row of an agency shows into its record: link, versions, conflicts, image.

namespace casebridge::pipeline {

// A row as read, at its place in the agency's history.
struct RowInput {
    RowSource source = RowSource::stream;
    const mapping::TableMapping* mapping = nullptr;
    LocalKey key;
    std::optional<LocalKey> previous_key;
    std::optional<RecordId> record;  // With a previous key: the record that the row had under it.
    // Another row of the transaction has taken the previous key: what is parked under it is not this row's.
    bool previous_taken = false;
    SourcePosition position;
    std::optional<PgTime> commit_time;  // Empty for a survey: nobody knows when the row got these values.
    JournalSeq seen;         // What the agency's database had been dealt with up to, at that place.
    JournalSeq seen_before;  // The same just before the row's transaction, where that is one of ours.
    Image image;
    // For a row inside a transaction of ours: the units whose new value is what we wrote. Their change is no
    // edit.
    std::vector<UnitIndex> written_by_us;
    // Units that we wrote and that show another value all the same, be it the one that they showed before.
    std::vector<UnitIndex> answered;
    // Rows of the same transaction, under the keys that they had, whose own turn is still to come: they are
    // not read again before. Null: none. Not owned.
    const std::unordered_set<LinkKey>* coming = nullptr;
};

// Writes the entries that the row causes; none when it changes nothing. A row that cannot be translated is
// parked; one that can releases what was parked of it. Rows that waited for this row's link are read again.
void merge_row(EntryLog& log, RowInput input);

// Parks a row whose image could not even be read: the input's is empty.
void park_unreadable(EntryLog& log, const RowInput& input, const Error& error);

}  // namespace casebridge::pipeline
