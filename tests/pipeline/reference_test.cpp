// Longer than 400 lines because each history of references runs over the same households, warm and cold.

#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// References between records, rows that cannot be read yet, and rows that nobody can read.

namespace casebridge::pipeline {
namespace {

// A household and Anna, who lives in it, at a.
void insert_family(World& world)
{
    world.edit("a")
        .insert(
            "a.person",
            "1",
            {
                {"given",        "Anna"},
                {"family",       "Berg"},
                {"number",       "77"  },
                {"household_id", "40"  }
    }
        )
        .insert("a.household", "40", {{"code", "H1"}, {"head_id", "1"}})
        .commit();
}

class References : public ::testing::TestWithParam<bool> {
protected:
    static World start(BridgeDefinition bridge)
    {
        World world{std::move(bridge)};
        if (GetParam())
            world.keep_nothing_cached();
        return world;
    }
};

INSTANTIATE_TEST_SUITE_P(WarmAndCold, References, ::testing::Bool());

TEST_P(References, CrossInTheOtherAgencysKeysEvenInACircle)
{
    auto bridge = sample_bridge(3);
    require_household(bridge);
    auto world = start(bridge);
    insert_family(world);
    world.settle();
    for (const std::string id : {"b", "c"}) {
        const auto home = only_key(world, id + ".household");
        const auto anna = only_key(world, id + ".person");
        EXPECT_EQ(world.show(id + ".person", anna, "household_id"), home) << id;
        EXPECT_EQ(world.show(id + ".household", home, "head_id"), anna) << id;
    }
    EXPECT_TRUE(world.conflicts().empty());
    EXPECT_EQ(count<RowParked>(world), 0U);
}

TEST_P(References, AParentIsInsertedBeforeItsChildInOneTransaction)
{
    auto bridge = sample_bridge(2);
    require_household(bridge);
    auto world = start(bridge);
    insert_family(world);
    world.settle();
    for (const auto& transaction : world.agency("b").wal) {
        if (transaction.changes.size() < 2)
            continue;
        EXPECT_EQ(transaction.changes[0].relation->table, "household");
        EXPECT_EQ(transaction.changes[1].relation->table, "person");
    }
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

TEST_P(References, AChildWaitsForItsParentsRow)
{
    auto bridge = sample_bridge(2);
    require_household(bridge);
    table_named(bridge, "b.household").create_when = mapping::CreateNever{};
    auto world = start(bridge);
    insert_family(world);
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    world.insert(
        "b.household",
        "9",
        {
            {"code", "H1"}
    }
    );
    world.settle();
    const auto anna = only_key(world, "b.person");
    EXPECT_EQ(world.show("b.person", anna, "household_id"), "9");
    EXPECT_EQ(world.show("b.household", "9", "head_id"), anna);
}

TEST_P(References, AChildWaitingForItsParentSurvivesACrashAfterTheParentsRowWasRead)
{
    auto bridge = sample_bridge(2);
    require_household(bridge);
    table_named(bridge, "b.household").create_when = mapping::CreateNever{};
    auto world = start(bridge);
    insert_family(world);
    world.settle();
    world.insert(
        "b.household",
        "9",
        {
            {"code", "H1"}
    }
    );
    world.read("b");
    world.crash();
    world.settle();
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

TEST_P(References, ARowWhoseRequiredParentIsNotReadYetIsParkedAndReleased)
{
    auto bridge = sample_bridge(2);
    require_household(bridge);
    auto world = start(bridge);
    world.insert(
        "a.person",
        "1",
        {
            {"number",       "77"},
            {"household_id", "40"}
    }
    );
    world.settle();
    ASSERT_EQ(count<RowParked>(world), 1U);
    EXPECT_EQ(world.entries<RowParked>().front().code, "unresolved_reference");
    world.insert(
        "a.household",
        "40",
        {
            {"code", "H1"}
    }
    );
    world.settle();
    EXPECT_EQ(count<ParkedReleased>(world), 1U);
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

TEST_P(References, AMoveToAnotherHouseholdAndOutOfItCross)
{
    auto world = start(sample_bridge(2));
    insert_family(world);
    world.insert(
        "a.household",
        "41",
        {
            {"code", "H2"}
    }
    );
    world.settle();
    const auto anna = only_key(world, "b.person");
    world.update(
        "a.person",
        "1",
        {
            {"household_id", "41"}
    }
    );
    world.settle();
    const auto second = world.show("b.person", anna, "household_id");
    EXPECT_EQ(world.show("b.household", second, "code"), "H2");
    world.update(
        "b.person",
        anna,
        {
            {"household_id", std::nullopt}
    }
    );
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "household_id"), "(null)");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST_P(References, AnEditAfterAMoveIsNoConflict)
{
    auto world = start(sample_bridge(2));
    insert_family(world);
    world.insert(
        "a.household",
        "41",
        {
            {"code", "H2"}
    }
    );
    world.settle();
    const auto anna = only_key(world, "b.person");
    world.update(
        "a.person",
        "1",
        {
            {"household_id", "41"}
    }
    );
    world.update(
        "b.person",
        anna,
        {
            {"household_id",   world.show("b.person", anna, "household_id")},
            {"phone", "5"                     }
    }
    );
    world.settle();
    world.update(
        "b.person",
        anna,
        {
            {"household_id", std::nullopt}
    }
    );
    world.settle();
    EXPECT_TRUE(world.conflicts().empty());
    EXPECT_EQ(world.show("a.person", "1", "household_id"), "(null)");
}

TEST_P(References, TwoAgenciesThatMoveSomebodyToTheSameHouseholdAgree)
{
    auto world = start(sample_bridge(2));
    insert_family(world);
    world.insert(
        "a.household",
        "41",
        {
            {"code", "H2"}
    }
    );
    world.settle();
    std::string second;
    for (const auto& key : world.keys("b.household"))
        if (world.show("b.household", key, "code") == "H2")
            second = key;
    const auto anna = only_key(world, "b.person");
    world.update(
        "a.person",
        "1",
        {
            {"household_id", "41"}
    }
    );
    world.update(
        "b.person",
        anna,
        {
            {"household_id", second}
    }
    );
    world.settle();
    world.update(
        "a.person",
        "1",
        {
            {"household_id", std::nullopt}
    }
    );
    world.settle();
    EXPECT_TRUE(world.conflicts().empty());
    EXPECT_EQ(world.show("b.person", anna, "household_id"), "(null)");
}

TEST_P(References, ARowThatEndedIsNotReadAgainWhenItsReferenceResolves)
{
    auto world = start(sample_bridge(2));
    world.insert(
        "a.person",
        "1",
        {
            {"number",       "77"},
            {"household_id", "40"}
    }
    );
    world.settle();
    world.edit("a").truncate("a.person").commit();
    world.settle();
    world.insert(
        "a.household",
        "40",
        {
            {"code", "H1"}
    }
    );
    world.settle();
    const auto* link = world.record_of("a.person", "1").find_link(world.table("a.person").index);
    EXPECT_EQ(world.state().state_of(*link), LinkState::ended);
}

TEST_P(References, ARowThatCannotBeMappedWaitsWholeAndIsReleasedByItsCorrection)
{
    auto world = start(sample_bridge(2));
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"},
            {"status", "S"  }
    }
    );
    world.settle();
    world.update(
        "a.person",
        "1",
        {
            {"phone",  "200"},
            {"status", "?"  }
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
    ASSERT_EQ(count<RowParked>(world), 1U);
    EXPECT_EQ(world.entries<RowParked>().front().code, "unmappable_value");
    world.update(
        "a.person",
        "1",
        {
            {"status", "W"}
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "status"), "2");
    EXPECT_EQ(count<ParkedReleased>(world), 1U);
}

TEST_P(References, NothingIsWrittenIntoARowWhileItIsParked)
{
    auto world = start(sample_bridge(2));
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"},
            {"status", "S"  }
    }
    );
    world.settle();
    world.update(
        "a.person",
        "1",
        {
            {"status", "?"}
    }
    );
    world.settle();
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "100");
    world.update(
        "a.person",
        "1",
        {
            {"status", "W"}
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "300");
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "status"), "2");
    EXPECT_TRUE(world.conflicts().empty());
    for (const auto& read : world.entries<RowRead>())
        for (const auto& version : read.versions)
            if (version.value == UnitValue{Value{"300"}}) {
                EXPECT_EQ(read.agency, AgencyId{"b"});
            }
}

TEST_P(References, AnEditParkedBeforeADeliveryIsConcurrentToIt)
{
    auto world = start(sample_bridge(2));
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"},
            {"status", "S"  }
    }
    );
    world.settle();
    world.update(
        "a.person",
        "1",
        {
            {"phone",  "200"},
            {"status", "?"  }
    }
    );
    world.settle();
    set_phone(world, "b", "300");
    world.settle();
    set_phone(world, "b", "100");
    world.settle();
    world.update(
        "a.person",
        "1",
        {
            {"status", "W"}
    }
    );
    world.settle();
    EXPECT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(phone_at(world, "a"), phone_at(world, "b"));
}

TEST_P(References, ARowThatIsDeletedWhileItIsParkedIsForgotten)
{
    auto world = start(sample_bridge(2));
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77"},
            {"status", "?" }
    }
    );
    world.settle();
    world.erase("a.person", "1");
    world.settle();
    EXPECT_TRUE(world.state().parked.empty());
    EXPECT_TRUE(world.keys("b.person").empty());
}

}  // namespace
}  // namespace casebridge::pipeline
