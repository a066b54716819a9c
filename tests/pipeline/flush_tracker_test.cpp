#include "pipeline/flush_tracker.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace casebridge::pipeline {
namespace {

using namespace std::chrono_literals;
using Reply = FlushTracker::Reply;

// Times are counted from the connection.
struct FlushTrackerTest : testing::Test {
    FlushTracker tracker{
        {.stretch_bytes = 100,    .stretch_age = 30s, .report_interval = 10s},
        Lsn{1'000},
        0s
    };

    void take(std::uint64_t end, Portion portion = Portion::whole)
    {
        SourceTransaction transaction;
        transaction.end_lsn = Lsn{end};
        transaction.portion = portion;
        tracker.transaction_begins();
        tracker.transaction_taken(transaction);
    }

    // What the server hears a millisecond after the connection; the first status is always due.
    FlushStatus first() { return tracker.status_to_send(1ms).value(); }
};

TEST_F(FlushTrackerTest, BeginsWithWhatTheHubHolds)
{
    EXPECT_EQ(first(), (FlushStatus{Lsn{1'000}, Lsn{1'000}}));
}

TEST_F(FlushTrackerTest, WhatIsTakenIsFlushedOnlyWhenItIsMerged)
{
    take(1'050);
    EXPECT_EQ(first(), (FlushStatus{Lsn{1'000}, Lsn{1'000}}));
    tracker.merged();
    EXPECT_EQ(tracker.status_to_send(2ms), (FlushStatus{Lsn{1'050}, Lsn{1'050}}));
}

TEST_F(FlushTrackerTest, ABatchEndsWhereItsLastTransactionDoes)
{
    take(1'050);
    take(1'020);  // Sent again.
    tracker.merged();
    EXPECT_EQ(first().flushed, Lsn{1'050});
}

TEST_F(FlushTrackerTest, AKeepaliveAloneFlushesNothing)
{
    tracker.keepalive(Lsn{5'000}, Reply::requested);
    EXPECT_EQ(first(), (FlushStatus{Lsn{5'000}, Lsn{1'000}}));
}

TEST_F(FlushTrackerTest, AStretchIsRecordedBeforeItIsFlushed)
{
    tracker.keepalive(Lsn{5'000}, Reply::not_requested);
    ASSERT_EQ(tracker.stretch_to_record(1ms), Lsn{5'000});
    EXPECT_EQ(first().flushed, Lsn{1'000});
    tracker.stretch_recorded(Lsn{5'000}, 2ms);
    EXPECT_EQ(tracker.status_to_send(3ms), (FlushStatus{Lsn{5'000}, Lsn{5'000}}));
    EXPECT_EQ(tracker.stretch_to_record(4ms), std::nullopt);
}

TEST_F(FlushTrackerTest, AShortStretchWaitsUntilItIsOldOrAskedFor)
{
    tracker.keepalive(Lsn{1'099}, Reply::not_requested);
    EXPECT_EQ(tracker.stretch_to_record(30s - 1us), std::nullopt);
    EXPECT_EQ(tracker.stretch_to_record(30s), Lsn{1'099});
    tracker.keepalive(Lsn{1'100}, Reply::not_requested);
    EXPECT_EQ(tracker.stretch_to_record(1ms), Lsn{1'100});
    tracker.stretch_recorded(Lsn{1'100}, 1s);
    tracker.keepalive(Lsn{1'101}, Reply::not_requested);
    EXPECT_EQ(tracker.stretch_to_record(31s - 1us), std::nullopt);
    tracker.keepalive(Lsn{1'101}, Reply::requested);
    EXPECT_EQ(tracker.stretch_to_record(1s), Lsn{1'101});
}

TEST_F(FlushTrackerTest, NoStretchEndsBehindATransactionThatWaits)
{
    take(1'050);
    tracker.keepalive(Lsn{5'000}, Reply::requested);
    EXPECT_EQ(tracker.stretch_to_record(60s), std::nullopt);
    EXPECT_EQ(first().written, Lsn{1'000});
    tracker.merged();
    EXPECT_EQ(tracker.stretch_to_record(60s), Lsn{5'000});
}

TEST_F(FlushTrackerTest, NoStretchEndsInsideATransaction)
{
    tracker.transaction_begins();
    tracker.keepalive(Lsn{5'000}, Reply::requested);
    EXPECT_EQ(tracker.stretch_to_record(60s), std::nullopt);
    take(0, Portion::more_follows);
    tracker.merged();
    EXPECT_EQ(tracker.stretch_to_record(60s), std::nullopt);
    EXPECT_EQ(first(), (FlushStatus{Lsn{1'000}, Lsn{1'000}}));
    take(6'000, Portion::last);
    tracker.merged();
    EXPECT_EQ(tracker.status_to_send(2ms), (FlushStatus{Lsn{6'000}, Lsn{6'000}}));
}

TEST_F(FlushTrackerTest, TellsNothingTwiceUnlessItIsAskedOrTimeHasPassed)
{
    EXPECT_TRUE(tracker.status_to_send(0s));
    EXPECT_FALSE(tracker.status_to_send(10s - 1us));
    EXPECT_TRUE(tracker.status_to_send(10s));
    EXPECT_FALSE(tracker.status_to_send(10s));
    tracker.keepalive(Lsn{900}, Reply::requested);
    tracker.keepalive(Lsn{900}, Reply::not_requested);
    EXPECT_TRUE(tracker.owes_reply());
    EXPECT_EQ(tracker.status_to_send(11s), (FlushStatus{Lsn{1'000}, Lsn{1'000}}));
    EXPECT_FALSE(tracker.owes_reply());
    EXPECT_FALSE(tracker.status_to_send(11s));
}

TEST_F(FlushTrackerTest, TellsOfWhatWasReceivedBeforeItIsFlushed)
{
    EXPECT_TRUE(tracker.status_to_send(0s));
    tracker.keepalive(Lsn{1'010}, Reply::not_requested);
    EXPECT_EQ(tracker.status_to_send(1s), (FlushStatus{Lsn{1'010}, Lsn{1'000}}));
}

}  // namespace
}  // namespace casebridge::pipeline
