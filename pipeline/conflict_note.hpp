#pragma once

#include "conflict/judge.hpp"
#include "model/journal_entry.hpp"

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

}  // namespace casebridge::pipeline
