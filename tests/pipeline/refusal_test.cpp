#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// A refusal ends with its cause.

namespace casebridge::pipeline {
namespace {

// What was planned for the agency is refused row by row.
void refuse_all(World& world, const std::string& agency)
{
    auto& side = world.agency(agency);
    for (const auto& writes : side.sent->tables) {
        for (const auto& insert : writes.inserts)
            side.refusing.insert({writes.table, insert.key});
        for (const auto& update : writes.updates)
            side.refusing.insert({writes.table, update.key});
    }
    world.execute(agency);
    side.refusing.clear();
}

// Whether the echo of the delivery is read before its answer.
class Refusal : public ::testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(AnswerAndEchoFirst, Refusal, ::testing::Bool());

TEST_P(Refusal, OfAnOlderValueDoesNotHoldBackANewerOne)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    refuse_all(world, "b");
    set_phone(world, "a", "300");
    world.read("a");
    if (GetParam())
        world.read("b");
    world.answer("b");
    EXPECT_EQ(count<DeliveryRefused>(world), 0U);
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "300");
}

TEST_P(Refusal, OfTheNewestValueWaits)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    refuse_all(world, "b");
    if (GetParam())
        world.read("b");
    world.answer("b");
    world.settle();
    EXPECT_EQ(count<DeliveryRefused>(world), 1U);
    EXPECT_EQ(phone_at(world, "b"), "100");
}

TEST_P(Refusal, OfAChildIsLiftedWhenItsParentGetsARow)
{
    auto bridge = sample_bridge(2);
    require_household(bridge);
    World world{std::move(bridge)};
    world.settle();
    world.edit("a")
        .insert(
            "a.household",
            "39",
            {
                {"code", "H0"}
    }
        )
        .insert("a.person", "1", {{"number", "77"}, {"phone", "100"}, {"household_id", "39"}})
        .commit();
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    refuse_all(world, "b");
    world.answer("b");
    world.settle();
    ASSERT_EQ(count<DeliveryRefused>(world), 2U);
    ASSERT_TRUE(world.keys("b.person").empty());
    world.insert(
        "b.household",
        "7",
        {
            {"code", "H0"}
    }
    );
    if (GetParam()) {
        world.read("b");
        world.crash();
    }
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "household_id"), "7");
}

TEST(RefusalOfAChild, StandsWhenItsParentMerelyChanges)
{
    World world{sample_bridge(2)};
    world.settle();
    world.edit("a")
        .insert(
            "a.household",
            "39",
            {
                {"code", "H0"}
    }
        )
        .insert("a.person", "1", {{"number", "77"}, {"phone", "100"}, {"household_id", "39"}})
        .commit();
    world.settle();
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    refuse_all(world, "b");
    world.answer("b");
    world.settle();
    ASSERT_EQ(count<DeliveryRefused>(world), 1U);
    for (const std::string agency : {"a", "b"}) {
        const auto table = agency + ".household";
        world.update(
            table,
            only_key(world, table),
            {
                {"code", "H" + agency}
        }
        );
        world.settle();
    }
    EXPECT_EQ(count<DeliveryReleased>(world), 0U);
    EXPECT_EQ(phone_at(world, "b"), "100");
}

// Its row was read before its answer: the next miss is the first that nothing explains yet.
TEST(Refusal, AMissThatWasExplainedBeforeItWasKnownDoesNotCount)
{
    auto world = linked(with_rule(conflict::Latest{}));
    set_phone(world, "b", "300");
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.read("b");
    world.answer("b");
    ASSERT_TRUE(world.plan("b"));
    set_phone(world, "b", "400");
    world.execute("b");
    world.answer("b");
    EXPECT_EQ(count<DeliveryRefused>(world), 0U);
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "400");
    EXPECT_EQ(phone_at(world, "b"), "400");
}

}  // namespace
}  // namespace casebridge::pipeline
