#include "pipeline/lane.hpp"

#include "tests/pipeline/sample_bridge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr RecordId anna{1};
constexpr RecordId bela{2};
constexpr RecordId cleo{3};

LinkKey row(const char* key)
{
    return {MappingIndex{1}, LocalKey{key}};
}

PendingRow insert_of(const char* key)
{
    PendingRow pending;
    pending.row = row(key);
    pending.insert = true;
    return pending;
}

// A lane that has sent position 10 with rows of Anna and Bela, then 20 with one of Anna.
Lane sent()
{
    Lane lane;
    lane.attached(JournalSeq{1}, JournalSeq{5});
    (void)lane.echo_read(JournalSeq{5}, {});
    PendingTransaction first;
    first.to = JournalSeq{10};
    first.rows.emplace(bela, insert_of("21"));
    first.rows.emplace(anna, insert_of("11"));
    lane.sending(std::move(first));
    PendingTransaction second;
    second.to = JournalSeq{20};
    PendingRow update;
    update.row = row("11");
    second.rows.emplace(anna, update);
    lane.sending(std::move(second));
    return lane;
}

TEST(Lane, IsReadyWhenItsMarkerWasReadAndNotBefore)
{
    Lane lane;
    lane.attached(JournalSeq{1}, JournalSeq{5});
    EXPECT_EQ(lane.last_to(), JournalSeq{5});
    (void)lane.echo_read(JournalSeq{4}, {});
    EXPECT_EQ(lane.phase(), Lane::Phase::awaiting_marker);
    (void)lane.echo_read(JournalSeq{5}, {});
    EXPECT_EQ(lane.phase(), Lane::Phase::ready);
    lane.detached();
    (void)lane.echo_read(JournalSeq{6}, {});
    EXPECT_EQ(lane.phase(), Lane::Phase::unattached);
}

TEST(Lane, ARecordThatIsQueuedTwiceIsOneWorkThatForgetsNothing)
{
    Lane lane;
    const PgTime first{100};
    const PgTime second{200};
    lane.enqueue({anna, JournalSeq{1}, JournalSeq{1}, std::nullopt, true});
    lane.enqueue({anna, JournalSeq{2}, JournalSeq{2}, first, false, Lifts::of_values});
    lane.enqueue({anna, JournalSeq{3}, JournalSeq{3}, second, false});
    const auto works = lane.take(1);
    ASSERT_EQ(works.size(), 1U);
    EXPECT_EQ(works.front().seq, JournalSeq{1});
    EXPECT_TRUE(works.front().foreign);
    EXPECT_EQ(works.front().lifts, Lifts::of_values);
    EXPECT_EQ(works.front().commit_time, first);
    EXPECT_TRUE(lane.queue().empty());
    lane.enqueue({anna, JournalSeq{4}, JournalSeq{4}, std::nullopt, false});
    EXPECT_EQ(lane.queue().size(), 1U);
    EXPECT_FALSE(lane.queue().front().foreign);
    EXPECT_EQ(lane.queue().front().lifts, Lifts::none);
}

TEST(Lane, ChecksAreDueUpToAPositionAndEachRecordOnce)
{
    Lane lane;
    lane.expect_check(bela, JournalSeq{3});
    lane.expect_check(anna, JournalSeq{4});
    lane.expect_check(bela, JournalSeq{4});
    lane.expect_check(cleo, JournalSeq{5});
    EXPECT_THAT(lane.checks_up_to(JournalSeq{2}), IsEmpty());
    EXPECT_THAT(lane.checks_up_to(JournalSeq{4}), ElementsAre(anna, bela));
    lane.checked_up_to(JournalSeq{4});
    EXPECT_THAT(lane.checks_up_to(JournalSeq{9}), ElementsAre(cleo));
    lane.checked_up_to(JournalSeq{5});
    EXPECT_THAT(lane.checks_up_to(JournalSeq{9}), IsEmpty());
}

TEST(Lane, KnowsWhatIsOnItsWayByPositionAndRecord)
{
    const auto lane = sent();
    EXPECT_EQ(lane.last_to(), JournalSeq{20});
    EXPECT_TRUE(lane.sent_by_this_process(JournalSeq{10}));
    EXPECT_FALSE(lane.sent_by_this_process(JournalSeq{15}));
    ASSERT_EQ(lane.pending(anna).size(), 2U);
    EXPECT_TRUE(lane.pending(anna).front()->insert);
    EXPECT_FALSE(lane.pending(anna).back()->insert);
    EXPECT_TRUE(lane.pending(cleo).empty());
    ASSERT_NE(lane.pending_at(JournalSeq{10}, bela), nullptr);
    EXPECT_EQ(lane.pending_at(JournalSeq{10}, bela)->row, row("21"));
    EXPECT_EQ(lane.pending_at(JournalSeq{20}, bela), nullptr);
    EXPECT_EQ(lane.inserted_as(JournalSeq{10}, row("11")), anna);
    EXPECT_EQ(lane.inserted_as(JournalSeq{20}, row("11")), std::nullopt);
    EXPECT_EQ(lane.inserted_as(JournalSeq{10}, row("99")), std::nullopt);
}

TEST(Lane, AMissIsOneOfOneRowInOneTransaction)
{
    auto lane = sent();
    lane.missed(JournalSeq{10}, anna);
    EXPECT_TRUE(lane.pending_at(JournalSeq{10}, anna)->missed);
    EXPECT_FALSE(lane.pending_at(JournalSeq{10}, bela)->missed);
    EXPECT_FALSE(lane.pending_at(JournalSeq{20}, anna)->missed);
}

TEST(Lane, WhatWasRolledBackIsNotOnItsWayAndTheRestIs)
{
    auto lane = sent();
    EXPECT_THAT(lane.not_sent(JournalSeq{10}), ElementsAre(anna, bela));
    EXPECT_FALSE(lane.sent_by_this_process(JournalSeq{10}));
    EXPECT_TRUE(lane.sent_by_this_process(JournalSeq{20}));
    EXPECT_THAT(lane.not_sent(JournalSeq{10}), IsEmpty());
}

TEST(Lane, AnEchoEndsEverythingUpToItAndRowsThatItDoesNotShowComeAgain)
{
    auto lane = sent();
    EXPECT_THAT(lane.echo_read(JournalSeq{10}, {anna}), ElementsAre(bela));
    EXPECT_EQ(lane.pending_count(), 1U);
    EXPECT_THAT(lane.echo_read(JournalSeq{20}, {anna}), IsEmpty());
    EXPECT_EQ(lane.pending_count(), 0U);
}

TEST(Lane, AnEchoThatPassesATransactionProvesThatItNeverHappened)
{
    auto lane = sent();
    EXPECT_THAT(lane.echo_read(JournalSeq{15}, {anna, bela}), ElementsAre(anna, bela));
    EXPECT_EQ(lane.pending_count(), 1U);
}

TEST(Lane, DeferredRecordsAreReleasedOnceAndInOrder)
{
    Lane lane;
    lane.defer(cleo);
    lane.defer(anna);
    EXPECT_TRUE(lane.deferred(cleo));
    EXPECT_FALSE(lane.deferred(bela));
    EXPECT_THAT(lane.release_deferred(), ElementsAre(anna, cleo));
    EXPECT_THAT(lane.release_deferred(), IsEmpty());
    EXPECT_FALSE(lane.has_deferred());
}

TEST(Lane, MissesAreCountedWhileTheDifferenceStaysTheSame)
{
    Lane lane;
    const Difference one{{Value{"1"}}, {Value{"2"}}};
    const Difference other{{Value{"1"}}, {Value{"3"}}};
    EXPECT_EQ(lane.count_miss(anna, one), 1);
    EXPECT_EQ(lane.count_miss(anna, one), 2);
    EXPECT_EQ(lane.count_miss(bela, one), 1);
    EXPECT_EQ(lane.count_miss(anna, other), 1);
    EXPECT_EQ(lane.count_miss(anna, other), 2);
    lane.forget_misses(anna);
    EXPECT_EQ(lane.count_miss(anna, other), 1);
}

TEST(Lane, WhatManyRowsOfATableGiveUpIsTriedOnceUntilItIsTaken)
{
    Lane lane;
    const MappingIndex persons{1};
    EXPECT_FALSE(lane.gave_up_after(persons, JournalSeq{0}));
    EXPECT_TRUE(lane.gave_up(persons, JournalSeq{5}));
    lane.enqueue({anna, JournalSeq{5}, JournalSeq{5}, std::nullopt, false, Lifts::of_values});
    EXPECT_FALSE(lane.gave_up(persons, JournalSeq{6}));
    EXPECT_TRUE(lane.gave_up(MappingIndex{2}, JournalSeq{7}));
    (void)lane.take(1);
    EXPECT_TRUE(lane.gave_up(persons, JournalSeq{8}));
    EXPECT_TRUE(lane.gave_up_after(persons, JournalSeq{7}));
    EXPECT_FALSE(lane.gave_up_after(persons, JournalSeq{8}));
}

TEST(Lane, WhatWasLetGoIsKnownUntilALaterDeliveryIsAnswered)
{
    Lane lane;
    lane.let_go(anna, JournalSeq{5});
    lane.answered(JournalSeq{4});
    EXPECT_TRUE(lane.let_go_after(anna, JournalSeq{4}));
    EXPECT_FALSE(lane.let_go_after(anna, JournalSeq{5}));
    EXPECT_FALSE(lane.let_go_after(bela, JournalSeq{4}));
    lane.answered(JournalSeq{5});
    EXPECT_FALSE(lane.let_go_after(anna, JournalSeq{4}));
}

}  // namespace
}  // namespace casebridge::pipeline
