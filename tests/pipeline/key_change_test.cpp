#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// Rows that take each other's keys within one transaction stay who they are.

namespace casebridge::pipeline {
namespace {

Columns person_columns(const std::string& number, const std::string& phone)
{
    return {
        {"number", number},
        {"phone",  phone }
    };
}

// Persons 77 and 78 have the keys 1 and 2 at a.
World with_two()
{
    World world{sample_bridge(2)};
    world.settle();
    world.insert("a.person", "1", person_columns("77", "100"));
    world.insert("a.person", "2", person_columns("78", "200"));
    world.settle();
    return world;
}

// The phone that b shows for a number.
std::string phone_of(World& world, const std::string& number)
{
    for (const auto& key : world.keys("b.person"))
        if (world.show("b.person", key, "number") == number)
            return world.show("b.person", key, "phone");
    return "(none)";
}

void set_phone_of(World& world, const std::string& number, const std::string& phone)
{
    for (const auto& key : world.keys("b.person"))
        if (world.show("b.person", key, "number") == number)
            world.update(
                "b.person",
                key,
                {
                    {"phone", phone}
            }
            );
}

class KeyChange : public ::testing::TestWithParam<bool> {
protected:
    static void between(World& world)
    {
        if (GetParam())
            world.crash();
    }
};

INSTANTIATE_TEST_SUITE_P(RunningAndRestarted, KeyChange, ::testing::Bool());

TEST_P(KeyChange, TwoRowsSwapTheirs)
{
    auto world = with_two();
    world.edit("a")
        .rename("a.person", "1", "3")
        .rename("a.person", "2", "1")
        .rename(
            "a.person",
            "3",
            "2",
            {
                {"phone", "101"}
    }
        )
        .commit();
    world.settle();
    between(world);
    EXPECT_EQ(world.all_records().size(), 2U);
    EXPECT_EQ(phone_of(world, "77"), "101");
    EXPECT_EQ(phone_of(world, "78"), "200");
    set_phone_of(world, "77", "102");
    set_phone_of(world, "78", "202");
    world.settle();
    EXPECT_EQ(world.show("a.person", "2", "phone"), "102");
    EXPECT_EQ(world.show("a.person", "1", "phone"), "202");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST_P(KeyChange, ARowMovesOnAndAnotherFollowsIt)
{
    auto world = with_two();
    world.edit("a").rename("a.person", "2", "3").rename("a.person", "1", "2").commit();
    world.settle();
    between(world);
    set_phone_of(world, "77", "102");
    set_phone_of(world, "78", "202");
    world.settle();
    EXPECT_EQ(world.show("a.person", "2", "phone"), "102");
    EXPECT_EQ(world.show("a.person", "3", "phone"), "202");
}

TEST_P(KeyChange, ANewRowTakesTheKeyThatWasLeft)
{
    auto world = with_two();
    world.edit("a")
        .erase("a.person", "2")
        .insert("a.person", "2", person_columns("78", "201"))
        .rename("a.person", "1", "3")
        .insert("a.person", "1", person_columns("79", "300"))
        .commit();
    world.settle();
    between(world);
    EXPECT_EQ(world.all_records().size(), 3U);
    EXPECT_EQ(phone_of(world, "77"), "100");
    EXPECT_EQ(phone_of(world, "79"), "300");
    set_phone_of(world, "77", "102");
    world.settle();
    EXPECT_EQ(world.show("a.person", "3", "phone"), "102");
}

TEST_P(KeyChange, ANewRowThatTakesTheKeyAndGoesAgainEndsNoOthersLink)
{
    auto world = with_two();
    world.edit("a")
        .rename("a.person", "1", "3")
        .insert("a.person", "1", person_columns("79", "300"))
        .erase("a.person", "1")
        .commit();
    world.settle();
    between(world);
    set_phone_of(world, "77", "102");
    world.settle();
    EXPECT_EQ(world.show("a.person", "3", "phone"), "102");
}

// The row that had the key may have been touched before or after the one that takes it.
TEST_P(KeyChange, ARowTakesTheKeyOfOneThatWasDeleted)
{
    for (const bool touched_first : {false, true}) {
        auto world = with_two();
        auto edit = world.edit("a");
        if (touched_first)
            edit.update("a.person", "1", person_columns("77", "101"));
        edit.erase("a.person", "2").rename("a.person", "1", "2", person_columns("77", "101")).commit();
        world.settle();
        between(world);
        EXPECT_EQ(phone_of(world, "77"), "101");
        EXPECT_EQ(phone_of(world, "78"), "200");
        set_phone_of(world, "78", "202");
        world.settle();
        EXPECT_EQ(world.show("a.person", "2", "phone"), "101");
        set_phone_of(world, "77", "102");
        world.settle();
        EXPECT_EQ(world.show("a.person", "2", "phone"), "102");
        world.update("a.person", "2", person_columns("77", "103"));
        world.settle();
        EXPECT_EQ(phone_of(world, "77"), "103");
        EXPECT_EQ(phone_of(world, "78"), "202");
    }
}

TEST_P(KeyChange, TwoRowsThatCannotBeReadSwapTheirs)
{
    auto world = with_two();
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"status", "?"  },
                {"phone",  "101"}
    }
        )
        .update("a.person", "2", {{"status", "?"}, {"phone", "201"}})
        .rename("a.person", "1", "3")
        .rename("a.person", "2", "1")
        .rename("a.person", "3", "2")
        .commit();
    world.settle();
    between(world);
    EXPECT_EQ(world.state().parked.size(), 2U);
    for (const std::string key : {"1", "2"})
        world.update(
            "a.person",
            key,
            {
                {"status", "S"}
        }
        );
    world.settle();
    EXPECT_EQ(world.all_records().size(), 2U);
    EXPECT_EQ(phone_of(world, "77"), "101");
    EXPECT_EQ(phone_of(world, "78"), "201");
}

TEST_P(KeyChange, AnotherPersonUnderTheKeyOfADeletedRowIsAnotherRecord)
{
    auto world = with_two();
    world.erase("a.person", "1");
    world.settle();
    between(world);
    world.insert("a.person", "1", person_columns("79", "300"));
    world.settle();
    EXPECT_EQ(world.all_records().size(), 3U);
    EXPECT_EQ(phone_of(world, "77"), "100");
    EXPECT_EQ(phone_of(world, "79"), "300");
}

TEST_P(KeyChange, APersonWhomOnlyTheHubKnowsTakesTheKeyOfARowDeletedInTheSameBatch)
{
    auto world = with_two();
    world.keep_nothing_cached();
    world.insert("b.person", "9", person_columns("79", "300"));
    world.settle();
    for (const auto& key : world.keys("a.person"))
        if (world.show("a.person", key, "number") == "79")
            world.erase("a.person", key);
    world.settle();
    between(world);
    world.erase("a.person", "1");
    world.insert("a.person", "1", person_columns("79", "301"));
    world.settle();
    EXPECT_EQ(world.all_records().size(), 3U);
    EXPECT_TRUE(world.state().parked.empty());
}

TEST_P(KeyChange, WhatIsUnderWayToARowIsNotWrittenToTheOneThatTookItsKey)
{
    auto world = with_two();
    set_phone_of(world, "77", "102");
    world.read("b");
    ASSERT_TRUE(world.plan("a"));
    world.edit("a")
        .erase("a.person", "2")
        .rename("a.person", "1", "3")
        .insert("a.person", "1", person_columns("79", "100"))
        .commit();
    world.execute("a");
    EXPECT_EQ(world.show("a.person", "1", "phone"), "100");
    between(world);
    world.settle();
    EXPECT_EQ(world.show("a.person", "3", "phone"), "102");
    EXPECT_EQ(phone_of(world, "79"), "100");
}

TEST(KeyChange, ARenamedRowThatIsChangedInTheSameBatchFindsWhatItPointsAt)
{
    World world{sample_bridge(2)};
    world.keep_nothing_cached();
    for (const auto* key : {"1", "2"})
        world.insert(
            "a.household",
            key,
            {
                {"code", key}
        }
        );
    world.insert(
        "a.person",
        "1",
        {
            {"number",       "77"         },
            {"phone",        "a large one"},
            {"household_id", "1"          }
    }
    );
    world.settle();
    world.edit("a").rename("a.person", "1", "9").commit();
    world.edit("a")
        .update(
            "a.person",
            "9",
            {
                {"household_id", "2"}
    },
            {"phone"}
        )
        .commit();
    world.settle();
    EXPECT_EQ(world.entries<RowParked>().size(), 0U);
    EXPECT_EQ(world.show("a.person", "9", "household_id"), "2");
}

TEST(KeyChange, ARowThatComesBackIsFoundUnderItsKeyAlthoughAnotherPersonHadItMeanwhile)
{
    auto world = linked();
    const auto add = [&](const std::string& number, const std::string& phone) {
        world.insert(
            "a.person",
            "1",
            {
                {"given",  "Anna"},
                {"family", "Berg"},
                {"number", number},
                {"phone",  phone }
        }
        );
        world.settle();
    };
    const auto remove = [&] {
        world.edit("a").erase("a.person", "1").commit();
        world.settle();
    };
    remove();
    add("88", "800");
    remove();
    add("77", "101");
    set_phone(world, "a", "102");
    world.settle();
    EXPECT_EQ(count<RowParked>(world), 0U);
    EXPECT_EQ(world.all_records().size(), 2U);
}

}  // namespace
}  // namespace casebridge::pipeline
