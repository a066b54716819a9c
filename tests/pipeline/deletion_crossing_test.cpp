#include "pipeline/row_identity.hpp"
#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/deletion_world.hpp"

#include <gtest/gtest.h>

// Deletions that cross something on its way: histories that the simulator found.

namespace casebridge::pipeline {
namespace {

BridgeDefinition propagating()
{
    auto bridge = with_delete(conflict::PropagateDelete{});
    bridge.on_delete.insert_or_assign(household_entity, conflict::PropagateDelete{});
    for (auto& table : bridge.tables)
        table.remote_delete = mapping::RemoteDelete::permitted;
    return bridge;
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
    EXPECT_TRUE(first_record(world).refusals.empty());
}

// Somebody at b enters the person and deletes it again, while our own insert is on its way. Nothing of b is
// read yet.
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
    return world;
}

// b had not seen a's row when it deleted its own.
TEST(DeletionCrossing, ADeletionByOneWhoDidNotKnowOfTheOthersRowIsHeld)
{
    auto world = crossed_insert(conflict::PropagateDelete{});
    world.settle();
    EXPECT_EQ(world.keys("a.person").size(), 1U);
    ASSERT_TRUE(first_record(world).departure.has_value());
    EXPECT_EQ(first_record(world).departure->state, DepartureState::held);
}

// The deletion is read while our insert of the person is on its way to b.
World insert_on_its_way()
{
    World world{propagating()};
    world.settle();
    enter(world, "a.person", "1", "100");
    world.read("a");
    EXPECT_TRUE(world.plan("b"));
    world.erase("a.person", "1");
    world.read("a");
    return world;
}

TEST(DeletionCrossing, AnInsertOfOursThatArrivesBehindItIsDeletedToo)
{
    auto world = insert_on_its_way();
    world.execute("b");
    ASSERT_EQ(world.keys("b.person").size(), 1U);
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    EXPECT_EQ(world.entries<RowDeleted>().back().effect, DeleteEffect::confirmed);
}

TEST(DeletionCrossing, AnInsertOfOursThatNeverArrivedIsGivenUp)
{
    auto world = insert_on_its_way();
    world.roll_back("b");
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    EXPECT_EQ(world.entries<LinkDissolved>().size(), 1U);
    enter(world, "a.person", "1", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "300");
}

TEST(DeletionCrossing, AnInsertOfOursThatMayHaveArrivedIsDeletedToo)
{
    for (const bool arrived : {false, true}) {
        auto world = insert_on_its_way();
        if (arrived)
            world.execute("b");
        world.crash();
        world.settle();
        EXPECT_TRUE(world.keys("b.person").empty()) << arrived;
        EXPECT_EQ(world.entries<LinkDissolved>().size(), arrived ? 0U : 1U);
    }
}

TEST(DeletionCrossing, AnInsertOfOursIsNobodysComingBack)
{
    auto world = crossed_insert(conflict::HoldDelete{});
    world.read("b", 2);
    const auto& record = first_record(world);
    ASSERT_TRUE(record.departure.has_value());
    ask(world, DecideDeletion{record.id, record.departure->since, DeletionChoice::remove, record.last_seq});
    world.settle();
    EXPECT_TRUE(world.keys("a.person").empty());
    EXPECT_TRUE(world.keys("b.person").empty());
}

TEST(DeletionCrossing, AHeldDeletionStaysHeldThoughOurInsertCrossedIt)
{
    auto world = crossed_insert(conflict::HoldDelete{});
    world.settle();
    EXPECT_EQ(world.keys("a.person").size(), 1U);
    EXPECT_EQ(world.keys("b.person").size(), 1U);
    ASSERT_TRUE(first_record(world).departure.has_value());
    EXPECT_EQ(first_record(world).departure->state, DepartureState::held);
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

// Nobody knows what its agency had been told when it was entered: here it was there before the deletion.
TEST(DeletionCrossing, ARowThatCouldNotBeReadWhenItWasEnteredIsNoReturn)
{
    auto bridge = sample_bridge(3);
    bridge.on_delete.insert_or_assign(person_entity, conflict::PropagateDelete{});
    for (auto& table : bridge.tables)
        table.remote_delete = mapping::RemoteDelete::permitted;
    table_named(bridge, "c.person").create_when = mapping::CreateNever{};
    auto world = linked(std::move(bridge));
    world.insert(
        "c.person",
        "9",
        {
            {"number", "77"},
            {"status", "?" }
    }
    );
    world.settle();
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
    world.update(
        "c.person",
        "9",
        {
            {"status", "S"}
    }
    );
    world.settle();
    EXPECT_TRUE(world.keys("a.person").empty());
    EXPECT_TRUE(world.keys("b.person").empty());
    const LinkKey doubtful{world.table("c.person").index, LocalKey{"9"}};
    ASSERT_TRUE(world.state().parked.contains(doubtful));
    EXPECT_EQ(world.state().parked.at(doubtful).newest.code, record_deleted);
}

}  // namespace
}  // namespace casebridge::pipeline
