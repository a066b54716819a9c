#include "pipeline/merged_to.hpp"

#include <gtest/gtest.h>

// How far a stream is merged, which is what may be confirmed to its server.

namespace casebridge::pipeline {
namespace {

SourceTransaction whole(std::uint64_t commit, std::uint64_t end)
{
    SourceTransaction transaction;
    transaction.commit_lsn = Lsn{commit};
    transaction.end_lsn = Lsn{end};
    return transaction;
}

// A part of the transaction that commits there, with changes up to `last_ordinal`.
SourceTransaction part(std::uint64_t commit, std::uint32_t last_ordinal)
{
    SourceTransaction transaction;
    transaction.commit_lsn = Lsn{commit};
    transaction.portion = Portion::more_follows;
    transaction.changes.resize(1);
    transaction.changes.back().ordinal = last_ordinal;
    return transaction;
}

SourceTransaction last_part(std::uint64_t commit, std::uint64_t end)
{
    auto transaction = whole(commit, end);
    transaction.portion = Portion::last;
    return transaction;
}

MergedTo inside(std::uint64_t end, std::uint64_t commit, std::uint32_t ordinal)
{
    return {
        Lsn{end     },
        SourcePosition{ Lsn{commit}, ordinal}
    };
}

// What first_unmerged() says, which is no error.
std::optional<std::uint32_t> first(const MergedTo& position, const SourceTransaction& transaction)
{
    const auto found = first_unmerged(position, transaction);
    EXPECT_TRUE(found);
    return found.value();
}

TEST(FirstUnmerged, OfAWholeTransactionIsItsFirstChangeUnlessItEndsBeforeOrThere)
{
    const MergedTo position{Lsn{100}, std::nullopt};
    EXPECT_EQ(first(position, whole(90, 99)), std::nullopt);
    EXPECT_EQ(first(position, whole(90, 100)), std::nullopt);
    EXPECT_EQ(first(position, whole(90, 101)), 0U);
}

TEST(FirstUnmerged, OfAPartIsItsFirstChangeUnlessItsTransactionCommitsBefore)
{
    const MergedTo position{Lsn{100}, std::nullopt};
    EXPECT_EQ(first(position, part(99, 3)), std::nullopt);
    EXPECT_EQ(first(position, part(100, 3)), 0U);
}

TEST(FirstUnmerged, GoesOnBehindWhatIsMergedOfTheTransaction)
{
    const auto position = inside(100, 150, 7);
    EXPECT_EQ(first(position, part(150, 6)), std::nullopt);
    EXPECT_EQ(first(position, part(150, 7)), std::nullopt);
    EXPECT_EQ(first(position, part(150, 8)), 8U);
    EXPECT_EQ(first(position, last_part(150, 160)), 8U);
    EXPECT_EQ(first(position, whole(150, 160)), 8U);
}

TEST(FirstUnmerged, CountsMessagesOfAPartAsWell)
{
    auto transaction = part(150, 5);
    transaction.messages.push_back({8, "", ""});
    EXPECT_EQ(first(inside(100, 150, 7), transaction), 8U);
    transaction.changes.back().ordinal = 9;
    EXPECT_EQ(first(inside(100, 150, 8), transaction), 9U);
    transaction.changes.clear();
    EXPECT_EQ(first(inside(100, 150, 8), transaction), std::nullopt);
}

TEST(FirstUnmerged, RefusesAnotherTransactionWherePartsOfOneAreMerged)
{
    const auto found = first_unmerged(inside(100, 150, 7), whole(151, 160));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, "history_changed");
    EXPECT_EQ(found.error().kind, ErrorClass::permanent);
}

TEST(Behind, ATransactionIsItsEndAndBehindAPartTheEndStaysWhereItWas)
{
    const auto before = inside(100, 150, 7);
    EXPECT_EQ(behind(before, last_part(150, 160)), (MergedTo{Lsn{160}, std::nullopt}));
    EXPECT_EQ(behind(before, whole(150, 160)), (MergedTo{Lsn{160}, std::nullopt}));
    EXPECT_EQ(behind(before, part(150, 9)), inside(100, 150, 9));
}

}  // namespace
}  // namespace casebridge::pipeline
