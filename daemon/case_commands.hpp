#pragma once

#include "daemon/commands.hpp"
#include "daemon/request_commands.hpp"
#include "hub/case_queries.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Commands about what waits for a person and what was decided: they show it from the hub, and put a person's
// decision into the hub's inbox. Reading needs a role that may see the projections. What does not exist, and
// what is said wrongly, is exit_usage: nobody was asked.

namespace casebridge::daemon {

struct CaseOptions {
    std::filesystem::path configuration;
    std::optional<std::string> hub;  // Connects to the hub with this instead of the configuration's string.
    OutputFormat format = OutputFormat::text;
};

// Without values.
[[nodiscard]] int list_holds(const CaseOptions& options, std::size_t limit);
[[nodiscard]] int list_conflicts(const CaseOptions& options, const hub::ConflictFilter& filter);
// With values.
[[nodiscard]] int show_hold(const CaseOptions& options, RecordId record, const std::string& unit);
[[nodiscard]] int show_conflict(const CaseOptions& options, ConflictPlace place);

// What a person chose: exactly one of the three.
struct Choice {
    std::optional<JournalSeq> take;
    std::vector<std::string> values;  // `TEXT`, or `FIELD=TEXT` for a group.
    enum class Emptied { no, yes };
    Emptied emptied = Emptied::no;
};

[[nodiscard]] int decide_hold(
    const RequestOptions& options,
    RecordId record,
    const std::string& unit,
    const Choice& choice,
    const std::vector<JournalSeq>& seen
);
[[nodiscard]] int resolve_conflict(
    const RequestOptions& options,
    ConflictPlace place,
    const Choice& choice,
    const std::vector<JournalSeq>& seen
);
// Without `take` the only value that lost there; without `seen` what is there now.
[[nodiscard]] int revert_conflict(
    const RequestOptions& options,
    ConflictPlace place,
    std::optional<JournalSeq> take,
    const std::vector<JournalSeq>& seen
);

}  // namespace casebridge::daemon
