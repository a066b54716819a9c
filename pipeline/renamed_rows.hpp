#pragma once

#include "pipeline/entry_log.hpp"
#include "pipeline/net_rows.hpp"

#include <map>
#include <optional>
#include <unordered_set>

// Rows that get other keys inside one transaction, perhaps each other's.

namespace casebridge::pipeline {

// What was known of a row before its transaction.
struct RowBefore {
    std::optional<RecordId> record;
    std::optional<Image> image;
    bool taken = false;  // Another row of the transaction takes the key that it had.
};

using RenamedRows = std::map<LinkKey, RowBefore>;  // By new key.

// What is known of the rows with new keys. Ask before any row of the transaction is merged.
[[nodiscard]] RenamedRows renamed_rows(const BridgeState& state, const NetEffect& effect);

// Releases what is parked under keys that change hands, before anything is parked under them anew.
void release_taken(const RenamedRows& renamed, const NetEffect& effect, EntryLog& log);

// All rows of the transaction, by the keys that they had before it.
[[nodiscard]] std::unordered_set<LinkKey> rows_before(const NetEffect& effect);

}  // namespace casebridge::pipeline
