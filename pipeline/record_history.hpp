#pragma once

#include "model/journal_entry.hpp"

#include <optional>
#include <vector>

// What the journal still says of one record: every version that was ever written to it, also those that the
// record itself has forgotten, and how its rows came to it.

namespace casebridge::pipeline {

// A version as its entry has it. Personal.
struct PastVersion {
    enum class By {
        agency,   // Somebody, or something, at the agency.
        trigger,  // The agency's database, answering what we wrote.
        person,   // A person at the hub.
    };

    JournalSeq seq;   // Of the entry.
    AgencyId author;  // Whose value it is; empty for a value of a person's own.
    UnitIndex unit;
    std::optional<UnitValue> value;  // Empty: no longer kept.
    std::optional<PgTime> stamp;
    std::vector<JournalSeq> superseded;
    Admission admission = Admission::entered;
    By by = By::agency;
    std::optional<JournalSeq> taken = std::nullopt;  // By a person: the version whose value it is.
    std::optional<UnitValue> base = std::nullopt;    // What the agency had before, where the entry says so.
    std::optional<Tally> tally = std::nullopt;       // Only under `sum`; not where the value is gone.
    bool suspect = false;
};

// A row of an agency became the record's.
struct PastLink {
    JournalSeq seq;
    AgencyId agency;
    LinkChange change = LinkChange::created;
};

struct RecordHistory {
    RecordId record;
    std::vector<PastVersion> versions;  // Ascending by seq.
    std::vector<PastLink> links;        // The same.

    // Of the unit, of that entry; null when the journal has none.
    [[nodiscard]] const PastVersion* find(UnitIndex unit, JournalSeq seq) const;
};

// Adds what an entry says of the record; nothing when it is about another. Entries come ascending by seq.
void add_entry(RecordHistory& history, const Entry& entry);

}  // namespace casebridge::pipeline
