#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// Rows that we are about to insert while their agency does something about the same record or table.

namespace casebridge::pipeline {
namespace {

Columns anna(const std::string& phone)
{
    return {
        {"number", "77" },
        {"phone",  phone}
    };
}

// Echoes that were read as edits.
std::size_t versions_by_echo(const World& world)
{
    std::size_t versions = 0;
    for (const auto& read : world.entries<RowRead>())
        if (read.source == RowSource::echo)
            versions += read.versions.size();
    return versions;
}

class Reservation : public ::testing::TestWithParam<bool> {
protected:
    static void between(World& world)
    {
        if (GetParam())
            world.crash();
    }
};

INSTANTIATE_TEST_SUITE_P(RunningAndRestarted, Reservation, ::testing::Bool());

// b's own row takes the record's place, goes again, and only then our insert is executed.
World with_a_late_insert()
{
    World world{sample_bridge(2)};
    world.settle();
    world.insert("a.person", "1", anna("100"));
    world.read("a");
    EXPECT_TRUE(world.plan("b"));
    world.insert("b.person", "9", anna("900"));
    world.read("b");
    world.erase("b.person", "9");
    world.execute("b");
    return world;
}

TEST_P(Reservation, OurInsertIsNoEditOfTheAgencyAlthoughItWasDissolved)
{
    auto world = with_a_late_insert();
    between(world);
    world.settle();
    EXPECT_EQ(versions_by_echo(world), 0U);
    EXPECT_EQ(phone_at(world, "a"), phone_at(world, "b"));
}

TEST_P(Reservation, AValueNewerThanOurLateInsertIsNotOverruledByIt)
{
    auto world = with_a_late_insert();
    set_phone(world, "a", "300");
    world.read("a");
    if (!GetParam())
        world.keep_nothing_cached();
    between(world);
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "300");
    EXPECT_EQ(phone_at(world, "b"), "300");
}

TEST_P(Reservation, ATruncateDoesNotEndARowThatWasNeverThere)
{
    World world{sample_bridge(2)};
    world.settle();
    world.insert("a.person", "1", anna("100"));
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.edit("b").truncate("b.person").commit();
    world.read("b");
    if (GetParam())
        world.crash();
    else
        world.roll_back("b");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
}

TEST_P(Reservation, AnInsertExecutedBehindATruncateIsOurs)
{
    World world{sample_bridge(2)};
    world.settle();
    world.insert("a.person", "1", anna("100"));
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.edit("b").truncate("b.person").commit();
    world.execute("b");
    between(world);
    world.settle();
    EXPECT_EQ(versions_by_echo(world), 0U);
    set_phone(world, "a", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "300");
}

}  // namespace
}  // namespace casebridge::pipeline
