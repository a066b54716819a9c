#pragma once

#include "daemon/case_commands.hpp"
#include "model/journal_entry.hpp"

#include <cstddef>
#include <string>

// Commands about rows whose record is in doubt: they show them from the hub, and put a person's decision into
// the hub's inbox. What does not exist is exit_usage: nobody was asked.

namespace casebridge::daemon {

// How a person names a row: an agency keeps an entity in one table.
struct NamedRow {
    std::string agency;
    std::string entity;
    std::string key;
};

[[nodiscard]] int list_links(const CaseOptions& options, std::size_t limit);
[[nodiscard]] int show_link(const CaseOptions& options, const NamedRow& row);
[[nodiscard]] int decide_link(
    const RequestOptions& options, const NamedRow& row, RecordId record, MatchVerdict verdict
);

}  // namespace casebridge::daemon
