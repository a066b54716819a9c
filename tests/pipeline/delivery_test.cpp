#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

namespace casebridge::pipeline {
namespace {

LinkKey row_at(World& world, const std::string& table)
{
    return {world.table(table).index, LocalKey{only_key(world, table)}};
}

TEST(Delivery, ALockedRowIsDeferredAndComesAgainUnderAGreaterPosition)
{
    auto world = linked();
    world.agency("b").locked.insert(row_at(world, "b.person"));
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
    const auto progress = world.agency("b").progress;
    world.agency("b").locked.clear();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_GT(world.agency("b").progress, progress);
}

TEST(Delivery, ARowNotWrittenIsRememberedAlthoughItsAnswerWasLost)
{
    auto world = linked();
    world.agency("b").locked.insert(row_at(world, "b.person"));
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.disconnect("b");
    world.agency("b").locked.clear();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST(Delivery, ARowNotWrittenIsRememberedAlthoughItsEchoWasReadBeforeTheAnswerWasLost)
{
    auto world = linked();
    world.agency("b").locked.insert(row_at(world, "b.person"));
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.read("b");
    world.disconnect("b");
    world.agency("b").locked.clear();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST(Delivery, ARolledBackPlanIsPlannedAgain)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.roll_back("b");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST(Delivery, ALostAnswerNeitherRepeatsNorForgetsAnInsert)
{
    for (const bool executed : {false, true}) {
        World world{sample_bridge(2)};
        world.settle();
        world.insert(
            "a.person",
            "1",
            {
                {"number", "77" },
                {"phone",  "100"}
        }
        );
        world.read("a");
        ASSERT_TRUE(world.plan("b"));
        if (executed)
            world.execute("b");
        world.crash();
        world.settle();
        EXPECT_EQ(world.keys("b.person").size(), 1U);
        EXPECT_EQ(count<LinkReserved>(world), 1U);
    }
}

TEST(Delivery, ASecondStartDoesNotForgetAnInsertThatTheFirstStartsMarkerPassed)
{
    World world{sample_bridge(2)};
    world.settle();
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"}
    }
    );
    world.read("a");
    world.crash();
    world.read("b");
    world.crash();
    world.settle();
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

TEST(Delivery, ADifferenceThatTheWalNeverExplainsEndsInARefusal)
{
    auto world = linked();
    world.edit("b")
        .update(
            "b.person",
            only_key(world, "b.person"),
            {
                {"phone", "999"}
    }
        )
        .commit_unlogged();
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "999");
    const auto refusals = world.entries<DeliveryRefused>();
    ASSERT_EQ(refusals.size(), 1U);
    EXPECT_EQ(refusals.front().code, "unexplained_difference");
}

TEST(Delivery, ADifferenceThatTheWalNeverExplainsIsTriedTwiceAlthoughMarksMoveInBetween)
{
    auto world = linked();
    std::size_t tries = 0;
    world.on_commit = [&](const Agency& side, const DeliveryPlan& plan) {
        if (side.id.value() == "b")
            tries += plan.row_count();
    };
    world.edit("b")
        .update(
            "b.person",
            only_key(world, "b.person"),
            {
                {"phone", "999"}
    }
        )
        .commit_unlogged();
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(tries, 2U);
    EXPECT_GT(count<MarksMoved>(world), 0U);
}

TEST(Delivery, AMissIsExplainedByAnEditThatWasTakenBack)
{
    auto world = linked(with_rule(conflict::Authority{AgencyId{"a"}}));
    set_phone(world, "a", "200");
    world.read("a");
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(world.plan("b"));
        set_phone(world, "b", "999");
        world.execute("b");
        world.answer("b");
        set_phone(world, "b", "100");
        world.read("b");
    }
    EXPECT_EQ(count<DeliveryRefused>(world), 0U);
}

TEST(Delivery, AMissExplainedByAnEditIsNoUnexplainedDifference)
{
    auto world = linked();
    for (int i = 0; i < 5; ++i) {
        set_phone(world, "a", "20" + std::to_string(i));
        world.read("a");
        ASSERT_TRUE(world.plan("b"));
        set_phone(world, "b", "30" + std::to_string(i));
        world.execute("b");
        world.answer("b");
        world.read("b");
    }
    world.settle();
    EXPECT_EQ(count<DeliveryRefused>(world), 0U);
    EXPECT_EQ(phone_at(world, "a"), "304");
    EXPECT_EQ(phone_at(world, "b"), "304");
}

TEST(Delivery, AnInsertThatMeetsALocalRowDissolvesIntoIt)
{
    World world{sample_bridge(2)};
    world.agency("b").unique.emplace(world.table("b.person").index, 1);
    world.settle();
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"}
    }
    );
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.insert(
        "b.person",
        "9",
        {
            {"number",    "77"        },
            {"full_name", "Berg, Anna"}
    }
    );
    world.settle();
    EXPECT_EQ(only_key(world, "b.person"), "9");
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_EQ(world.show("a.person", "1", "family"), "Berg");
    EXPECT_EQ(count<LinkDissolved>(world), 1U);
}

TEST(Delivery, ASecondLocalRowOfOneRecordWaitsForReview)
{
    World world{sample_bridge(2)};
    world.settle();
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"}
    }
    );
    world.settle();
    world.insert(
        "b.person",
        "9",
        {
            {"number", "77" },
            {"phone",  "900"}
    }
    );
    world.settle();
    ASSERT_EQ(count<RowParked>(world), 1U);
    EXPECT_EQ(world.entries<RowParked>().front().code, "local_duplicate");
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(world.show("b.person", "9", "phone"), "900");
}

TEST(Delivery, OneRecordsRowsAreNotWrittenWhereNoConditionAsksForThem)
{
    auto bridge = sample_bridge(2);
    table_named(bridge, "b.person").create_when = std::vector<mapping::CreateCondition>{
        {FieldIndex{4}, mapping::AnyOf{{Value{"seeking"}}}}
    };
    World world{bridge};
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77"},
            {"status", "R" }
    }
    );
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    world.update(
        "a.person",
        "1",
        {
            {"status", "S"}
    }
    );
    world.settle();
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

TEST(Delivery, KeysThatAreLackingAreAskedForAndWaitedFor)
{
    World world{sample_bridge(2)};
    world.settle();
    world.agency("b").keys_offered = 0;
    world.agency("b").keys.clear();
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77"}
    }
    );
    world.read("a");
    EXPECT_FALSE(world.plan("b"));
    world.agency("b").keys_offered = 1;
    world.settle();
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

TEST(Delivery, ADeletedRowEndsItsLinkAndTouchesNobodyElse)
{
    auto world = linked();
    world.erase("b.person", only_key(world, "b.person"));
    world.settle();
    EXPECT_TRUE(world.has_row("a.person", "1"));
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
}

TEST(Delivery, ARowThatComesBackUnderItsKeyIsLinkedAgain)
{
    auto world = linked();
    const auto key = only_key(world, "b.person");
    world.erase("b.person", key);
    world.settle();
    set_phone(world, "a", "200");
    world.settle();
    world.insert(
        "b.person",
        key,
        {
            {"number",    "77"        },
            {"full_name", "Berg, Anna"}
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST(Delivery, ATruncatedTableEndsItsLinksAndTouchesNobodyElse)
{
    auto world = linked();
    world.edit("b").truncate("b.person").commit();
    world.settle();
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_TRUE(world.keys("b.person").empty());
    world.insert(
        "b.person",
        "9",
        {
            {"number", "77"}
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
}

}  // namespace
}  // namespace casebridge::pipeline
