#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

namespace casebridge::pipeline {
namespace {

TEST(Crossing, ANewRecordIsCreatedAtTheOtherAgencyUnderItsOwnKeyAndInItsOwnTerms)
{
    auto world = linked();
    const auto key = only_key(world, "b.person");
    EXPECT_NE(key, "1");
    EXPECT_EQ(world.show("b.person", key, "full_name"), "Berg, Anna");
    EXPECT_EQ(world.show("b.person", key, "phone"), "100");
    EXPECT_EQ(world.show("b.person", key, "status"), "1");
}

TEST(Crossing, AChangeOfEitherSideReachesTheOther)
{
    auto world = linked();
    const auto key = only_key(world, "b.person");
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    world.update(
        "b.person",
        key,
        {
            {"full_name", "Berg, Hanna"},
            {"status",    "2"          }
    }
    );
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "given"), "Hanna");
    EXPECT_EQ(world.show("a.person", "1", "status"), "W");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(Crossing, BothDirectionsFallSilent)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.settle();
    const auto journal = world.journal().size();
    world.settle();
    EXPECT_FALSE(world.plan("a"));
    EXPECT_FALSE(world.plan("b"));
    EXPECT_EQ(world.journal().size(), journal);
}

TEST(Crossing, AClearedFieldIsClearedEverywhere)
{
    auto world = linked(sample_bridge(3));
    world.update(
        "a.person",
        "1",
        {
            {"phone", std::nullopt}
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "(null)");
    EXPECT_EQ(phone_at(world, "c"), "(null)");
}

TEST(Crossing, OnlyTheNetEffectOfATransactionCounts)
{
    auto world = linked();
    const auto versions = count<RowRead>(world);
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"phone", "300"}
    }
        )
        .update("a.person", "1", {{"phone", "100"}})
        .commit();
    world.settle();
    EXPECT_EQ(count<RowRead>(world), versions);
}

TEST(Crossing, AColumnThatTheServerDidNotSendKeepsItsValue)
{
    auto world = linked();
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"status", "R"}
    },
            {"phone", "given"}
        )
        .commit();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "status"), "3");
}

TEST(Crossing, AnAgencysOwnSpellingOfACodeStays)
{
    auto world = linked();
    world.update(
        "a.person",
        "1",
        {
            {"status", "w"}
    }
    );
    world.settle();
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "status"), "2");
    EXPECT_EQ(world.show("a.person", "1", "status"), "w");
}

TEST(Crossing, ALinkFollowsItsRowToANewKey)
{
    auto world = linked();
    world.edit("a")
        .rename("a.person", "1", "2")
        .update(
            "a.person",
            "2",
            {
                {"phone", "200"}
    }
        )
        .commit();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(world.show("a.person", "2", "phone"), "300");
}

TEST(Crossing, NothingIsWrittenWithoutAnAgreement)
{
    auto bridge = sample_bridge(2);
    agreement(bridge, "a", "b").shared[person_entity.value()][person::phone.value()] = false;
    auto world = linked(bridge);
    EXPECT_EQ(phone_at(world, "b"), "(null)");
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "(null)");
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "full_name"), "Berg, Anna");
}

TEST(Crossing, AnEditOverAValueThatWasNeverSharedIsConcurrentToIt)
{
    auto bridge = with_rule(conflict::Hold{});
    agreement(bridge, "a", "b").shared[person_entity.value()][person::phone.value()] = false;
    auto world = linked(bridge);
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(world.conflicts().size(), 1U);
}

TEST(Crossing, AnExpiredAgreementStopsTheFlow)
{
    using namespace std::chrono;
    auto bridge = sample_bridge(2);
    agreement(bridge, "a", "b").valid_to = year{2026} / 3 / 1;
    auto world = linked(bridge);
    EXPECT_EQ(phone_at(world, "b"), "100");
    world.on_day(year{2026} / 3 / 2);
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
}

TEST(Crossing, ATriggersChangeOfOurRowIsAChangeOfThatAgency)
{
    auto world = linked();
    const auto phone = world.table("b.person").slots.size() - 3;
    world.agency("b").trigger = [phone](MappingIndex, Image& row) {
        if (row[phone] && !row[phone]->expose().starts_with('+'))
            row[phone] = Value{"+" + row[phone]->expose()};
    };
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "+200");
    EXPECT_EQ(phone_at(world, "a"), "+200");
    EXPECT_TRUE(world.conflicts().empty());
}

}  // namespace
}  // namespace casebridge::pipeline
