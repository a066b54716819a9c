#pragma once

#include "model/ids.hpp"
#include "model/pg_time.hpp"
#include "model/value.hpp"

#include <optional>
#include <vector>

namespace casebridge {

// What a version contributes to a unit whose concurrent increases are added up (rule `sum`). Everything that
// happened to the unit is contained in exactly one of its open versions, so that the total over these does
// not depend on the order in which they were read.
struct Tally {
    enum class Ground {
        read,     // A total that was there before anybody could tell what it grew from.
        settled,  // A total on which all agreed after they had begun from different ones.
    };
    struct Start {
        Ground ground = Ground::read;
        Value total;

        friend auto operator<=>(const Start&, const Start&) = default;
        friend bool operator==(const Start&, const Start&) = default;
    };

    // Ascending and distinct; the least two are kept, because more than one says already that there is no
    // common ground. None: what is added is added to the start of another version.
    std::vector<Start> starts;
    Value added;  // A canonical decimal, negative or not.

    friend bool operator==(const Tally&, const Tally&) = default;
};

// What a version contributes to a unit whose concurrent edits of a set are joined (rule `union`). Every edit tags
// the elements that it adds; an element is in the set as long as one of its tags is. Each tag that nobody took
// away is held by exactly one of the open versions.
struct ElementTags {
    struct Tag {
        Value element;
        JournalSeq by;    // The entry of the edit that added it.
        AgencyId author;  // Of that edit; empty for a person's decision.

        friend auto operator<=>(const Tag&, const Tag&) = default;
        friend bool operator==(const Tag&, const Tag&) = default;
    };

    std::vector<Value> added;  // What the version's own edit tags, ascending.
    std::vector<Tag> kept;     // Tags of the versions that it superseded, ascending.
    // Tags that it, or a version that it superseded, takes away although another version still holds them,
    // ascending.
    std::vector<Tag> removed;

    friend bool operator==(const ElementTags&, const ElementTags&) = default;
};

// One value of one merge unit of one record: what an agency wrote, or what a person decided.
struct Version {
    JournalSeq seq;   // Of the journal entry that accepted it.
    AgencyId author;  // Whose value it is; empty for a value of the person's own.
    UnitValue value;
    // Greater than the stamp of every version of the unit that the author's database had. Nothing for a row
    // whose time of change is unknown (a surveyed row).
    std::optional<PgTime> stamp;
    std::optional<Tally> tally = std::nullopt;  // Only under `sum`.
    bool decided = false;                       // A person put the value here.
    // A stale form put it back over what we had delivered: nobody may have meant it.
    bool suspect = false;
    std::optional<ElementTags> tags = std::nullopt;  // Only under `union`.

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
