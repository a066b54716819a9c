#pragma once

#include "daemon/case_commands.hpp"
#include "daemon/parked_commands.hpp"
#include "model/journal_entry.hpp"
#include "pipeline/link_split.hpp"

#include <cstddef>
#include <optional>
#include <string>

// Commands about rows whose record is in doubt, or is the wrong one: they show them from the hub, and put a
// person's decision into the hub's inbox. What does not exist is exit_usage: nobody was asked.

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

// The row never was the record. Only shows what that would do unless the assent is given, which goes with
// what the person has seen.
struct SplitChoice {
    pipeline::SplitInto into;
    std::optional<JournalSeq> seen;  // As shown.
    Assent assent = Assent::asked_for;
};
[[nodiscard]] int split_link(
    const RequestOptions& options, const NamedRow& row, RecordId record, const SplitChoice& choice
);

}  // namespace casebridge::daemon
