#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/entry_codec.hpp"
#include "pipeline/demand.hpp"
#include "pipeline/record.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// Reading the projections: records on demand, and what a daemon needs to start.

namespace casebridge::hub {

// A record whose row refers to a row that no link knows yet.
struct WaitingRecord {
    pipeline::LinkKey waits_for;
    RecordId record;

    friend bool operator==(const WaitingRecord&, const WaitingRecord&) = default;
};

// What a daemon starts from; entries behind projected_seq are to be replayed on top.
struct HubState {
    std::vector<std::pair<AgencyId, pipeline::AgencyState>> agencies;
    std::vector<std::pair<MappingIndex, pipeline::TableState>> tables;
    std::vector<pipeline::ParkedRow> parked;
    std::vector<std::pair<pipeline::LinkKey, pipeline::RowMatches>> matches;  // What persons decided of rows.
    std::vector<WaitingRecord> waiting;
    std::vector<std::pair<MappingIndex, RecordId>> blocked;  // As BridgeState has them.
    std::vector<std::pair<MappingIndex, std::size_t>>
        linked_rows;  // The same; tables without any are not in it.
    JournalSeq projected_seq;
    JournalSeq last_seq;
    std::string incarnation;
};

struct ChangedRecord {
    RecordId record;
    JournalSeq seq;  // Of its last entry in the part that was read.

    friend bool operator==(const ChangedRecord&, const ChangedRecord&) = default;
};

// Records with entries in a stretch of the journal.
struct ChangedRecords {
    std::vector<ChangedRecord> records;  // Ascending by seq.
    JournalSeq read_to;                  // Continue behind it; the same as asked when there is nothing more.
};

// Uses a connection that it does not own, one operation at a time; both must outlive it. Throws libpq's
// DatabaseError; HubFailure for what the present configuration cannot read.
class RecordStore {
public:
    RecordStore(libpq::Connection& connection, const EntryCodec& codec)
        : connection_(&connection), codec_(&codec)
    {
    }

    // Every record that the demand names, each once, in no particular order: one statement for each list that
    // is not empty, one round trip. What the projections do not hold is absent.
    [[nodiscard]] boost::asio::awaitable<std::vector<pipeline::Record>> load(pipeline::Demand demand);

    [[nodiscard]] boost::asio::awaitable<HubState> load_state();

    // The next ids, ascending; fewer than `limit` at the end.
    [[nodiscard]] boost::asio::awaitable<std::vector<RecordId>> records_after(
        RecordId after, std::size_t limit
    );

    // The same for records of these entities that have no row at the agency, and had none that was deleted.
    [[nodiscard]] boost::asio::awaitable<std::vector<RecordId>> records_without_row(
        AgencyId agency, std::vector<std::string> entities, RecordId after, std::size_t limit
    );

    // The same for the records that the agency lacks something of: what a restarted lane looks at first.
    [[nodiscard]] boost::asio::awaitable<std::vector<RecordId>> records_lacking(
        AgencyId agency, RecordId after, std::size_t limit
    );

    // Records changed behind `after`, from the next `entries_max` entries of the journal.
    [[nodiscard]] boost::asio::awaitable<ChangedRecords> records_changed_since(
        JournalSeq after, std::size_t entries_max
    );

private:
    libpq::Connection* connection_;
    const EntryCodec* codec_;
};

}  // namespace casebridge::hub
