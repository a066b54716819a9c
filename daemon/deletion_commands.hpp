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

// What the person decided, and looked at.
struct DeletionDecision {
    DeletionChoice choice = DeletionChoice::keep;
    std::optional<JournalSeq> deletion;  // Empty: the one that the hub shows now.
    std::optional<JournalSeq> seen;      // The record's last entry then; a removal needs it.
};
[[nodiscard]] int decide_deletion(
    const RequestOptions& options, RecordId record, const DeletionDecision& decision
);

}  // namespace casebridge::daemon
