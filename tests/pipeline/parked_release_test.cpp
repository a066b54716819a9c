#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// How parked rows leave: with their table, by a survey, beside a conflict.

namespace casebridge::pipeline {
namespace {

void spoil(World& world)
{
    world.update(
        "a.person",
        "1",
        {
            {"status", "?"}
    }
    );
    world.read("a");
}

// The projections learn of it by the entry alone.
TEST(ParkedRelease, OfATruncatedTableIsJournalled)
{
    auto world = linked();
    spoil(world);
    ASSERT_EQ(world.state().parked.size(), 1U);
    world.edit("a").truncate("a.person").commit();
    world.read("a");
    EXPECT_TRUE(world.state().parked.empty());
    const auto released = world.entries<ParkedReleased>();
    ASSERT_EQ(released.size(), 1U);
    EXPECT_EQ(released.front().key, LocalKey{"1"});
}

// The stream never sends the value of a large column that an update left alone; a survey reads it.
TEST(ParkedRelease, OfARowWhoseFirstUpdateLeftALargeValueOutIsTheSurveysWork)
{
    World world{sample_bridge(2)};
    world.settle();
    world.edit("a")
        .insert(
            "a.person",
            "1",
            {
                {"number", "77" },
                {"phone",  "100"}
    }
        )
        .commit_unlogged();
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"status", "W"}
    },
            {"phone"}
        )
        .commit();
    SurveyWindow window;
    world.stream("a").observe(&window);
    world.read("a");
    ASSERT_EQ(world.state().parked.size(), 1U);
    SurveyChunk chunk;
    chunk.table = world.table("a.person").index;
    chunk.rows.push_back({LocalKey{"1"}, world.agency("a").rows.at({chunk.table, LocalKey{"1"}})});
    chunk.last = true;
    chunk.snapshot = Snapshot::parse("99999:99999:");
    window.open();
    world.answer_demand(survey_demand(world.state(), chunk));
    EntryLog log{world.state()};
    EXPECT_EQ(merge_survey(chunk, window, log).merged, 1U);
    world.append(log);
    world.stream("a").observe(nullptr);
    EXPECT_TRUE(world.state().parked.empty());
    EXPECT_EQ(world.all_records().size(), 0U);
    world.end_step();
    EXPECT_EQ(world.all_records().size(), 1U);
}

// The chunk that the stream interfered with is read again from there: nobody else would ever show the value.
// A survey of a's persons while the stream goes on: one row, which no stream event has shown.
class SurveyedWorld {
public:
    SurveyedWorld() : table_(world.table("a.person").index)
    {
        world.settle();
        world.edit("a")
            .insert(
                "a.person",
                "1",
                Columns{
                    Column{"number", "77" },
                    Column{"phone",  "100"}
        }
            )
            .commit_unlogged();
        world.stream("a").observe(&window_);
    }
    SurveyedWorld(const SurveyedWorld&) = delete;
    SurveyedWorld& operator=(const SurveyedWorld&) = delete;
    ~SurveyedWorld() { world.stream("a").observe(nullptr); }

    // The last chunk of the table, read now.
    [[nodiscard]] SurveyChunk chunk()
    {
        window_.open();
        SurveyChunk chunk;
        chunk.table = table_;
        for (const auto& [row, image] : world.agency("a").rows)
            if (row.table == table_)
                chunk.rows.push_back({row.key, image});
        chunk.last_key = chunk.rows.back().key;
        chunk.last = true;
        chunk.snapshot = Snapshot::parse("99999:99999:");
        return chunk;
    }

    // What the stream showed since the chunk was read is known by now. Returns how many rows became known.
    std::size_t merge(const SurveyChunk& chunk)
    {
        world.read("a");
        world.answer_demand(survey_demand(world.state(), chunk));
        EntryLog log{world.state()};
        const auto report = merge_survey(chunk, window_, log);
        world.append(log);
        world.end_step();
        return report.merged;
    }

    [[nodiscard]] const TableState& progress() { return world.state().tables[table_.value()]; }

    World world{sample_bridge(2)};

private:
    MappingIndex table_;
    SurveyWindow window_;
};

const Columns working{
    Column{"status", "W"}
};

TEST(ParkedRelease, OfARowThatTheStreamShowedInPartDuringItsChunkIsTheNextChunksWork)
{
    SurveyedWorld survey;
    const auto chunk = survey.chunk();
    survey.world.edit("a").update("a.person", "1", working, {"phone"}).commit();
    EXPECT_EQ(survey.merge(chunk), 0U);
    EXPECT_EQ(survey.progress().survey, SurveyState::running);
    EXPECT_EQ(survey.progress().surveyed_to, std::nullopt);
    EXPECT_EQ(survey.merge(survey.chunk()), 1U);
    EXPECT_EQ(survey.progress().survey, SurveyState::complete);
    EXPECT_TRUE(survey.world.state().parked.empty());
}

// Under its new key no chunk has looked for it.
TEST(ParkedRelease, OfARowThatGotAnotherKeyDuringItsChunkIsAnotherSurveysWork)
{
    SurveyedWorld survey;
    const auto chunk = survey.chunk();
    survey.world.edit("a").rename("a.person", "1", "0", working, {"phone"}).commit();
    EXPECT_EQ(survey.merge(chunk), 0U);
    EXPECT_EQ(survey.progress().survey, SurveyState::running);
    EXPECT_EQ(survey.progress().surveyed_to, std::nullopt);
    EXPECT_EQ(survey.merge(survey.chunk()), 1U);
    EXPECT_EQ(survey.progress().survey, SurveyState::complete);
    EXPECT_TRUE(survey.world.state().parked.empty());
}

TEST(ParkedRelease, ByAChangeInConflictLeavesTheConflictsNamesRight)
{
    auto world = linked();
    spoil(world);
    set_phone(world, "b", "900");
    world.read("b");
    world.update(
        "a.person",
        "1",
        {
            {"status", "S"  },
            {"phone",  "200"}
    }
    );
    world.read("a");
    std::size_t conflicts = 0;
    for (const auto& entry : world.journal())
        if (const auto* read = std::get_if<RowRead>(&entry.body))
            for (const auto& conflict : read->conflicts) {
                ++conflicts;
                EXPECT_EQ(conflict.versions.back().seq, entry.seq);
                EXPECT_EQ(conflict.winner, entry.seq);
            }
    EXPECT_EQ(conflicts, 1U);
}

TEST(ParkedRelease, ByAParentLeavesARowThatTheSameTransactionRenamesToItsOwnTurn)
{
    auto bridge = sample_bridge(2);
    require_household(bridge);
    World world{std::move(bridge)};
    world.settle();
    world.insert(
        "a.person",
        "1",
        {
            {"number",       "77" },
            {"phone",        "100"},
            {"household_id", "40" }
    }
    );
    world.settle();
    ASSERT_EQ(count<RowParked>(world), 1U);
    world.edit("a")
        .insert(
            "a.household",
            "40",
            {
                {"code", "H1"}
    }
        )
        .rename("a.person", "1", "2")
        .commit();
    world.settle();
    EXPECT_TRUE(world.state().parked.empty());
    EXPECT_EQ(phone_at(world, "b"), "100");
    set_phone(world, "b", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "200");
}

}  // namespace
}  // namespace casebridge::pipeline
