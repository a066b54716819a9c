#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// What a merge reports, for metrics and log.

namespace casebridge::pipeline {
namespace {

TEST(StreamReport, CountsTransactionsOfTheAgencyWithTheirRowsAndBytes)
{
    auto world = linked();
    world.edit("a")
        .insert(
            "a.person",
            "2",
            {
                {"number", "78"}
    }
        )
        .insert("a.person", "3", {{"number", "79"}})
        .commit();
    world.agency("a").wal.back().bytes = 17;
    set_phone(world, "b", "300");
    auto report = world.read("a");
    EXPECT_EQ(report.transactions, 1U);
    EXPECT_EQ(report.parts, 0U);
    EXPECT_EQ(report.changes, 2U);
    EXPECT_EQ(report.bytes, 17U);
    EXPECT_EQ(report.echoes, 0U);
    EXPECT_EQ(report.last_commit_time, world.agency("a").wal.back().commit_time);
    EXPECT_EQ(report.inside, std::nullopt);
    EXPECT_TRUE(report.confirmations.empty());
}

TEST(StreamReport, AnEchoConfirmsWhatAnotherAgencyChangedAndWhen)
{
    auto world = linked();
    set_phone(world, "a", "200");
    const auto changed = world.agency("a").wal.back().commit_time;
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.answer("b");
    const auto report = world.read("b");
    EXPECT_EQ(report.echoes, 1U);
    EXPECT_EQ(report.transactions, 0U);
    EXPECT_EQ(report.changes, 0U);
    ASSERT_EQ(report.confirmations.size(), 1U);
    EXPECT_EQ(report.confirmations.front().source_commit_time, changed);
}

TEST(StreamReport, ARevertOfTheAgencysOwnEditConfirmsNobodysChange)
{
    auto world = linked(with_rule(conflict::Authority{AgencyId{"a"}}));
    set_phone(world, "b", "900");
    world.read("b");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.answer("b");
    const auto report = world.read("b");
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_EQ(report.echoes, 1U);
    EXPECT_TRUE(report.confirmations.empty());
}

TEST(StreamReport, NamesTheTransactionThatFurtherPartsBelongTo)
{
    auto world = linked();
    set_phone(world, "a", "200");
    auto& part = world.agency("a").wal.back();
    part.portion = Portion::more_follows;
    part.end_lsn = Lsn{};
    const auto report = world.read("a");
    EXPECT_EQ(report.parts, 1U);
    EXPECT_EQ(report.transactions, 0U);
    EXPECT_EQ(report.inside, part.commit_lsn);
}

}  // namespace
}  // namespace casebridge::pipeline
