#include "pipeline/record_values.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// A golden value that is no version's, on its way through merge, journal and delivery.

namespace casebridge::pipeline {
namespace {

// Everybody shows 100.
World counting(std::size_t agencies = 2)
{
    return linked(with_rule(conflict::Sum{}, agencies));
}

TEST(Sum, WhatBothSidesAddedReachesBoth)
{
    auto world = counting();
    set_phone(world, "a", "101");
    set_phone(world, "b", "105");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "106");
    EXPECT_EQ(phone_at(world, "b"), "106");
    ASSERT_EQ(world.conflicts().size(), 1U);
    const auto conflict = world.conflicts().front();
    EXPECT_EQ(conflict.rule, "sum");
    EXPECT_EQ(conflict.verdict, Verdict::stands);
    EXPECT_EQ(conflict.winner, std::nullopt);
    EXPECT_EQ(conflict.computed, UnitValue{Value{"106"}});
}

TEST(Sum, AfterItsDeliveryAnEditIsCausalAgain)
{
    auto world = counting();
    set_phone(world, "a", "101");
    set_phone(world, "b", "105");
    world.settle();
    set_phone(world, "b", "110");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "110");
    EXPECT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.record_of("a.person", "1").units[person::phone.value()].open.size(), 1U);
}

TEST(Sum, AnEditBeforeTheSumArrivesIsAddedToo)
{
    auto world = counting(3);
    set_phone(world, "a", "101");
    set_phone(world, "b", "105");
    world.read("a");
    world.read("b");
    ASSERT_TRUE(world.plan("a"));
    set_phone(world, "a", "102");
    set_phone(world, "c", "110");
    world.execute("a");
    world.settle();
    for (const auto* agency : {"a", "b", "c"})
        EXPECT_EQ(phone_at(world, agency), "117") << agency;
}

TEST(Sum, WrittenBeforeARestartIsNoEditOfTheAgency)
{
    auto world = counting();
    set_phone(world, "a", "101");
    set_phone(world, "b", "105");
    world.read("a");
    world.read("b");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    const auto versions = [&] {
        std::size_t count = 0;
        for (const auto& read : world.entries<RowRead>())
            count += read.versions.size();
        return count;
    };
    const auto before = versions();
    world.crash();
    world.settle();
    EXPECT_EQ(versions(), before);
    EXPECT_EQ(phone_at(world, "a"), "106");
    EXPECT_EQ(phone_at(world, "b"), "106");
}

TEST(Sum, IsShownOnlyWhereEveryAuthorMayShowHis)
{
    auto bridge = with_rule(conflict::Sum{}, 3);
    agreement(bridge, "b", "c").shared[person_entity.value()][person::phone.value()] = false;
    auto world = linked(bridge);
    set_phone(world, "a", "101");
    set_phone(world, "b", "105");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "106");
    EXPECT_EQ(phone_at(world, "c"), "100");
}

TEST(Sum, IsWhatTheRecordIsFoundAndCreatedBy)
{
    auto world = counting();
    set_phone(world, "a", "101");
    set_phone(world, "b", "105");
    world.settle();
    const auto& record = world.record_of("a.person", "1");
    const FieldIndex phone{3};
    EXPECT_EQ(golden_value(world.bridge(), record, phone), Value{"106"});
    EXPECT_EQ(golden_values(world.bridge(), record)[phone.value()], Value{"106"});
    EXPECT_EQ(findable_value(world.bridge(), record, phone), Value{"106"});
    EXPECT_TRUE(held_units(world.bridge(), record).empty());
}

// The row of `a` is deleted and comes back with this phone.
void replace_row(World& world, const std::optional<std::string>& phone)
{
    world.edit("a")
        .erase("a.person", "1")
        .insert(
            "a.person",
            "1",
            {
                {"number", "77" },
                {"phone",  phone}
    }
        )
        .commit();
}

TEST(Sum, ARowThatIsReplacedAsAWholeCountsNothingTwice)
{
    auto world = counting();
    replace_row(world, std::nullopt);
    set_phone(world, "a", "3");
    world.settle();
    replace_row(world, "3");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "3");
    EXPECT_EQ(phone_at(world, "b"), "3");
    set_phone(world, "a", "4");
    world.settle();
    set_phone(world, "a", "5");
    set_phone(world, "b", "6");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "7");
    EXPECT_EQ(phone_at(world, "b"), "7");
}

TEST(Sum, ANumberInARowThatCameBackEmptyIsABeginningOfItsOwn)
{
    auto world = counting();
    set_phone(world, "b", "101");
    world.read("b");
    replace_row(world, std::nullopt);
    set_phone(world, "a", "5");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "5");
    EXPECT_EQ(phone_at(world, "b"), "101");
    EXPECT_EQ(world.conflicts().back().verdict, Verdict::held);
}

TEST(Chain, TheConflictNamesTheRuleThatDecided)
{
    auto world = linked(with_rule(conflict::Chain{
        {conflict::Filled{}, conflict::Latest{}}
    }));
    set_phone(world, "a", "101");
    set_phone(world, "b", "105");
    world.settle();
    ASSERT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.conflicts().front().rule, "filled>latest");
    EXPECT_EQ(world.conflicts().front().decided_by, "latest");
}

}  // namespace
}  // namespace casebridge::pipeline
