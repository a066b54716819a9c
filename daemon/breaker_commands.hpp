#pragma once

#include "daemon/case_commands.hpp"
#include "model/journal_entry.hpp"

#include <optional>
#include <string>

// Commands about transactions that the breaker has stopped: they show them from the hub, and put a person's
// approval into the hub's inbox. What does not exist is exit_usage: nobody was asked.

namespace casebridge::daemon {

[[nodiscard]] int list_breakers(const CaseOptions& options);
[[nodiscard]] int show_breaker(const CaseOptions& options, const std::string& agency);

// `breaker` is the one that the person looked at; empty: the one that the hub shows now.
[[nodiscard]] int approve_breaker(
    const RequestOptions& options,
    const std::string& agency,
    std::optional<JournalSeq> breaker,
    ApprovedDeletions deletions
);

}  // namespace casebridge::daemon
