#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// Deletions that cross something on its way: histories that the simulator found.

namespace casebridge::pipeline {
namespace {

BridgeDefinition with_delete(conflict::DeleteRule rule)
{
    auto bridge = sample_bridge(2);
    for (const auto entity : {person_entity, household_entity})
        bridge.on_delete.insert_or_assign(entity, rule);
    for (auto& table : bridge.tables)
        table.remote_delete = mapping::RemoteDelete::permitted;
    return bridge;
}

BridgeDefinition propagating()
{
    return with_delete(conflict::PropagateDelete{});
}

const Record& only_record(World& world)
{
    return world.load(world.all_records().front());
}

void enter(World& world, const std::string& table, const std::string& key, const std::string& phone)
{
    world.insert(
        table,
        key,
        {
            {"number", "77" },
            {"phone",  phone}
    }
    );
}

// The update's refusal says nothing of the deletion.
TEST(DeletionCrossing, AnUpdateThatIsRefusedMeanwhileDoesNotKeepTheRow)
{
    auto world = linked(propagating());
    const auto key = only_key(world, "b.person");
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.erase("a.person", "1");
    world.read("a");
    world.agency("b").refusing.insert({world.table("b.person").index, LocalKey{key}});
    world.execute("b");
    world.agency("b").refusing.clear();
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    EXPECT_TRUE(only_record(world).refusals.empty());
}

// Somebody at b enters the person and deletes it again, while our own insert is on its way.
World crossed_insert(conflict::DeleteRule rule)
{
    World world{with_delete(std::move(rule))};
    world.settle();
    enter(world, "a.person", "1", "100");
    world.read("a");
    EXPECT_TRUE(world.plan("b"));
    enter(world, "b.person", "50", "500");
    world.erase("b.person", "50");
    world.execute("b");
    world.settle();
    return world;
}

TEST(DeletionCrossing, AnInsertOfOursIsNobodysComingBack)
{
    auto world = crossed_insert(conflict::PropagateDelete{});
    EXPECT_TRUE(world.keys("a.person").empty());
    EXPECT_TRUE(world.keys("b.person").empty());
}

TEST(DeletionCrossing, AHeldDeletionStaysHeldThoughOurInsertCrossedIt)
{
    auto world = crossed_insert(conflict::HoldDelete{});
    EXPECT_EQ(world.keys("a.person").size(), 1U);
    EXPECT_EQ(world.keys("b.person").size(), 1U);
    ASSERT_TRUE(only_record(world).departure.has_value());
    EXPECT_EQ(only_record(world).departure->state, DepartureState::held);
}

// Both said the same, and a did not know: when a enters the person again with another value, the deletion's
// conflict is all that tells of b's edit.
TEST(DeletionCrossing, NamesAnEditItLackedAlthoughItSaysTheSame)
{
    auto world = linked(propagating());
    set_phone(world, "a", "200");
    set_phone(world, "b", "200");
    world.erase("a.person", "1");
    world.read("b");
    world.read("a");
    const auto deleted = world.entries<RowDeleted>();
    ASSERT_EQ(deleted.size(), 1U);
    ASSERT_EQ(deleted.front().conflicts.size(), 1U);
    EXPECT_EQ(deleted.front().conflicts.front().unit, person::phone);
}

}  // namespace
}  // namespace casebridge::pipeline
