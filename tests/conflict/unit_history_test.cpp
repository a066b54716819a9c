#include "tests/conflict/versions.hpp"

#include <gtest/gtest.h>

namespace casebridge::conflict {
namespace {

VersionAdded added(const std::string& value, std::vector<JournalSeq> superseded)
{
    return {UnitIndex{0}, text(value), PgTime{0}, std::move(superseded)};
}

// a: 1@5, then a: 2@8 over it, then b: 3@9 beside that, then a: 4@12 over 8.
UnitHistory history_of_four()
{
    UnitHistory history;
    apply_version(history, added("1", {}), AgencyId{"a"}, JournalSeq{5});
    apply_version(history, added("2", {JournalSeq{5}}), AgencyId{"a"}, JournalSeq{8});
    apply_version(history, added("3", {}), AgencyId{"b"}, JournalSeq{9});
    apply_version(history, added("4", {JournalSeq{8}}), AgencyId{"a"}, JournalSeq{12});
    return history;
}

TEST(UnitHistory, KeepsLosersAndWhatReplacedWhat)
{
    const auto history = history_of_four();
    ASSERT_EQ(history.open.size(), 2U);
    EXPECT_EQ(history.open[0].seq, JournalSeq{9});
    EXPECT_EQ(history.open[1].seq, JournalSeq{12});
    ASSERT_EQ(history.past.size(), 2U);
    EXPECT_EQ(history.past[0].by, JournalSeq{8});
    EXPECT_EQ(history.past[1].by, JournalSeq{12});
}

TEST(UnitHistory, TellsWhatStoodForAnAgencyAtAnyPoint)
{
    const auto history = history_of_four();
    const auto stood = [&](const std::string& agency, std::int64_t to) {
        return golden_as_of(history, Hold{}, AgencyId{agency}, JournalSeq{to});
    };
    EXPECT_EQ(stood("c", 4), std::nullopt);
    EXPECT_EQ(stood("c", 5), text("1"));
    EXPECT_EQ(stood("c", 7), text("1"));
    EXPECT_EQ(stood("c", 8), text("2"));
    EXPECT_EQ(stood("c", 9), std::nullopt);
    EXPECT_EQ(stood("a", 8), text("4"));
    EXPECT_EQ(stood("b", 5), std::nullopt);
    EXPECT_EQ(stood("b", 4), text("3"));
}

TEST(UnitHistory, PruningForgetsOnlyWhatEveryAgencyHas)
{
    auto history = history_of_four();
    history.past[0].version.stamp = PgTime{77};
    prune(history, JournalSeq{7});
    EXPECT_EQ(history.past.size(), 2U);
    EXPECT_EQ(history.stamp_floor, std::nullopt);
    prune(history, JournalSeq{8});
    ASSERT_EQ(history.past.size(), 1U);
    EXPECT_EQ(history.past[0].version.seq, JournalSeq{8});
    EXPECT_EQ(history.stamp_floor, PgTime{77});
    prune(history, JournalSeq{100});
    EXPECT_TRUE(history.past.empty());
    EXPECT_EQ(history.stamp_floor, PgTime{77});
    EXPECT_EQ(history.open.size(), 2U);
}

TEST(UnitHistory, PruningChangesNoAnswerAtOrAfterItsBound)
{
    const auto whole = history_of_four();
    for (std::int64_t bound = 1; bound <= 13; ++bound) {
        auto pruned = whole;
        prune(pruned, JournalSeq{bound});
        for (std::int64_t to = bound; to <= 13; ++to)
            for (const auto* agency : {"a", "b", "c"})
                EXPECT_EQ(
                    golden_as_of(pruned, Hold{}, AgencyId{agency}, JournalSeq{to}),
                    golden_as_of(whole, Hold{}, AgencyId{agency}, JournalSeq{to})
                );
    }
}

TEST(UnitHistory, WhatWeWroteIsKnownAgainAlthoughTheAgencysOwnLaterEditWasReadMeanwhile)
{
    // We wrote a's own 2@8 back to it; then its 4@12 is read, which it had made before that.
    const auto history = history_of_four();
    const auto ours = [&](const std::string& value, std::int64_t to) {
        return could_have_written(
            history, Authority{AgencyId{"a"}}, AgencyId{"a"}, JournalSeq{to}, text(value)
        );
    };
    EXPECT_TRUE(ours("2", 8));
    EXPECT_TRUE(ours("4", 8));
    EXPECT_TRUE(ours("3", 8));
    EXPECT_FALSE(ours("1", 8));
    EXPECT_TRUE(ours("1", 5));
    EXPECT_FALSE(ours("2", 12));
}

TEST(UnitHistory, HasOneMarkAnAgency)
{
    UnitHistory history;
    const AgencyId agency{"a"};
    EXPECT_EQ(history.mark(agency), std::nullopt);
    history.set_mark(agency, JournalSeq{3});
    history.set_mark(agency, JournalSeq{2});
    EXPECT_EQ(history.mark(agency), JournalSeq{2});
    EXPECT_EQ(history.marks.size(), 1U);
    history.set_mark(agency, std::nullopt);
    EXPECT_EQ(history.mark(agency), std::nullopt);
}

}  // namespace
}  // namespace casebridge::conflict
