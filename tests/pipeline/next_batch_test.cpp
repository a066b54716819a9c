#include "pipeline/delivery_planner.hpp"

#include <gtest/gtest.h>

// Which works one delivery takes: whole source transactions, as far as the bound lets them.

namespace casebridge::pipeline {
namespace {

void enqueue(Lane& lane, std::int64_t group, std::initializer_list<std::int64_t> records)
{
    for (const auto record : records)
        lane.enqueue({RecordId{record}, JournalSeq{group}, JournalSeq{group}, std::nullopt, false});
}

// So many transactions, each of which shares a record with the one before.
Lane chain_of(std::int64_t transactions)
{
    Lane lane;
    for (std::int64_t i = 1; i <= transactions; ++i)
        enqueue(lane, i, {i, i + 1});
    return lane;
}

TEST(NextBatch, IsTheWholeQueueWhenThatIsWithinTheBound)
{
    Lane lane;
    EXPECT_EQ(next_batch(lane, 3), 0U);
    enqueue(lane, 1, {1});
    enqueue(lane, 2, {2, 3});
    EXPECT_EQ(next_batch(lane, 3), 3U);
    EXPECT_EQ(next_batch(lane, 4), 3U);
}

TEST(NextBatch, EndsWithATransaction)
{
    Lane lane;
    enqueue(lane, 1, {1, 2, 3});
    enqueue(lane, 2, {4, 5});
    EXPECT_EQ(next_batch(lane, 1), 3U);
    EXPECT_EQ(next_batch(lane, 2), 3U);
    EXPECT_EQ(next_batch(lane, 3), 3U);
    EXPECT_EQ(next_batch(lane, 4), 5U);
}

TEST(NextBatch, TakesTransactionsThatShareARecordTogether)
{
    Lane lane;
    enqueue(lane, 1, {1, 2, 3});
    enqueue(lane, 2, {4, 2});
    enqueue(lane, 3, {5});
    EXPECT_EQ(next_batch(lane, 2), 4U);
}

TEST(NextBatch, TakesAChainUpToFourTimesTheBound)
{
    EXPECT_EQ(next_batch(chain_of(3), 1), 4U);
    EXPECT_EQ(next_batch(chain_of(4), 1), 2U);
}

TEST(NextBatch, TakesATransactionWholeHoweverLargeItIs)
{
    Lane lane;
    enqueue(lane, 1, {1, 2, 3, 4, 5, 6, 7, 8, 9});
    EXPECT_EQ(next_batch(lane, 1), 9U);
    enqueue(lane, 2, {10});
    EXPECT_EQ(next_batch(lane, 1), 9U);
}

}  // namespace
}  // namespace casebridge::pipeline
