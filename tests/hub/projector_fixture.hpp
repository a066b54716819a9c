#pragma once

#include "hub/projector.hpp"
#include "hub/records.hpp"
#include "tests/hub/hub_fixture.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// A hub that has a leader and projections, and one of them with a conflict.

namespace casebridge::hub::test {

using pipeline::Record;

// A leader with a connection for its projections.
struct Hub {
    Journal journal;
    libpq::Connection connection;
    Leadership leadership;
};

class ProjectorTest : public HubTest {
protected:
    asio::awaitable<Hub> open_hub()
    {
        auto journal = co_await Journal::open(options(), codec);
        auto leadership = co_await journal.lead("test");
        auto connection = co_await libpq::Connection::open(options());
        co_return Hub{std::move(journal), std::move(connection), std::move(leadership)};
    }

    Projector projector(Hub& hub) const { return {hub.connection, codec, bridge, hub.leadership}; }
    RecordStore store(Hub& hub) const { return {hub.connection, codec}; }

    static ProjectionBatch batch(std::int64_t from, std::int64_t to)
    {
        ProjectionBatch batch;
        batch.from = JournalSeq{from};
        batch.to = JournalSeq{to};
        return batch;
    }

    ProjectedRecord projected(const Record& record) const
    {
        ProjectedRecord projected;
        projected.record = &record;
        projected.golden.resize(bridge.model.entity(record.entity).fields.size());
        return projected;
    }

    static Record empty_person(std::int64_t id)
    {
        Record record;
        record.id = RecordId{id};
        record.entity = person;
        record.last_seq = RecordId{id}.value() > 0 ? JournalSeq{id} : JournalSeq{0};
        record.units.resize(7);
        return record;
    }

    static pipeline::Link link(MappingIndex table, std::string key)
    {
        return {
            .table = table,
            .key = LocalKey{std::move(key)},
            .state = pipeline::LinkState::reserved,
            .since = JournalSeq{1},
            .image = {},
            .unresolved = {}};
    }

    // Ids as text: initializer lists inside co_await expressions do not survive g++ 12.
    static std::string text(std::vector<RecordId> ids)
    {
        std::string text;
        for (const auto id : ids)
            text += (text.empty() ? "" : " ") + std::to_string(id.value());
        return text;
    }

    // What a demand finds, ascending.
    static asio::awaitable<std::string> found(RecordStore store, pipeline::Demand demand)
    {
        std::vector<RecordId> ids;
        for (const auto& record : co_await store.load(std::move(demand)))
            ids.push_back(record.id);
        std::ranges::sort(ids);
        co_return text(std::move(ids));
    }
};

// A record in conflict, the entry that says so, and the batch that projects both.
class ConflictTest : public ProjectorTest {
protected:
    ConflictTest()
    {
        RowRead row;
        row.agency = AgencyId{"es"};
        row.table = es_jobseeker;
        row.entity = person;
        row.key = LocalKey{"1"};
        row.record = RecordId{1};
        row.image.resize(4);
        ConflictNote note;
        note.unit = unit_birth_date;
        note.rule = "hold";
        note.versions = {version(1, "1990-01-01"), version(2, "1990-01-02")};
        row.conflicts = {note};
        entries_ = {
            {JournalSeq{1}, LaneReason{AgencyId{"es"}}},
            {JournalSeq{2}, row                       }
        };
        record_ = empty_person(1);
        record_.units[unit_birth_date.value()].open = note.versions;
        record_.refusals = {
            {sp_person, {"23514", "person_age_check"}}
        };
        record_.links = {link(es_jobseeker, "1")};
    }

    static Version version(std::int64_t seq, std::string date)
    {
        return {JournalSeq{seq}, AgencyId{seq == 1 ? "sp" : "es"}, {field(std::move(date))}, std::nullopt};
    }

    ProjectionBatch conflict_batch() const
    {
        auto all = batch(0, 2);
        all.records.push_back(projected(record_));
        all.records.back().held = {unit_birth_date};
        all.records.back().keys.identities = {
            {person, 0, Value{"12"}}
        };
        all.records.back().golden[0] = field("O'Neil");
        all.entries = entries_;
        return all;
    }

    // A third entry: a person decided the value of the unit in conflict.
    static Entry decision()
    {
        ValueDecided decided;
        decided.request = RequestId{7};
        decided.entity = person;
        decided.record = RecordId{1};
        decided.version.unit = unit_birth_date;
        decided.version.value = {field("1990-01-03")};
        decided.version.superseded = {JournalSeq{1}, JournalSeq{2}};
        decided.versions = {version(1, "1990-01-01"), version(2, "1990-01-02")};
        decided.conflict = ConflictPlace{JournalSeq{2}, 0};
        decided.rule = "hold";
        return {JournalSeq{3}, decided};
    }

    // With the decision, which is among entries_ by now; nothing is held any more.
    ProjectionBatch decided_batch() const
    {
        auto all = conflict_batch();
        all.to = JournalSeq{3};
        all.records.back().held = {};
        return all;
    }

    std::vector<Entry> entries_;
    Record record_;
};

}  // namespace casebridge::hub::test
