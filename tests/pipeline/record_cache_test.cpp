#include "pipeline/record_cache.hpp"

#include "tests/pipeline/sample_bridge.hpp"

#include <gtest/gtest.h>

// What of a changed record has to be written to the hub's projections.

namespace casebridge::pipeline {
namespace {

class ProjectionNeedTest : public testing::Test {
protected:
    ProjectionNeedTest()
    {
        Record record;
        record.id = id_;
        record.entity = person_entity;
        record.units.resize(bridge_.model.entity(person_entity).units.size());
        records_.insert(std::move(record));
        set(person::number, "77");
        link(LinkState::live);
        project();
    }

    void set(UnitIndex unit, const std::string& value)
    {
        records_.change(id_, [&](Record& record) {
            record.last_seq = next();
            record.units[unit.value()].open = {
                {record.last_seq, AgencyId{"a"}, UnitValue{Value{value}}, std::nullopt}
            };
        });
    }

    void link(LinkState state)
    {
        records_.change(id_, [&](Record& record) {
            record.last_seq = next();
            record.links = {
                {MappingIndex{0}, LocalKey{"1"}, state, record.last_seq, {}, {}}
            };
        });
    }

    void project() { records_.projected(seq_); }
    JournalSeq next() { return seq_ = JournalSeq{seq_.value() + 1}; }
    [[nodiscard]] ProjectionNeed need() const { return records_.projection_need(id_); }

    BridgeDefinition bridge_ = sample_bridge(2);
    RecordCache records_{bridge_};
    RecordId id_{1};
    JournalSeq seq_{1};
};

TEST_F(ProjectionNeedTest, IsTheRecordAloneWhenAValueChanges)
{
    set(person::phone, "100");
    EXPECT_EQ(need(), ProjectionNeed::record_only);
}

TEST_F(ProjectionNeedTest, IsEverythingForARecordThatTheHubDoesNotHave)
{
    Record record;
    record.id = RecordId{2};
    record.entity = person_entity;
    record.units.resize(bridge_.model.entity(person_entity).units.size());
    records_.insert(std::move(record));
    EXPECT_EQ(records_.projection_need(RecordId{2}), ProjectionNeed::everything);
}

TEST_F(ProjectionNeedTest, CoversTheSurroundingsWhenAnIdentityChanges)
{
    set(person::number, "78");
    EXPECT_EQ(need(), ProjectionNeed::surrounding);
}

TEST_F(ProjectionNeedTest, CoversTheSurroundingsWhenALinkChanges)
{
    link(LinkState::ended);
    EXPECT_EQ(need(), ProjectionNeed::surrounding);
}

TEST_F(ProjectionNeedTest, CoversTheSurroundingsBeforeAndAfterAHold)
{
    const auto versions = [&](std::size_t count) {
        records_.change(id_, [&](Record& record) {
            record.last_seq = next();
            auto& open = record.units[person::phone.value()].open;
            open.clear();
            for (std::size_t i = 0; i < count; ++i)
                open.push_back({next(), AgencyId{"a"}, UnitValue{Value{std::to_string(i)}}, std::nullopt});
        });
    };
    versions(2);
    EXPECT_EQ(need(), ProjectionNeed::surrounding);
    project();
    EXPECT_EQ(need(), ProjectionNeed::record_only);
    versions(1);
    EXPECT_EQ(need(), ProjectionNeed::surrounding);
}

TEST_F(ProjectionNeedTest, CoversTheSurroundingsBeforeAndAfterARefusal)
{
    const auto refuse = [&](std::vector<TableRefusal> refusals) {
        records_.change(id_, [&](Record& record) {
            record.last_seq = next();
            record.refusals = std::move(refusals);
        });
    };
    refuse({
        {MappingIndex{0}, {"23514", "check"}}
    });
    EXPECT_EQ(need(), ProjectionNeed::surrounding);
    project();
    refuse({});
    EXPECT_EQ(need(), ProjectionNeed::surrounding);
}

TEST_F(ProjectionNeedTest, OfWhatChangedWhileItWasWrittenCoversTheSurroundings)
{
    link(LinkState::ended);
    const auto written = seq_;
    set(person::phone, "100");
    records_.projected(written);
    EXPECT_EQ(need(), ProjectionNeed::surrounding);
    project();
    EXPECT_EQ(need(), ProjectionNeed::record_only);
}

TEST_F(ProjectionNeedTest, TheKeyOfARowThatIsGoneMayBeAnothersInTheHub)
{
    const LinkKey row{MappingIndex{0}, LocalKey{"1"}};
    EXPECT_TRUE(records_.knows(row));
    records_.truncated(row.table, next());
    EXPECT_FALSE(records_.knows(row));
    link(LinkState::ended);
    EXPECT_FALSE(records_.knows(row));
}

TEST(RecordCache, ShrinksToItsBoundAndKeepsWhatTheHubDoesNotHave)
{
    const auto bridge = sample_bridge(2);
    RecordCache records{bridge};
    constexpr std::int64_t count = 10;
    for (std::int64_t id = 1; id <= count; ++id) {
        Record record;
        record.id = RecordId{id};
        record.entity = person_entity;
        record.units.resize(bridge.model.entity(person_entity).units.size());
        records.insert(std::move(record));
        records.change(RecordId{id}, [&](Record& changed) { changed.last_seq = JournalSeq{id}; });
    }
    records.shrink(0);
    EXPECT_EQ(records.size(), 10u) << "none is projected";

    records.projected(JournalSeq{7});
    records.shrink(5);
    EXPECT_EQ(records.size(), 5u);
    records.shrink(0);
    ASSERT_EQ(records.size(), 3u);
    for (const std::int64_t id : {8, 9, 10})
        EXPECT_TRUE(records.knows(RecordId{id}));
}

TEST_F(ProjectionNeedTest, ARecordInMemoryIsKnownWithoutAsking)
{
    EXPECT_TRUE(records_.knows(id_));
    EXPECT_FALSE(records_.knows(RecordId{99}));
    Demand demand;
    demand.records.emplace_back(99);
    records_.answer(demand, {});
    EXPECT_TRUE(records_.knows(RecordId{99}));
    records_.forget_questions();
    EXPECT_FALSE(records_.knows(RecordId{99}));
}

}  // namespace
}  // namespace casebridge::pipeline
