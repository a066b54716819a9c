#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/demand.hpp"
#include "pipeline/entry_log.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

// A person decides what one unit of one record is worth: the value of a version that the journal knows, or
// one of the person's own. The decision is an ordinary change of the unit that supersedes what the person
// saw; it ends a hold, gives a value back that lost, and can itself be undone by another.

namespace casebridge::pipeline {

// As asked for: names, not positions, of which none need exist.
struct DecideValue {
    std::string entity;
    RecordId record;
    std::string unit;
    std::vector<JournalSeq> seen;               // The versions that the person looked at.
    std::variant<JournalSeq, UnitValue> value;  // A version's value, or one value for each of the fields.
    std::optional<ConflictPlace> conflict = std::nullopt;  // The one that the person looked at.
};

struct DecisionAnswer {
    RequestOutcome outcome = RequestOutcome::refused;
    std::string text;  // For the person; holds no value.
};

// The records that must be in memory before it is carried out.
[[nodiscard]] Demand decision_demand(const BridgeState& state, const DecideValue& wanted);

// The entries of the journal that it refers to and that memory does not answer for. Its records are in
// memory.
[[nodiscard]] std::vector<JournalSeq> decision_entries(const BridgeState& state, const DecideValue& wanted);

// Carries it out, or says why not. `looked_up` are those of decision_entries() that can still be read, `now`
// is the hub's clock. Writes a ValueDecided unless it is refused or the value stands already.
[[nodiscard]] DecisionAnswer decide_value(
    const DecideValue& wanted, RequestId request, PgTime now, std::span<const Entry> looked_up, EntryLog& log
);

}  // namespace casebridge::pipeline
