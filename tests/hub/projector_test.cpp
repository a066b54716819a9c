#include "hub/projector.hpp"

#include "hub/failure.hpp"
#include "tests/hub/projector_fixture.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace casebridge::hub {
namespace {

using pipeline::IdentityKey;
using pipeline::LinkKey;
using pipeline::Record;
using test::ProjectorTest;
using test::asio::awaitable;

pipeline::Demand by_records(std::vector<RecordId> ids)
{
    pipeline::Demand demand;
    demand.records = std::move(ids);
    return demand;
}

pipeline::Demand by_link(MappingIndex table, const char* key)
{
    pipeline::Demand demand;
    demand.links = {
        {table, LocalKey{key}}
    };
    return demand;
}

pipeline::Demand by_identity(IdentityKey identity)
{
    pipeline::Demand demand;
    demand.identities = {std::move(identity)};
    return demand;
}

pipeline::Demand by_target(RecordId target)
{
    pipeline::Demand demand;
    demand.referrers_of = {target};
    return demand;
}

TEST_F(ProjectorTest, LoadingGivesBackExactlyWhatWasProjected)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        std::map<RecordId, Record> records;
        auto first = batch(0, 1'000);
        auto demand = by_records({});
        for (std::int64_t id = 1; id <= 300; ++id) {
            const auto& record = records[RecordId{id}] = draw.record(RecordId{id}, JournalSeq{id});
            first.records.push_back(projected(record));
            demand.records.push_back(record.id);
            for (const auto& link : record.links)
                demand.links.push_back({link.table, link.key});
        }
        co_await projector(hub).write(std::move(first));
        demand.records.emplace_back(4'711);
        const auto loaded = co_await store(hub).load(demand);
        EXPECT_EQ(loaded.size(), records.size());
        for (const auto& record : loaded)
            EXPECT_TRUE(record == records[record.id]) << record.id.value();

        // The same records changed.
        auto second = batch(1'000, 2'000);
        for (auto& [id, record] : records)
            second.records.push_back(projected(record = draw.record(id, JournalSeq{id.value() + 1'000})));
        co_await projector(hub).write(std::move(second));
        for (const auto& record : co_await store(hub).load(demand))
            EXPECT_TRUE(record == records[record.id]) << record.id.value();
        EXPECT_EQ(value("SELECT count(*) FROM casebridge.record"), "300");
        EXPECT_EQ(value("SELECT projected_seq FROM casebridge.projection"), "2000");
    });
}

TEST_F(ProjectorTest, ARecordIsFoundByWhatItHasNowAndNotByWhatItHad)
{
    const IdentityKey old_key{test::person, 0, Value{"1\"2\\"}};
    const IdentityKey new_key{test::person, 0, Value{"34"}};
    const IdentityKey other_rule{test::person, 1, Value{"34"}};
    const IdentityKey long_key{test::person, 1, Value{std::string(100'000, 'x')}};
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        auto one = empty_person(1);
        one.links = {link(test::sp_person, "a"), link(test::es_jobseeker, "a")};
        auto first = batch(0, 1);
        first.records.push_back(projected(one));
        first.records.back().keys = {
            {old_key,      long_key    },
            {RecordId{50}, RecordId{51}}
        };
        co_await projector(hub).write(std::move(first));
        const auto reader = store(hub);
        EXPECT_EQ(co_await found(reader, by_identity(old_key)), "1");
        EXPECT_EQ(co_await found(reader, by_identity(long_key)), "1");
        EXPECT_EQ(co_await found(reader, by_link(test::es_jobseeker, "a")), "1");
        EXPECT_EQ(co_await found(reader, by_target(RecordId{50})), "1");

        // The row of `sp` goes over to a second record in the same batch.
        one.links = {link(test::es_jobseeker, "b")};
        auto two = empty_person(2);
        two.links = {link(test::sp_person, "a")};
        auto second = batch(1, 2);
        second.records.push_back(projected(one));
        second.records.back().keys = {
            {new_key, long_key},
            {RecordId{51}      }
        };
        second.records.push_back(projected(two));
        co_await projector(hub).write(std::move(second));
        EXPECT_EQ(co_await found(reader, by_identity(old_key)), "");
        EXPECT_EQ(co_await found(reader, by_identity(new_key)), "1");
        EXPECT_EQ(co_await found(reader, by_identity(other_rule)), "");
        EXPECT_EQ(co_await found(reader, by_identity(long_key)), "1");
        EXPECT_EQ(co_await found(reader, by_link(test::sp_person, "a")), "2");
        EXPECT_EQ(co_await found(reader, by_link(test::es_jobseeker, "a")), "");
        EXPECT_EQ(co_await found(reader, by_link(test::es_jobseeker, "b")), "1");
        EXPECT_EQ(co_await found(reader, by_target(RecordId{50})), "");
        EXPECT_EQ(co_await found(reader, by_target(RecordId{51})), "1");
    });
    EXPECT_EQ(value("SELECT count(*) FROM casebridge.identity"), "2");
}

TEST_F(ProjectorTest, OneIdentityMayBelongToSeveralRecords)
{
    const IdentityKey shared{test::person, 0, Value{"12"}};
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        const auto one = empty_person(1);
        const auto two = empty_person(2);
        auto first = batch(0, 2);
        for (const auto* record : {&one, &two}) {
            first.records.push_back(projected(*record));
            first.records.back().keys.identities = {shared};
        }
        co_await projector(hub).write(std::move(first));
        EXPECT_EQ(co_await found(store(hub), by_identity(shared)), "1 2");
    });
}

TEST_F(ProjectorTest, WhatADaemonStartsFromIsGivenBack)
{
    auto parked = std::get<RowParked>(draw.body(3, JournalSeq{5}));
    parked.table = test::sp_person;
    parked.agency = AgencyId{"sp"};
    parked.image = std::nullopt;
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        auto waiting = empty_person(1);
        waiting.links = {link(test::sp_person, "1")};
        waiting.links[0].state = pipeline::LinkState::live;
        waiting.links[0].image = {std::nullopt, std::nullopt, std::nullopt, std::nullopt, test::field("H 1")};
        waiting.links[0].unresolved = {test::unit_household};
        auto first = batch(0, 9);
        first.records.push_back(projected(waiting));
        first.parked = {
            {{parked.table, parked.key}, 3, parked}
        };
        first.agencies = {
            {AgencyId{"es"}, {Lsn{77}, JournalSeq{4}, true, SourcePosition{Lsn{80}, 5}}},
            {AgencyId{"sp"}, {}                                                        }
        };
        first.tables = {
            {test::es_jobseeker, {SurveyState::complete, std::nullopt, JournalSeq{3}}},
            {test::sp_person,    {SurveyState::running, LocalKey{"k"}, std::nullopt} }
        };
        const auto agencies = first.agencies;
        const auto tables = first.tables;
        co_await projector(hub).write(std::move(first));

        const auto state = co_await store(hub).load_state();
        EXPECT_EQ(state.agencies, agencies);
        EXPECT_EQ(state.tables, tables);
        EXPECT_EQ(state.projected_seq, JournalSeq{9});
        EXPECT_EQ(state.incarnation, hub.leadership.incarnation);
        const WaitingRecord expected{
            {test::sp_household, LocalKey{"H 1"}},
            RecordId{1                 }
        };
        EXPECT_EQ(state.waiting, std::vector{expected});
        EXPECT_EQ(state.parked.size(), 1U);
        EXPECT_EQ(state.parked.at(0).count, 3U);
        EXPECT_TRUE(test::same(state.parked.at(0).newest, parked));

        waiting.links[0].unresolved.clear();
        auto second = batch(9, 10);
        second.records.push_back(projected(waiting));
        second.released = {
            {parked.table, parked.key}
        };
        co_await projector(hub).write(std::move(second));
        const auto later = co_await store(hub).load_state();
        EXPECT_TRUE(later.waiting.empty());
        EXPECT_TRUE(later.parked.empty());
        EXPECT_EQ(later.agencies, agencies);
    });
}

TEST_F(ProjectorTest, OfARecordOnlyWhatItNeedsIsWritten)
{
    using pipeline::ProjectionNeed;
    const IdentityKey old_key{test::person, 0, Value{"12"}};
    const IdentityKey new_key{test::person, 0, Value{"34"}};
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        auto person = empty_person(1);
        person.links = {link(test::sp_person, "a")};
        const auto write = [&](std::int64_t seq, ProjectionNeed need, const IdentityKey& key
                           ) -> awaitable<void> {
            person.last_seq = JournalSeq{seq};
            auto next = batch(seq - 1, seq);
            next.records.push_back(projected(person));
            next.records.back().need = need;
            next.records.back().keys = {{key}, {}};
            co_await projector(hub).write(std::move(next));
        };
        const auto reader = store(hub);
        co_await write(1, ProjectionNeed::everything, old_key);
        EXPECT_EQ(co_await found(reader, by_identity(old_key)), "1");
        EXPECT_EQ(co_await found(reader, by_link(test::sp_person, "a")), "1");
        // Nobody asked for the surroundings: they stay as they are, the record does not.
        co_await write(2, ProjectionNeed::record_only, new_key);
        EXPECT_EQ(co_await found(reader, by_identity(old_key)), "1");
        EXPECT_EQ(co_await found(reader, by_identity(new_key)), "");
        const auto stored = co_await hub.connection.execute("SELECT last_seq FROM casebridge.record");
        EXPECT_EQ(stored.text(0, 0), "2");
        co_await write(3, ProjectionNeed::surrounding, new_key);
        EXPECT_EQ(co_await found(reader, by_identity(old_key)), "");
        EXPECT_EQ(co_await found(reader, by_identity(new_key)), "1");
    });
}

TEST_F(ProjectorTest, AnEndedLinkLeavesItsKeyToTheRecordThatHasItNow)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        auto gone = empty_person(1);
        gone.links = {link(test::sp_person, "a")};
        gone.links[0].state = pipeline::LinkState::ended;
        auto there = empty_person(2);
        there.links = {link(test::sp_person, "a")};
        const auto reader = store(hub);

        auto both = batch(0, 2);
        both.records.push_back(projected(there));
        both.records.push_back(projected(gone));
        co_await projector(hub).write(std::move(both));
        EXPECT_EQ(co_await found(reader, by_link(test::sp_person, "a")), "2");

        auto alone = batch(2, 3);
        alone.records.push_back(projected(gone));
        co_await projector(hub).write(std::move(alone));
        EXPECT_EQ(co_await found(reader, by_link(test::sp_person, "a")), "2");
    });
}

TEST_F(ProjectorTest, ALinkOfATruncatedTableLeavesItsKeyToTheRecordThatHasItNow)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        auto gone = empty_person(1);
        gone.links = {link(test::sp_person, "a")};
        auto there = empty_person(2);
        there.links = {link(test::sp_person, "a")};
        there.links[0].since = JournalSeq{gone.links[0].since.value() + 1};
        const auto reader = store(hub);
        auto first = batch(0, 2);
        first.records.push_back(projected(there));
        co_await projector(hub).write(std::move(first));
        auto second = batch(2, 3);
        second.records.push_back(projected(gone));
        co_await projector(hub).write(std::move(second));
        EXPECT_EQ(co_await found(reader, by_link(test::sp_person, "a")), "2");
    });
}

TEST_F(ProjectorTest, RecordsThatSwapKeysAreFoundUnderTheNewOnes)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        auto one = empty_person(1);
        auto two = empty_person(2);
        const auto write = [&](std::int64_t to, const std::string& key_of_one, const std::string& key_of_two
                           ) -> awaitable<void> {
            one.links = {link(test::sp_person, key_of_one)};
            two.links = {link(test::sp_person, key_of_two)};
            two.links[0].since = JournalSeq{one.links[0].since.value() + 1};
            auto next = batch(to - 1, to);
            next.records.push_back(projected(one));
            next.records.push_back(projected(two));
            co_await projector(hub).write(std::move(next));
        };
        co_await write(1, "a", "b");
        co_await write(2, "b", "a");
        const auto reader = store(hub);
        EXPECT_EQ(co_await found(reader, by_link(test::sp_person, "a")), "2");
        EXPECT_EQ(co_await found(reader, by_link(test::sp_person, "b")), "1");
    });
}

TEST_F(ProjectorTest, RecordsAreListedByIdByLackAndByChange)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        std::vector<Record> records;
        for (std::int64_t id = 1; id <= 5; ++id)
            records.push_back(empty_person(id));
        auto first = batch(0, 0);
        for (const auto& record : records) {
            first.records.push_back(projected(record));
            if (record.id.value() % 2 == 0)
                first.records.back().lacking = {AgencyId{"es"}, AgencyId{"sp"}};
        }
        co_await projector(hub).write(std::move(first));
        auto reader = store(hub);
        EXPECT_EQ(text(co_await reader.records_after(RecordId{0}, 3)), "1 2 3");
        EXPECT_EQ(text(co_await reader.records_after(RecordId{3}, 3)), "4 5");
        EXPECT_EQ(text(co_await reader.records_lacking(AgencyId{"es"}, RecordId{0}, 10)), "2 4");
        EXPECT_EQ(text(co_await reader.records_lacking(AgencyId{"es"}, RecordId{2}, 10)), "4");
        EXPECT_EQ(text(co_await reader.records_lacking(AgencyId{"xx"}, RecordId{0}, 10)), "");

        std::vector<Entry> changes;
        const auto released = [&](std::int64_t record) {
            const auto seq = static_cast<std::int64_t>(changes.size()) + 1;
            changes.push_back({
                JournalSeq{seq              },
                DeliveryReleased{ AgencyId{"sp"}, test::sp_person, RecordId{record}}
            });
        };
        for (const auto record : {3, 1, 3, 2})
            released(record);
        changes.push_back({JournalSeq{5}, LaneReason{AgencyId{"sp"}}});
        co_await hub.journal.append(changes);
        const auto all = co_await reader.records_changed_since(JournalSeq{0}, 100);
        const std::vector<ChangedRecord> expected{
            {RecordId{1}, JournalSeq{2}},
            {RecordId{3}, JournalSeq{3}},
            {RecordId{2}, JournalSeq{4}}
        };
        EXPECT_EQ(all.records, expected);
        EXPECT_EQ(all.read_to, JournalSeq{5});
        const auto part = co_await reader.records_changed_since(JournalSeq{1}, 1);
        EXPECT_EQ(
            part.records,
            (std::vector<ChangedRecord>{
                {RecordId{1}, JournalSeq{2}}
        })
        );
        EXPECT_EQ(part.read_to, JournalSeq{2});
        EXPECT_EQ((co_await reader.records_changed_since(JournalSeq{5}, 9)).read_to, JournalSeq{5});
    });
}

TEST_F(ProjectorTest, ALaterLeaderFencesProjectionsToo)
{
    run([&]() -> awaitable<void> {
        auto hub = co_await open_hub();
        auto writer = projector(hub);
        co_await writer.write(batch(0, 5));
        const auto refused = [&](ProjectionBatch given) -> awaitable<std::string> {
            try {
                co_await writer.write(std::move(given));
            } catch (const LeadershipLost& lost) {
                co_return lost.error().place;
            }
            co_return "";
        };
        EXPECT_EQ(co_await refused(batch(4, 6)), "projection");
        auto other = co_await libpq::Connection::open(options());
        co_await take_epoch(other, "new");
        const auto record = empty_person(1);
        auto late = batch(5, 6);
        late.records.push_back(projected(record));
        EXPECT_EQ(co_await refused(std::move(late)), "projection");
    });
    EXPECT_EQ(value("SELECT projected_seq FROM casebridge.projection"), "5");
    EXPECT_EQ(value("SELECT count(*) FROM casebridge.record"), "0");
}

}  // namespace
}  // namespace casebridge::hub
