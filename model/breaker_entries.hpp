#pragma once

#include "model/ids.hpp"
#include "model/lsn.hpp"
#include "model/pg_time.hpp"

#include <cstdint>
#include <string>
#include <vector>

// Entries of the breaker, which stops an agency's stream before a mass change. They are part of EntryBody in
// model/journal_entry.hpp. What they say of tables and entities is for people: names, so that a configuration
// without them can read the entry.

namespace casebridge {

enum class BreakerReason {
    changed,    // Too many records changed.
    deleted,    // Too many records deleted.
    truncated,  // A table with linked rows was emptied.
};

// A limit that the transaction would pass.
struct BreakerFinding {
    std::string entity;
    BreakerReason reason = BreakerReason::changed;
    std::uint64_t records = 0;  // Of the entity, within the window, the transaction's included.
    std::uint64_t limit = 0;    // So many may pass.
    std::uint64_t linked = 0;   // Records of the entity that were linked at the agency before the window.

    friend bool operator==(const BreakerFinding&, const BreakerFinding&) = default;
};

// What the transaction does to the linked rows of one table.
struct BreakerTable {
    std::string table;
    std::uint64_t changed = 0;
    std::uint64_t deleted = 0;
    std::uint64_t truncated = 0;

    friend bool operator==(const BreakerTable&, const BreakerTable&) = default;
};

// Whether further parts of the transaction were known when it was stopped: then the counts are of a part.
enum class BreakerExtent { whole, part };

// A transaction that nobody has approved: nothing of it, or of the part in hand, is merged, and the agency's
// stream stands before it.
struct BreakerTripped {
    AgencyId agency;
    Lsn commit_lsn;  // Of the transaction.
    Xid xid;
    PgTime commit_time;  // By the agency's clock.
    BreakerExtent extent = BreakerExtent::whole;
    std::vector<BreakerFinding> findings;  // At least one.
    std::vector<BreakerTable> tables;

    friend bool operator==(const BreakerTripped&, const BreakerTripped&) = default;
};

enum class ApprovedDeletions {
    follow,  // What the rules say follows.
    hold,    // Each is held for a person, whatever the rule.
};

// A person approved the transaction; the agency's windows begin anew behind it. Who and why stand in the
// answer to the request, in the same append.
struct BreakerApproved {
    RequestId request;
    AgencyId agency;
    JournalSeq breaker;  // The entry that stopped it.
    ApprovedDeletions deletions = ApprovedDeletions::follow;
};

}  // namespace casebridge
