#include "pipeline/row_demand.hpp"

#include "tests/pipeline/linked_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What the hub is asked for before a merge: all that the merge needs, and nothing that is known.

namespace casebridge::pipeline {
namespace {

using testing::Contains;
using testing::ElementsAre;

Demand demand_of(World& world, const std::string& agency)
{
    return world.stream(agency).demand(world.unread(agency)).value();
}

LinkKey row(World& world, const std::string& table, const std::string& key)
{
    return {world.table(table).index, LocalKey{key}};
}

TEST(RowDemand, AKnownRowThatStaysWhoItIsNeedsNothing)
{
    auto world = linked();
    set_phone(world, "a", "200");
    EXPECT_TRUE(demand_of(world, "a").empty());
}

TEST(RowDemand, AKnownRowThatShowsAnotherIdentityNeedsThosePeople)
{
    auto world = linked();
    world.update(
        "a.person",
        "1",
        {
            {"number", "78"}
    }
    );
    const auto demand = demand_of(world, "a");
    EXPECT_EQ(demand.identities.size(), 1U);
    EXPECT_TRUE(demand.links.empty());
}

TEST(RowDemand, AnUnknownRowNeedsItsLinkAndThenThePeopleThatItMayBe)
{
    auto world = linked();
    world.insert(
        "a.person",
        "2",
        {
            {"number", "78"}
    }
    );
    const auto first = demand_of(world, "a");
    EXPECT_THAT(first.links, ElementsAre(row(world, "a.person", "2")));
    EXPECT_TRUE(first.identities.empty());
    world.answer_demand(first);
    const auto second = demand_of(world, "a");
    EXPECT_TRUE(second.links.empty());
    EXPECT_EQ(second.identities.size(), 1U);
    world.answer_demand(second);
    EXPECT_TRUE(demand_of(world, "a").empty());
}

TEST(RowDemand, AReferenceNeedsTheRowThatItPointsAtAndTheOneThatItPointedAt)
{
    auto world = linked();
    world.insert(
        "a.household",
        "7",
        {
            {"code", "H7"}
    }
    );
    world.update(
        "a.person",
        "1",
        {
            {"household_id", "7"}
    }
    );
    world.settle();
    world.keep_nothing_cached();
    world.read("a");
    world.update(
        "a.person",
        "1",
        {
            {"household_id", "8"}
    }
    );
    world.end_step();
    world.answer_demand(demand_of(world, "a"));
    const auto demand = demand_of(world, "a");
    EXPECT_THAT(demand.links, Contains(row(world, "a.household", "8")));
    EXPECT_THAT(demand.links, Contains(row(world, "a.household", "7")));
}

TEST(RowDemand, ARowThatOthersWaitForNeedsThem)
{
    auto world = linked();
    world.insert(
        "a.person",
        "2",
        {
            {"number",       "78"},
            {"household_id", "9" }
    }
    );
    world.settle();
    world.keep_nothing_cached();
    world.read("a");
    world.insert(
        "a.household",
        "9",
        {
            {"code", "H9"}
    }
    );
    world.end_step();
    world.answer_demand(demand_of(world, "a"));
    EXPECT_THAT(demand_of(world, "a").links, Contains(row(world, "a.person", "2")));
}

TEST(RowDemand, ARowThatDoesNotShowWhatIdentifiesNeedsNobody)
{
    auto bridge = sample_bridge(2);
    std::erase_if(table_named(bridge, "b.person").units, [](const mapping::MappedUnit& unit) {
        return unit.unit == person::number;
    });
    World world{std::move(bridge)};
    world.settle();
    world.insert(
        "b.person",
        "9",
        {
            {"phone", "100"}
    }
    );
    world.answer_demand(demand_of(world, "b"));
    EXPECT_TRUE(demand_of(world, "b").empty());
}

}  // namespace
}  // namespace casebridge::pipeline
