#pragma once

#include "model/ids.hpp"
#include "model/pg_time.hpp"
#include "model/value.hpp"

#include <optional>

namespace casebridge {

// One value of one merge unit of one record: what an agency wrote, or what a person decided.
struct Version {
    JournalSeq seq;   // Of the journal entry that accepted it.
    AgencyId author;  // Whose value it is; empty for a value of the person's own.
    UnitValue value;
    // Greater than the stamp of every version of the unit that the author's database had. Nothing for a row
    // whose time of change is unknown (a surveyed row).
    std::optional<PgTime> stamp;
    bool decided = false;  // A person put the value here.

    // Whether it stood in the agency's database before we read it. No agency has a decided version until an
    // echo or marker proves it, the one whose value it was neither.
    [[nodiscard]] bool written_by(const AgencyId& agency) const { return author == agency && !decided; }

    friend bool operator==(const Version&, const Version&) = default;
};

// A version that a later one replaced knowingly. Kept until every linked agency has it, because what an
// agency had at some point of its WAL is reconstructed from it.
struct SupersededVersion {
    Version version;
    JournalSeq by;

    friend bool operator==(const SupersededVersion&, const SupersededVersion&) = default;
};

// The lowest seq that an agency's database may lack for a unit; versions below it are had, the others are
// not.
struct UnseenMark {
    AgencyId agency;
    JournalSeq from;

    friend bool operator==(const UnseenMark&, const UnseenMark&) = default;
};

}  // namespace casebridge
