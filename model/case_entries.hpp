#pragma once

#include "model/ids.hpp"

// Entries of what persons decided of rows: which record one in doubt is, which one a linked row never was, and
// what follows from one that is gone; and of what an agency proposed. They are part of EntryBody in
// model/journal_entry.hpp. Who and why stand in the answer to the request, in the same append.

namespace casebridge {

enum class MatchVerdict {
    same,   // The row is that record.
    never,  // It is not, and no rule may say so again.
};

// A person decided whether a row is a record.
struct MatchDecided {
    RequestId request;
    AgencyId agency;
    MappingIndex table;
    LocalKey key;
    EntityIndex entity;
    RecordId record;
    MatchVerdict verdict = MatchVerdict::never;
};

// No parked row of the table might be the record any more: nothing keeps it from getting a row there.
struct DoubtSettled {
    AgencyId agency;
    MappingIndex table;
    RecordId record;
};

// A person decided that a linked row never was its record: the link is gone, as if it had never been. Behind
// this in the same append stand the entries that say what the row is now, and what both records are worth.
struct LinkSplit {
    RequestId request;
    AgencyId agency;
    MappingIndex table;
    LocalKey key;
    EntityIndex entity;
    RecordId record;
    RecordId into;  // What the row is from here on.
};

enum class DeletionChoice {
    keep,     // The others keep their rows.
    remove,   // The others' rows are deleted.
    restore,  // The agency gets a row again.
};

// A person decided what follows from a deletion that was held.
struct DeletionDecided {
    RequestId request;
    EntityIndex entity;
    RecordId record;
    JournalSeq deletion;  // The entry that held it.
    DeletionChoice choice = DeletionChoice::keep;
};

// A person of the authority rejected what another agency proposed. What is accepted is a ValueDecided.
struct ProposalRejected {
    RequestId request;
    EntityIndex entity;
    RecordId record;
    UnitIndex unit;
    JournalSeq proposal;  // The entry that recorded it.
};

}  // namespace casebridge
