#pragma once

#include "daemon/case_commands.hpp"

#include <cstddef>
#include <optional>
#include <string>

// Commands about what agencies propose for fields of which another is the authority: they show it from the
// hub, and put what a person of the authority makes of it into the hub's inbox. What does not exist is
// exit_usage: nobody was asked.

namespace casebridge::daemon {

// Without values.
[[nodiscard]] int list_proposals(const CaseOptions& options, std::size_t limit);
// With values.
[[nodiscard]] int show_proposals(const CaseOptions& options, RecordId record, const std::string& unit);

// Of one field: `proposal` is the one that the person looked at; empty: the only one that waits.
[[nodiscard]] int accept_proposal(
    const RequestOptions& options,
    RecordId record,
    const std::string& unit,
    std::optional<JournalSeq> proposal
);
[[nodiscard]] int reject_proposal(
    const RequestOptions& options,
    RecordId record,
    const std::string& unit,
    std::optional<JournalSeq> proposal
);

}  // namespace casebridge::daemon
