#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// That what one source transaction changed is delivered in one transaction, also when the queue is longer
// than one delivery.

namespace casebridge::pipeline {
namespace {

// `people` persons at a, known to b as well, each with the phone "100". One row a delivery from here on.
World crowded(std::size_t people)
{
    World world{sample_bridge(2)};
    for (std::size_t i = 1; i <= people; ++i)
        world.insert(
            "a.person",
            std::to_string(i),
            {
                {"number", std::to_string(i)},
                {"phone",  "100"            }
        }
        );
    world.settle();
    world.deliver_at_most(1);
    return world;
}

// One transaction of a that gives these persons the phone.
void set_phones(World& world, const std::vector<std::string>& persons, const std::string& phone)
{
    auto edit = world.edit("a");
    for (const auto& person : persons)
        edit.update(
            "a.person",
            person,
            {
                {"phone", phone}
        }
        );
    edit.commit();
    world.read("a");
}

// The phone of a person at b.
std::string shown(World& world, const std::string& person)
{
    for (const auto& key : world.keys("b.person"))
        if (world.show("b.person", key, "number") == person)
            return world.show("b.person", key, "phone");
    return "(none)";
}

// Delivers one transaction to b and returns how many rows it wrote.
std::size_t deliver(World& world)
{
    const auto before = world.agency("b").wal.size();
    world.deliver("b");
    return world.agency("b").wal.size() == before ? 0 : world.agency("b").wal[before].changes.size();
}

TEST(Group, ATransactionOfSeveralRowsIsNotSplit)
{
    auto world = crowded(3);
    set_phones(world, {"1", "2", "3"}, "200");
    EXPECT_EQ(deliver(world), 3U);
}

TEST(Group, ARecordQueuedBeforeIsDeliveredWithItsLaterTransaction)
{
    auto world = crowded(3);
    set_phones(world, {"1"}, "200");
    set_phones(world, {"3"}, "300");
    set_phones(world, {"1", "2"}, "400");
    EXPECT_EQ(deliver(world), 3U);
    EXPECT_EQ(shown(world, "1"), "400");
    EXPECT_EQ(shown(world, "2"), "400");
}

TEST(Group, ATransactionOfRecordsThatWereAllQueuedBeforeIsNotSplit)
{
    auto world = crowded(3);
    set_phones(world, {"1"}, "200");
    set_phones(world, {"2"}, "300");
    set_phones(world, {"3"}, "300");
    set_phones(world, {"2", "1"}, "400");
    EXPECT_EQ(deliver(world), 2U);
    EXPECT_EQ(shown(world, "1"), "400");
    EXPECT_EQ(shown(world, "2"), "400");
    EXPECT_EQ(shown(world, "3"), "100");
}

TEST(Group, WhatHasNothingInCommonIsDeliveredApart)
{
    auto world = crowded(2);
    set_phones(world, {"1"}, "200");
    set_phones(world, {"2"}, "300");
    EXPECT_EQ(deliver(world), 1U);
    EXPECT_EQ(shown(world, "2"), "100");
}

TEST(Group, AChainOfTransactionsDoesNotMakeADeliveryWithoutBound)
{
    auto world = crowded(12);
    for (int i = 2; i <= 12; ++i)
        set_phones(world, {"1", std::to_string(i)}, "2" + std::to_string(i));
    EXPECT_LE(deliver(world), 4U);
    world.settle();
    for (int i = 2; i <= 12; ++i)
        EXPECT_EQ(shown(world, std::to_string(i)), "2" + std::to_string(i));
    EXPECT_EQ(shown(world, "1"), "212");
}

}  // namespace
}  // namespace casebridge::pipeline
