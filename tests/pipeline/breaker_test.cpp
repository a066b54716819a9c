#include "tests/pipeline/breaker_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What happens to a stream that the breaker has stopped: nothing, until a person approves; then everything,
// once.

namespace casebridge::pipeline {
namespace {

using ::testing::HasSubstr;

const AgencyId a{"a"};

// Four of ten are deleted in one transaction.
World stopped(conflict::DeleteRule rule = conflict::PropagateDelete{})
{
    auto world = people(guarded_bridge(std::move(rule)));
    erase_people(world, 1, 4);
    world.settle();
    return world;
}

std::size_t rows_at_b(World& world)
{
    return world.keys("b.person").size();
}

TEST(Breaker, MergesWhatStandsBeforeAndNothingOfTheTransactionNorBehindIt)
{
    auto world = people();
    change_people(world, 9, 9, "200");
    erase_people(world, 1, 4);
    change_people(world, 10, 10, "200");
    const auto before = world.unread("a").front().end_lsn;
    const auto report = world.read("a");
    EXPECT_TRUE(report.held);
    EXPECT_EQ(report.transactions, 1U);
    EXPECT_TRUE(held(world));
    EXPECT_EQ(count<RowDeleted>(world), 0U);
    EXPECT_EQ(world.state().agencies.at(a).end_lsn, before)
        << "it can be confirmed up to here, and no further";
    const auto entries = world.journal().size();
    EXPECT_TRUE(world.read("a").held);
    EXPECT_EQ(world.journal().size(), entries) << "it is said once";
    world.settle();
    EXPECT_EQ(rows_at_b(world), 10U);
}

TEST(Breaker, LetsTheOtherStreamAndWhatWasMergedGoOn)
{
    auto world = people();
    change_people(world, 9, 9, "200");
    erase_people(world, 1, 4);
    world.settle();
    ASSERT_TRUE(held(world));
    std::string changed;
    for (const auto& key : world.keys("b.person"))
        if (world.show("b.person", key, "phone") == "200")
            changed = key;
    ASSERT_FALSE(changed.empty()) << "what a said before has arrived";
    world.update(
        "b.person",
        changed,
        {
            {"phone", "300"}
    }
    );
    world.settle();
    EXPECT_EQ(world.show("a.person", "9", "phone"), "300");
}

TEST(Breaker, IsStillTrippedAfterARestart)
{
    auto world = stopped();
    world.crash();
    world.settle();
    EXPECT_TRUE(held(world));
    EXPECT_EQ(rows_at_b(world), 10U);
    EXPECT_EQ(count<BreakerTripped>(world), 1U);
    approve(world);
    world.crash();
    world.settle();
    EXPECT_EQ(rows_at_b(world), 6U);
    EXPECT_EQ(count<BreakerTripped>(world), 1U) << "nobody is asked twice";
}

TEST(Breaker, TheApprovedTransactionIsMergedOnceAndTheStreamGoesOn)
{
    auto world = stopped();
    change_people(world, 10, 10, "200");
    EXPECT_EQ(approve(world).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_FALSE(held(world));
    EXPECT_FALSE(world.state().agencies.at(a).breaker.has_value());
    EXPECT_EQ(rows_at_b(world), 6U);
    world.crash();
    world.settle();
    const auto deleted = world.entries<RowDeleted>();
    EXPECT_EQ(std::ranges::count(deleted, DeleteEffect::propagated, &RowDeleted::effect), 4);
    EXPECT_EQ(std::ranges::count(deleted, DeleteEffect::confirmed, &RowDeleted::effect), 4);
}

TEST(Breaker, AnApprovalBeginsNewWindows)
{
    auto world = people();
    erase_people(world, 9, 10);
    world.settle();
    erase_people(world, 1, 4);
    world.settle();
    approve(world);
    world.settle();
    ASSERT_EQ(rows_at_b(world), 4U);
    erase_people(world, 5, 6);
    world.settle();
    EXPECT_FALSE(held(world)) << "neither what came before nor what was approved counts";
    erase_people(world, 7, 7);
    world.settle();
    EXPECT_TRUE(held(world));
}

TEST(Breaker, OnlyTheTransactionThatIsStoppedCanBeApprovedAndOnce)
{
    auto world = stopped();
    const auto refused = approve(world, ApprovedDeletions::follow, JournalSeq{1});
    EXPECT_EQ(refused.outcome, RequestOutcome::refused);
    EXPECT_THAT(refused.text, HasSubstr("look again"));
    EXPECT_TRUE(held(world));
    EXPECT_EQ(approve(world).outcome, RequestOutcome::done);
    EXPECT_EQ(approve(world).outcome, RequestOutcome::refused) << "it is approved";
    EXPECT_EQ(count<BreakerApproved>(world), 1U);
    world.settle();
    EXPECT_EQ(approve(world).outcome, RequestOutcome::refused) << "nothing is stopped any more";
}

TEST(Breaker, OfATransactionApprovedWithItsDeletionsHeldNothingIsDeletedElsewhere)
{
    for (auto rule :
         {conflict::DeleteRule{conflict::PropagateDelete{}},
          conflict::DeleteRule{conflict::DetachDelete{}},
          conflict::DeleteRule{conflict::ArchiveDelete{{{person::phone, UnitValue{Value{"999"}}}}}}}) {
        auto world = stopped(rule);
        EXPECT_THAT(approve(world, ApprovedDeletions::hold).text, HasSubstr("held for a person"));
        world.settle();
        EXPECT_EQ(rows_at_b(world), 10U);
        for (const auto& deleted : world.entries<RowDeleted>())
            EXPECT_EQ(deleted.effect, DeleteEffect::held);
        EXPECT_EQ(count<RowDeleted>(world), 4U);
        erase_people(world, 5, 5);
        world.settle();
        EXPECT_NE(world.entries<RowDeleted>().back().effect, DeleteEffect::held) << "the rule stands again";
    }
}

TEST(Breaker, WhatWasDeletedByMistakeComesBackWithItsRows)
{
    auto world = stopped();
    auto repair = world.edit("a");
    for (int i = 1; i <= 4; ++i)
        repair.insert(
            "a.person",
            std::to_string(i),
            {
                {"given",  "Anna"                 },
                {"family", "B" + std::to_string(i)},
                {"number", std::to_string(70 + i) },
                {"phone",  "100"                  }
        }
        );
    repair.commit();
    approve(world, ApprovedDeletions::hold);
    world.settle();
    EXPECT_FALSE(held(world));
    EXPECT_EQ(rows_at_b(world), 10U);
    EXPECT_EQ(world.all_records().size(), 10U);
    for (const auto id : world.all_records())
        EXPECT_FALSE(world.load(id).departure.has_value()) << "nobody has to decide any more";
}

TEST(Breaker, ATruncateOfATableWithLinkedRowsIsAlwaysStopped)
{
    auto world = people(guarded_bridge(), 1);
    world.edit("a").truncate("a.person").commit();
    world.settle();
    ASSERT_TRUE(held(world));
    EXPECT_EQ(count<TableTruncated>(world), 0U);
    const auto& tripped = world.state().agencies.at(a).breaker->tripped;
    EXPECT_EQ(
        tripped.findings,
        (std::vector{
            BreakerFinding{"person", BreakerReason::truncated, 1, 0, 1}
    })
    );
    EXPECT_EQ(
        tripped.tables,
        (std::vector{
            BreakerTable{"a.person", 0, 0, 1}
    })
    );
    approve(world);
    world.settle();
    EXPECT_EQ(count<TableTruncated>(world), 1U);
    EXPECT_EQ(rows_at_b(world), 1U) << "it is never passed on";
    world.edit("a").truncate("a.person").commit();
    world.settle();
    EXPECT_FALSE(held(world)) << "no row is linked any more";
}

TEST(Breaker, StopsALargeTransactionAtThePartThatPassesTheLimit)
{
    auto world = people();
    erase_people(world, 1, 4);
    auto whole = world.agency("a").wal.back();
    world.agency("a").wal.pop_back();
    auto part = whole;
    part.portion = Portion::more_follows;
    part.end_lsn = Lsn{};
    part.changes.resize(2);
    auto last = whole;
    last.portion = Portion::last;
    last.changes.erase(last.changes.begin(), last.changes.begin() + 2);
    world.agency("a").wal.push_back(part);
    world.agency("a").wal.push_back(last);
    world.settle();
    ASSERT_TRUE(held(world));
    EXPECT_EQ(rows_at_b(world), 8U) << "as many as may, and no more";
    EXPECT_EQ(world.entries<BreakerTripped>().front().extent, BreakerExtent::whole) << "the end was seen";
    approve(world);
    world.settle();
    EXPECT_EQ(rows_at_b(world), 6U);
    EXPECT_EQ(count<BreakerTripped>(world), 1U);
}

TEST(Breaker, SaysThatFurtherPartsFollow)
{
    auto world = people();
    erase_people(world, 1, 4);
    auto& wal = world.agency("a").wal;
    auto last = wal.back();
    last.portion = Portion::last;
    last.changes.erase(last.changes.begin(), last.changes.begin() + 3);
    wal.back().portion = Portion::more_follows;
    wal.back().end_lsn = Lsn{};
    wal.back().changes.resize(3);
    wal.push_back(last);
    world.settle();
    ASSERT_TRUE(held(world));
    EXPECT_EQ(world.entries<BreakerTripped>().front().extent, BreakerExtent::part);
    approve(world);
    world.settle();
    EXPECT_EQ(rows_at_b(world), 6U);
    EXPECT_EQ(count<BreakerTripped>(world), 1U) << "all parts of it are approved";
}

TEST(Breaker, OtherLimitsDoNotApproveWhatIsStopped)
{
    auto world = stopped();
    world.bridge().breakers.clear();
    world.crash();
    world.settle();
    EXPECT_TRUE(held(world));
    EXPECT_EQ(rows_at_b(world), 10U);
}

}  // namespace
}  // namespace casebridge::pipeline
