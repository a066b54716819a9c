#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

#include <cstdint>

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

// A home at a with Anna in it, and an empty one.
World two_homes()
{
    World world{propagating()};
    world.edit("a")
        .insert(
            "a.household",
            "40",
            {
                {"code", "H1"}
    }
        )
        .insert("a.household", "41", {{"code", "H2"}})
        .insert("a.person", "1", {{"number", "77"}, {"household_id", "40"}})
        .commit();
    world.settle();
    return world;
}

// a deletes the first home while b still has Anna in it.
std::string refused_home(World& world)
{
    const auto home = world.show("b.person", only_key(world, "b.person"), "household_id");
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"household_id", "41"}
    }
        )
        .erase("a.household", "40")
        .commit();
    world.agency("b").locked.insert({world.table("b.person").index, LocalKey{only_key(world, "b.person")}});
    world.read("a");
    world.deliver("b");
    EXPECT_TRUE(world.has_row("b.household", home));
    world.agency("b").locked.clear();
    return home;
}

TEST(DeletionCrossing, ARowIsDeletedOnceTheOneThatPointedAtItPointsElsewhere)
{
    auto world = two_homes();
    const auto home = refused_home(world);
    EXPECT_EQ(count<DeliveryRefused>(world), 1U);
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
    EXPECT_EQ(world.keys("b.household").size(), 1U);
}

TEST(DeletionCrossing, ARowIsDeletedOnceTheOneThatPointedAtItIsGone)
{
    auto world = two_homes();
    const auto home = refused_home(world);
    world.erase("b.person", only_key(world, "b.person"));
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
}

TEST(DeletionCrossing, ARowThatLeftMemoryIsDeletedOnceTheOneThatPointedAtItIsGone)
{
    auto world = two_homes();
    world.keep_nothing_cached();
    const auto home = refused_home(world);
    world.erase("b.person", only_key(world, "b.person"));
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
}

// What the deleted row said is compared with what others wrote, also of a household that nobody looks at now.
TEST(DeletionCrossing, NamesTheHouseholdThatTheDeletedRowShowedAlthoughItLeftMemory)
{
    auto world = two_homes();
    world.keep_nothing_cached();
    const auto home = world.load(world.record_of("a.household", "40").id).id;
    const auto other = world.record_of("b.household", world.keys("b.household").back()).id;
    ASSERT_NE(home, other);
    const auto person = only_key(world, "b.person");
    world.update(
        "b.person",
        person,
        {
            {"household_id", world.keys("b.household").back()}
    }
    );
    world.erase("a.person", "1");
    world.read("b");
    world.read("a");
    const auto deleted = world.entries<RowDeleted>();
    ASSERT_EQ(deleted.size(), 1U);
    ASSERT_EQ(deleted.front().conflicts.size(), 1U);
    EXPECT_EQ(deleted.front().conflicts.front().base.front(), Value{std::to_string(home.value())});
}

// b has a person in the home that a deletes, whose row cannot be read.
std::string home_of_an_unreadable_row(World& world)
{
    world.settle();
    world.insert(
        "a.household",
        "40",
        {
            {"code", "H1"}
    }
    );
    world.settle();
    auto home = only_key(world, "b.household");
    world.insert(
        "b.person",
        "9",
        {
            {"number",       "5" },
            {"status",       "?" },
            {"household_id", home}
    }
    );
    world.settle();
    world.erase("a.household", "40");
    world.settle();
    EXPECT_TRUE(world.has_row("b.household", home));
    return home;
}

// How an unreadable row ceases to point at a home.
enum class WayOut : std::uint8_t { deleted, unreadable_elsewhere, readable_elsewhere, truncated };

void leave_home(World& world, WayOut way)
{
    switch (way) {
        case WayOut::deleted:
            world.erase("b.person", "9");
            return;
        case WayOut::unreadable_elsewhere:
            world.update(
                "b.person",
                "9",
                {
                    {"household_id", std::nullopt}
            }
            );
            return;
        case WayOut::readable_elsewhere:
            world.update(
                "b.person",
                "9",
                {
                    {"household_id", std::nullopt},
                    {"status",       "1"         }
            }
            );
            return;
        case WayOut::truncated:
            world.edit("b").truncate("b.person").commit();
            return;
    }
}

TEST(DeletionCrossing, ARowIsDeletedOnceAnUnreadableOneThatPointedAtItIsGoneOrPointsElsewhere)
{
    for (const bool cold : {false, true})
        for (const auto way :
             {WayOut::deleted, WayOut::unreadable_elsewhere, WayOut::readable_elsewhere, WayOut::truncated}) {
            World world{propagating()};
            if (cold)
                world.keep_nothing_cached();
            const auto home = home_of_an_unreadable_row(world);
            leave_home(world, way);
            world.settle();
            EXPECT_FALSE(world.has_row("b.household", home)) << static_cast<int>(way);
        }
}

TEST(DeletionCrossing, ARowIsDeletedOnceTheOneThatPointedAtItBecomesUnreadableElsewhere)
{
    auto world = two_homes();
    const auto home = refused_home(world);
    const auto person = only_key(world, "b.person");
    world.update(
        "b.person",
        person,
        {
            {"household_id", std::nullopt},
            {"status",       "?"         }
    }
    );
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
}

// The answer of a trigger makes the row unreadable in the transaction that moves it.
TEST(DeletionCrossing, ARowIsDeletedOnceWeMovedTheOneThatPointedAtItAndATriggerMadeItUnreadable)
{
    auto world = two_homes();
    const auto home = refused_home(world);
    const auto& persons = world.table("b.person");
    world.agency("b").trigger = [index = persons.index](MappingIndex table, Image& image) {
        if (table == index)
            image[3] = Value{"?"};
    };
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
}

TEST(DeletionCrossing, AnUnreadableRowThatStaysWhereItIsIsNoReasonToTryAgain)
{
    World world{propagating()};
    const auto home = home_of_an_unreadable_row(world);
    const auto tried = count<DeliveryReleased>(world);
    world.update(
        "b.person",
        "9",
        {
            {"phone", "1"}
    }
    );
    world.settle();
    EXPECT_TRUE(world.has_row("b.household", home));
    EXPECT_EQ(count<DeliveryReleased>(world), tried);
}

}  // namespace
}  // namespace casebridge::pipeline
