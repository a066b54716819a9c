#pragma once

#include "hub/record_view.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// Rows that could not be translated and deliveries that an agency refuses, from the projections: for the
// command line. In a fixed number of statements. All functions read only and use a connection that the caller
// owns; they throw libpq's DatabaseError, and HubFailure for what the configuration cannot read.

namespace casebridge::hub {

// One thing that waits. Holds no key and no value.
struct ParkedHead {
    enum class Side { reading, delivery };
    Side side = Side::reading;
    std::string name;  // `117` for a row, `42@es` for a delivery.
    std::string agency;
    std::string table;
    std::string code;
    std::string place;
    std::optional<JournalSeq> since_seq;  // Of the entry that said so first; empty when it is not kept.
    std::optional<std::string> since;     // Its time.
    std::int64_t changes = 1;             // Of the row, so far.
    std::optional<RecordId> record;
    std::optional<std::string> waits_for;  // `es jobs.JobSeeker`: a row that is not linked yet.
    std::int64_t waiting = 0;              // Rows, or records, that wait for this one's row.
    std::optional<std::int64_t> skipped;   // The request that has set it aside.
};

enum class ParkedWhich { waiting, set_aside, all };

// Oldest first.
[[nodiscard]] boost::asio::awaitable<std::vector<ParkedHead>> list_parked(
    libpq::Connection& connection, ParkedWhich which, std::size_t limit
);

// With values. Personal, the key too.
struct ShownParked {
    ParkedHead head;
    std::optional<std::string> key;
    // Of a row: what it showed when it was last read well, and shows now. Of a delivery: the row, and what would
    // be written. Only what differs.
    std::vector<SlotChange> changes;
    std::vector<std::string> units;  // Fields and groups that stay different while nothing is done.
    bool readable = true;            // False: of the row not even its columns could be read.
};

// Nothing when nothing of that name is parked. A row's name is its number, a delivery's RECORD@AGENCY.
[[nodiscard]] boost::asio::awaitable<std::optional<ShownParked>> show_parked(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    std::string name,
    std::chrono::year_month_day today
);

}  // namespace casebridge::hub
