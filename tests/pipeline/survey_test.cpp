#include "pipeline/row_identity.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

namespace casebridge::pipeline {
namespace {

// An agency whose table is read in chunks while its stream goes on.
class Surveyor {
public:
    Surveyor(World& world, const std::string& table) : world_(world), table_(world.table(table))
    {
        world_.stream(table_.agency.value()).observe(&window_);
    }
    ~Surveyor() { world_.stream(table_.agency.value()).observe(nullptr); }

    void open() { window_.open(); }
    // The query: what the rows show now, seen by a snapshot.
    void query(const std::string& snapshot)
    {
        chunk_ = {};
        chunk_.table = table_.index;
        for (const auto& [row, image] : world_.agency(table_.agency.value()).rows)
            if (row.table == table_.index)
                chunk_.rows.push_back({row.key, image});
        chunk_.last = true;
        chunk_.snapshot = Snapshot::parse(snapshot);
    }
    SurveyReport merge()
    {
        for (;;) {
            const auto demand = survey_demand(world_.state(), chunk_);
            if (demand.empty())
                break;
            world_.answer_demand(demand);
        }
        EntryLog log{world_.state()};
        const auto report = merge_survey(chunk_, window_, log);
        world_.append(log);
        inform_lanes(world_.state(), world_.lanes(), log.entries(), std::nullopt);
        world_.end_step();
        return report;
    }

private:
    World& world_;
    const mapping::TableMapping& table_;
    SurveyWindow window_;
    SurveyChunk chunk_;
};

constexpr auto sees_all = "99999:99999:";

// A row that was there before anybody streamed.
void put_unlogged(World& world, const std::string& table, const std::string& key, const Columns& columns)
{
    world.edit(world.table(table).agency.value()).insert(table, key, columns).commit_unlogged();
}

TEST(Survey, RowsOfTwoAgenciesThatIdentifyOnePersonAreLinkedAndConflictsHeld)
{
    World world{sample_bridge(2)};
    put_unlogged(
        world,
        "a.person",
        "1",
        {
            {"number", "77"  },
            {"phone",  "100" },
            {"given",  "Anna"},
            {"family", "Berg"}
    }
    );
    put_unlogged(
        world,
        "b.person",
        "9",
        {
            {"number", "77" },
            {"phone",  "900"},
            {"status", "2"  }
    }
    );
    Surveyor a{world, "a.person"};
    a.open();
    a.query(sees_all);
    EXPECT_EQ(a.merge().merged, 1U);
    Surveyor b{world, "b.person"};
    b.open();
    b.query(sees_all);
    EXPECT_EQ(b.merge().merged, 1U);
    world.settle();
    EXPECT_EQ(only_key(world, "b.person"), "9");
    EXPECT_EQ(world.show("b.person", "9", "full_name"), "Berg, Anna");
    EXPECT_EQ(world.show("a.person", "1", "status"), "W");
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(phone_at(world, "b"), "900");
    ASSERT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.conflicts().front().verdict, Verdict::held);
}

TEST(Survey, ARowThatTheStreamTouchedInsideTheWindowIsLeftToTheStream)
{
    World world{sample_bridge(2)};
    world.settle();
    put_unlogged(
        world,
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"}
    }
    );
    Surveyor survey{world, "a.person"};
    survey.open();
    survey.query(sees_all);
    set_phone(world, "a", "200");
    world.read("a");
    const auto report = survey.merge();
    EXPECT_EQ(report.left_to_stream, 1U);
    EXPECT_EQ(report.merged, 0U);
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST(Survey, ATransactionThatTheQueryDidNotSeeIsNotUndoneHoweverEarlyItWasRead)
{
    World world{sample_bridge(2)};
    world.settle();
    put_unlogged(
        world,
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"}
    }
    );
    Surveyor survey{world, "a.person"};
    survey.query("0:1:");
    world.erase("a.person", "1");
    world.read("a");
    survey.open();
    EXPECT_EQ(survey.merge().left_to_stream, 1U);
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
}

TEST(Survey, WhatTheStreamTouchedInsideAWindowIsNotLeftToItForEver)
{
    auto world = linked();
    Surveyor survey{world, "a.person"};
    survey.open();
    set_phone(world, "a", "200");
    world.read("a");
    survey.query(sees_all);
    EXPECT_EQ(survey.merge().left_to_stream, 1U);
    survey.query(sees_all);
    EXPECT_EQ(survey.merge().left_to_stream, 0U);
}

enum class Truncation { inside_the_window, before_it_and_unseen };

// Two rows are there; how many are left to the stream when the table is truncated behind the query's back.
std::size_t left_when_truncated(Truncation truncation)
{
    const bool window_is_open = truncation == Truncation::inside_the_window;
    World world{sample_bridge(2)};
    world.settle();
    for (const std::string key : {"1", "2"})
        put_unlogged(
            world,
            "a.person",
            key,
            {
                {"number", key}
        }
        );
    Surveyor survey{world, "a.person"};
    if (window_is_open)
        survey.open();
    survey.query(window_is_open ? sees_all : "0:1:");
    world.edit("a").truncate("a.person").commit();
    world.read("a");
    if (!window_is_open)
        survey.open();
    const auto left = survey.merge().left_to_stream;
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    return left;
}

TEST(Survey, RowsOfATableThatWasTruncatedInsideTheWindowAreLeftToTheStream)
{
    EXPECT_EQ(left_when_truncated(Truncation::inside_the_window), 2U);
}

TEST(Survey, RowsOfATableWhoseTruncationTheQueryDidNotSeeAreLeftToTheStream)
{
    EXPECT_EQ(left_when_truncated(Truncation::before_it_and_unseen), 2U);
}

TEST(Survey, AKnownRowThatDiffersWithoutAStreamEventIsReportedAndNotAdopted)
{
    auto world = linked();
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"phone", "999"}
    }
        )
        .commit_unlogged();
    Surveyor survey{world, "a.person"};
    survey.open();
    survey.query(sees_all);
    const auto report = survey.merge();
    EXPECT_EQ(report.different, 1U);
    EXPECT_EQ(report.merged, 0U);
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
}

// The transaction that gave the row its key is read again after the survey, as after a slot was set back.
TEST(Survey, ARowThatItReadUnderTheNewKeyStaysThePersonWhenTheStreamShowsTheRename)
{
    World world{sample_bridge(2)};
    world.settle();
    put_unlogged(
        world,
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"}
    }
    );
    world.edit("a").rename("a.person", "1", "3").commit();
    Surveyor survey{world, "a.person"};
    survey.open();
    survey.query(sees_all);
    EXPECT_EQ(survey.merge().merged, 1U);
    world.settle();
    EXPECT_TRUE(world.state().parked.empty());
    EXPECT_EQ(world.all_records().size(), 1U);
    world.update(
        "a.person",
        "3",
        {
            {"phone", "200"}
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST(Survey, AKnownRowThatShowsItsImageCausesNoEntry)
{
    auto world = linked();
    Surveyor survey{world, "b.person"};
    survey.open();
    survey.query(sees_all);
    const auto before = count<RowRead>(world);
    EXPECT_EQ(survey.merge().merged, 0U);
    EXPECT_EQ(count<RowRead>(world), before);
}

TEST(Snapshot, TellsWhatAQuerySaw)
{
    const auto snapshot = Snapshot::parse("100:110:102,105");
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(snapshot->sees(Xid{99}));
    EXPECT_TRUE(snapshot->sees(Xid{101}));
    EXPECT_FALSE(snapshot->sees(Xid{102}));
    EXPECT_FALSE(snapshot->sees(Xid{105}));
    EXPECT_TRUE(snapshot->sees(Xid{109}));
    EXPECT_FALSE(snapshot->sees(Xid{110}));
}

TEST(Snapshot, TellsItAcrossTheWrapOfTransactionIds)
{
    const auto snapshot = Snapshot::parse("4294967290:4294967300:4294967298");
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(snapshot->sees(Xid{4294967295U}));
    EXPECT_TRUE(snapshot->sees(Xid{3}));
    EXPECT_FALSE(snapshot->sees(Xid{2}));
    EXPECT_FALSE(snapshot->sees(Xid{4}));
}

TEST(Snapshot, RefusesEveryOtherText)
{
    for (const auto* text :
         {"", "1", "1:", "1:2", "1::", ":2:", "1:x:", "2:1:", "1:2:x", "1:2:1,", "1:2:1,,", "a:b:", "1:2:1 "})
        EXPECT_FALSE(Snapshot::parse(text)) << text;
}

// Nobody knows when it was entered: perhaps long before the deletion.
TEST(Survey, ARowThatItMeetsIsNoReturnOfARecordThatIsDeleted)
{
    auto bridge = sample_bridge(3);
    bridge.on_delete.insert_or_assign(person_entity, conflict::PropagateDelete{});
    for (auto& table : bridge.tables)
        table.remote_delete = mapping::RemoteDelete::permitted;
    table_named(bridge, "c.person").create_when = mapping::CreateNever{};
    auto world = linked(std::move(bridge));
    put_unlogged(
        world,
        "c.person",
        "9",
        {
            {"number", "77" },
            {"phone",  "900"}
    }
    );
    world.erase("a.person", "1");
    world.settle();
    world.insert(
        "a.household",
        "50",
        {
            {"code", "h5"}
    }
    );
    world.settle();  // c has been told of everything up to here.
    Surveyor survey{world, "c.person"};
    survey.open();
    survey.query(sees_all);
    (void)survey.merge();
    world.settle();
    EXPECT_TRUE(world.keys("a.person").empty());
    EXPECT_TRUE(world.keys("b.person").empty());
    const LinkKey met{world.table("c.person").index, LocalKey{"9"}};
    ASSERT_TRUE(world.state().parked.contains(met));
    EXPECT_EQ(world.state().parked.at(met).newest.code, record_deleted);
    EXPECT_TRUE(world.has_row("c.person", "9"));
}

}  // namespace
}  // namespace casebridge::pipeline
