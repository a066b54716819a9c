#include "pipeline/breaker.hpp"
#include "tests/pipeline/breaker_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// When a transaction is stopped: what counts, against which limit, within which window.

namespace casebridge::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;

TEST(BreakerLimit, AsManyAsTheLimitAreDeletedAndOneMoreIsStopped)
{
    auto world = people();
    erase_people(world, 1, 2);
    world.settle();
    EXPECT_FALSE(held(world));
    EXPECT_EQ(world.keys("b.person").size(), 8U);
    erase_people(world, 3, 3);
    world.settle();
    EXPECT_TRUE(held(world));
    EXPECT_EQ(world.keys("b.person").size(), 8U);
    const auto tripped = world.entries<BreakerTripped>();
    ASSERT_EQ(tripped.size(), 1U);
    EXPECT_THAT(
        tripped.front().findings, ElementsAre(BreakerFinding{"person", BreakerReason::deleted, 3, 2, 10})
    );
    EXPECT_THAT(tripped.front().tables, ElementsAre(BreakerTable{"a.person", 0, 1, 0}));
}

TEST(BreakerLimit, AsManyAsTheLimitAreChangedAndOneMoreIsStopped)
{
    auto world = people();
    change_people(world, 1, 3, "200");
    world.settle();
    EXPECT_FALSE(held(world));
    change_people(world, 4, 4, "200");
    world.settle();
    EXPECT_TRUE(held(world));
    EXPECT_EQ(world.entries<BreakerTripped>().front().findings.front().records, 4U);
}

TEST(BreakerLimit, RecordsAreCountedAndNotTheirChanges)
{
    auto world = people();
    for (const auto* phone : {"200", "300", "400", "500"}) {
        change_people(world, 1, 3, phone);
        world.settle();
    }
    EXPECT_FALSE(held(world));
}

TEST(BreakerLimit, AShareIsOfTheRecordsThatWereLinkedBeforeTheWindow)
{
    auto bridge = guarded_bridge();
    bridge.breakers.at(person_entity).deleted = {.per_million = 500'000, .at_least = 1};
    auto world = people(std::move(bridge));
    for (int i = 1; i <= 5; ++i) {
        erase_people(world, i, i);
        world.settle();
        EXPECT_FALSE(held(world)) << i << " of ten are no more than half";
    }
    erase_people(world, 6, 6);
    world.settle();
    EXPECT_TRUE(held(world));
}

TEST(BreakerLimit, AShareIsRoundedDownAndTheFloorStands)
{
    const BreakerLimit limit{.per_million = 50'000, .at_least = 3};
    EXPECT_EQ(limit.of(0), 3U);
    EXPECT_EQ(limit.of(60), 3U);
    EXPECT_EQ(limit.of(99), 4U);
    EXPECT_EQ(limit.of(100), 5U);
}

TEST(BreakerLimit, TheWindowSlidesByCommitTime)
{
    auto world = people();
    erase_people(world, 1, 1);
    world.settle();
    world.pass(minutes{40});
    erase_people(world, 2, 2);
    world.settle();
    world.pass(minutes{25});
    erase_people(world, 3, 3);
    world.settle();
    EXPECT_FALSE(held(world)) << "the first is out of the window";
    world.pass(minutes{10});
    erase_people(world, 4, 4);
    world.settle();
    EXPECT_TRUE(held(world)) << "the second is not";
}

TEST(BreakerLimit, WhatWeWroteNeverCounts)
{
    auto world = people();
    for (const auto& key : world.keys("b.person")) {
        world.pass(hours{2});
        world.update(
            "b.person",
            key,
            {
                {"phone", "300"}
        }
        );
        world.settle();
    }
    world.pass(hours{2});
    for (int i = 1; i <= 10; ++i)
        ASSERT_EQ(world.show("a.person", std::to_string(i), "phone"), "300");
    change_people(world, 1, 3, "400");
    world.settle();
    EXPECT_FALSE(held(world));
    world.pass(hours{2});
    const auto keys = world.keys("b.person");
    for (std::size_t i = 0; i < 2; ++i)
        world.erase("b.person", keys[i]);
    world.settle();
    ASSERT_EQ(world.keys("a.person").size(), 8U);
    const auto left = world.keys("a.person");
    for (std::size_t i = 0; i < 2; ++i)
        world.erase("a.person", left[i]);
    world.settle();
    EXPECT_FALSE(held(world)) << "two deletions of its own";
}

TEST(BreakerLimit, WhatASurveyReadsNeverCounts)
{
    auto world = people();
    RowRead row;
    row.source = RowSource::survey;
    row.agency = AgencyId{"a"};
    row.entity = person_entity;
    row.position = {Lsn{1'000'000}, 0};
    row.commit_time = PgTime{5};
    row.versions = {
        VersionAdded{.unit = person::phone, .value = {}, .stamp = {}, .superseded = {}}
    };
    for (int i = 1; i <= 9; ++i) {
        row.record = RecordId{i};
        count_change(world.state(), row);
    }
    EXPECT_TRUE(world.state().recent.empty());
    row.source = RowSource::stream;
    count_change(world.state(), row);
    EXPECT_EQ(world.state().recent.size(), 1U);
}

TEST(BreakerLimit, NewPersonsAndSaveWithoutChangeAndOtherKeysDoNotCount)
{
    auto world = people();
    auto edit = world.edit("a");
    for (int i = 1; i <= 5; ++i)
        edit.update(
            "a.person",
            std::to_string(i),
            {
                {"phone", "100"}
        }
        );
    for (int i = 6; i <= 10; ++i)
        edit.rename("a.person", std::to_string(i), std::to_string(100 + i));
    for (int i = 21; i <= 40; ++i)
        edit.insert(
            "a.person",
            std::to_string(i),
            {
                {"given",  "New"                  },
                {"family", "N" + std::to_string(i)},
                {"number", std::to_string(70 + i) }
        }
        );
    edit.commit();
    world.settle();
    EXPECT_FALSE(held(world));
    EXPECT_EQ(world.keys("b.person").size(), 30U);
    EXPECT_TRUE(world.state().recent.empty());
}

TEST(BreakerLimit, ARowThatIsBackInItsTransactionIsChangedAndNotDeleted)
{
    auto world = people();
    auto edit = world.edit("a");
    for (int i = 1; i <= 4; ++i) {
        const auto key = std::to_string(i);
        edit.erase("a.person", key);
        edit.insert(
            "a.person",
            key,
            {
                {"given",  "Anna"                },
                {"family", "B" + key             },
                {"number", std::to_string(70 + i)},
                {"phone",  i == 4 ? "100" : "900"}
        }
        );
    }
    edit.commit();
    world.settle();
    EXPECT_FALSE(held(world)) << "three changed, none deleted";
    erase_people(world, 5, 6);
    world.settle();
    EXPECT_FALSE(held(world));
}

TEST(BreakerLimit, LinkedRowsAreCountedOfEachTable)
{
    auto bridge = guarded_bridge();
    auto world = people(std::move(bridge));
    const auto linked = world.state().linked_rows[world.table("a.person").index.value()];
    EXPECT_EQ(linked, 10U);
    erase_people(world, 1, 1);
    world.settle();
    EXPECT_EQ(world.state().linked_rows[world.table("a.person").index.value()], 9U);
    EXPECT_EQ(world.state().linked_rows[world.table("b.person").index.value()], 9U);
}

TEST(BreakerLimit, AnotherEntityHasItsOwn)
{
    auto world = people();
    auto edit = world.edit("a");
    for (int i = 1; i <= 9; ++i)
        edit.insert(
            "a.household",
            std::to_string(i),
            {
                {"code", "H" + std::to_string(i)}
        }
        );
    edit.commit();
    world.settle();
    auto second = world.edit("a");
    for (int i = 1; i <= 9; ++i)
        second.erase("a.household", std::to_string(i));
    second.erase("a.person", "1").erase("a.person", "2").commit();
    world.settle();
    EXPECT_FALSE(held(world)) << "nothing guards households, and two persons may go";
}

TEST(BreakerLimit, AnotherAgencyHasItsOwn)
{
    auto world = people();
    erase_people(world, 1, 2);
    world.settle();
    const auto keys = world.keys("b.person");
    auto edit = world.edit("b");
    edit.erase("b.person", keys[0]).erase("b.person", keys[1]).commit();
    world.settle();
    EXPECT_FALSE(held(world, "a"));
    EXPECT_FALSE(held(world, "b"));
    EXPECT_EQ(world.keys("a.person").size(), 6U);
}

TEST(BreakerLimit, WithoutARuleNothingIsStopped)
{
    auto bridge = guarded_bridge();
    bridge.breakers.clear();
    auto world = people(std::move(bridge));
    erase_people(world, 1, 10);
    world.settle();
    EXPECT_FALSE(held(world));
    EXPECT_TRUE(world.keys("b.person").empty());
}

}  // namespace
}  // namespace casebridge::pipeline
