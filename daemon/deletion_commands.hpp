#pragma once

#include "daemon/case_commands.hpp"
#include "hub/deletion_queries.hpp"
#include "model/journal_entry.hpp"

#include <cstddef>
#include <optional>

// Commands about records of which an agency has deleted its row: they show them from the hub, and put a
// person's decision into the hub's inbox. What does not exist is exit_usage: nobody was asked.

namespace casebridge::daemon {

[[nodiscard]] int list_deletions(const CaseOptions& options, hub::DeletionWhich which, std::size_t limit);
[[nodiscard]] int show_deletion(const CaseOptions& options, RecordId record);

// `deletion` is the one that the person looked at; empty: the one that the hub shows now.
[[nodiscard]] int decide_deletion(
    const RequestOptions& options, RecordId record, DeletionChoice choice, std::optional<JournalSeq> deletion
);

}  // namespace casebridge::daemon
