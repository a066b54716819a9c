#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/entry_codec.hpp"
#include "hub/leadership.hpp"
#include "pipeline/bridge_definition.hpp"
#include "pipeline/record.hpp"

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <utility>
#include <vector>

// Writing the projections, behind the journal and in batches.

namespace casebridge::hub {

// The final state of one record, with what only the core can tell of it.
struct ProjectedRecord {
    const pipeline::Record* record = nullptr;  // Lives until write() has ended.
    pipeline::ProjectionNeed need = pipeline::ProjectionNeed::surrounding;
    pipeline::RecordKeys keys;
    std::vector<FieldValue> golden;  // One for each field of the entity.
    std::vector<UnitIndex> held;     // Units that wait for a person.
    std::vector<AgencyId> lacking;   // Agencies that may not show all of it; ascending.
};

// What the entries behind `from` up to `to` add up to: final states only, each thing at most once.
// Not an aggregate: g++ 12 destroys one that is a temporary inside a co_await expression twice.
struct ProjectionBatch {
    ProjectionBatch() {}

    JournalSeq from;  // projected_seq until now.
    JournalSeq to;
    std::vector<ProjectedRecord> records;
    std::span<const Entry> entries;           // Those entries, durable; they live until write() has ended.
    std::vector<pipeline::ParkedRow> parked;  // Parked rows that are new or changed.
    std::vector<pipeline::LinkKey> released;  // Keys of which no row is parked any more.
    // Rows of which something else is decided now; nothing decided is empty.
    std::vector<std::pair<pipeline::LinkKey, pipeline::RowMatches>> matches;
    std::vector<std::pair<AgencyId, pipeline::AgencyState>> agencies;
    std::vector<std::pair<MappingIndex, pipeline::TableState>> tables;
};

// Uses a connection that it does not own, one operation at a time; everything handed over must outlive it.
// Throws libpq's DatabaseError. LeadershipLost when a later leader has taken the epoch or projected_seq is
// not where the batch begins.
class Projector {
public:
    Projector(
        libpq::Connection& connection,
        const EntryCodec& codec,
        const pipeline::BridgeDefinition& definition,
        const Leadership& leadership
    );

    // Writes a batch in one transaction and one round trip, set-based. Of each record as much as it needs:
    // where its surroundings changed, what it is found by is replaced and keys it does not have any more are
    // gone.
    [[nodiscard]] boost::asio::awaitable<void> write(ProjectionBatch batch);

    // Makes every projection what it was when the journal was pruned last, or else empty: replaying the
    // journal behind projected_seq rebuilds them.
    [[nodiscard]] boost::asio::awaitable<void> reset_projections();

    // Every row of every projection as ordered text, equal for equal projections. Personal; for comparisons
    // only.
    [[nodiscard]] boost::asio::awaitable<std::string> dump_projections();

private:
    boost::asio::awaitable<void> run(std::vector<libpq::Statement> statements, const char* place);

    libpq::Connection* connection_;
    const EntryCodec* codec_;
    const pipeline::BridgeDefinition* definition_;
    std::int64_t epoch_;
};

}  // namespace casebridge::hub
