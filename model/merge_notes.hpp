#pragma once

#include "model/ids.hpp"
#include "model/pg_time.hpp"
#include "model/value.hpp"
#include "model/version.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What an entry of the journal (model/journal_entry.hpp) says of the merge: which versions an edit added,
// what it replaced, which conflicts it had, and what an agency may lack.

namespace casebridge {

// PostgreSQL's names for conflicts.
enum class ConflictType {
    insert_exists,
    update_origin_differs,
    update_exists,
    update_missing,
    update_deleted,
    delete_origin_differs,
    delete_missing,
    multiple_unique_conflicts,
};

enum class Verdict {
    stands,    // One value stands; the others stay recorded.
    held,      // A person decides; every agency keeps what it has.
    reverted,  // The edit never entered the set: an authority's value stands and is written back.
    proposed,  // The same, and the edit waits for a person of the authority to accept or reject it.
    deleted,   // The record is deleted everywhere; the versions stay recorded.
};

// A conflict as decided: everything needed to explain and to undo it.
struct ConflictNote {
    UnitIndex unit;
    ConflictType type = ConflictType::update_origin_differs;
    std::string rule;  // `latest`, `authority:sp`, `hold`, `filled>latest`.
    Verdict verdict = Verdict::held;
    UnitValue base;                 // What the agency had before its edit.
    std::vector<Version> versions;  // All that took part, the new one last.
    std::optional<JournalSeq> winner;
    std::string decided_by =
        {};  // Of a chain the rule that decided; empty when none did, or there is no chain.
    std::optional<UnitValue> computed = std::nullopt;  // The value that stands, when it is no version's.
    bool stale_form = false;  // The stale form guard kept the edit from superseding what it overwrote.
};

// Whether a version may stand.
enum class Admission {
    entered,   // It is one of the unit's open versions.
    rejected,  // Recorded only: an authority's value stands.
    proposed,  // The same, until a person of the authority accepts it.
};

// A value that an agency gave to a unit.
struct VersionAdded {
    UnitIndex unit;
    UnitValue value;
    std::optional<PgTime> stamp;
    std::vector<JournalSeq> superseded;  // Open versions that this one replaces.
    Admission admission = Admission::entered;
    // The how-manieth in a row that answers what we wrote with another value, by a trigger or against an
    // authority, or by a stale form; 0 for an edit.
    std::uint32_t answers = 0;
    std::optional<Tally> tally = std::nullopt;  // Only under `sum`.
    bool suspect = false;                       // As Version::suspect.
    std::optional<ElementTags> tags = std::nullopt;  // Only under `union`.

    [[nodiscard]] bool enters() const { return admission == Admission::entered; }
};

struct MarkChange {
    UnitIndex unit;
    std::optional<JournalSeq> from;  // Empty: cleared.
};

}  // namespace casebridge
