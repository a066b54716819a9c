#pragma once

#include "conflict/judge.hpp"
#include "model/journal_entry.hpp"
#include "pipeline/bridge_definition.hpp"
#include "pipeline/record.hpp"

#include <string>
#include <vector>

namespace casebridge::pipeline {

// The change that met what its author's database lacked.
struct ConcurrentChange {
    ConflictType type = ConflictType::update_origin_differs;
    AgencyId author;
    UnitValue base;
    JournalSeq seq;  // Of the entry that is about to record it.
};

// What the journal says of a conflict: who wrote what, and what the rule makes of it. `history` is the unit's
// before the change, `merge` what the change does to it.
[[nodiscard]] ConflictNote conflict_note(
    const conflict::UnitHistory& history,
    const conflict::FieldRule& rule,
    const conflict::Merge& merge,
    ConcurrentChange change
);

// Versions as a note tells them: without the bookkeeping of the history.
[[nodiscard]] std::vector<Version> told(std::vector<Version> versions);

// `on_delete:propagate`: the rule of a conflict with a deletion.
[[nodiscard]] std::string deletion_rule_name(const BridgeDefinition& definition, EntityIndex entity);

// Makes of a note on a change what it means for a record that is leaving: nobody's value stands. `state` is
// that of its departure, which is not held.
void lose_to_deletion(ConflictNote& note, DepartureState state, std::string rule);

}  // namespace casebridge::pipeline
