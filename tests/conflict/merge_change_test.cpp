#include "tests/conflict/versions.hpp"

#include <gtest/gtest.h>

namespace casebridge::conflict {
namespace {

Change change(const std::string& author, const std::string& value, std::int64_t at, std::int64_t seen)
{
    return {AgencyId{author}, text(value), PgTime{at}, JournalSeq{seen}, false};
}

std::vector<JournalSeq> seqs(std::initializer_list<std::int64_t> numbers)
{
    std::vector<JournalSeq> all;
    for (const auto number : numbers)
        all.emplace_back(number);
    return all;
}

TEST(ApplyDecision, IsHadByNobodyNotEvenByWhoseValueItIs)
{
    UnitHistory history;
    apply_version(history, {{}, text("x"), PgTime{1}, {}}, AgencyId{"a"}, JournalSeq{1});
    apply_decision(history, {{}, text("x"), PgTime{5}, {JournalSeq{1}}}, AgencyId{"a"}, JournalSeq{2});
    ASSERT_EQ(history.open.size(), 1U);
    EXPECT_TRUE(history.open.front().decided);
    const auto unread = merge_change(history, Hold{}, change("a", "y", 9, 1));
    EXPECT_EQ(unread.causality, Merge::Causality::concurrent);
    EXPECT_TRUE(unread.added.superseded.empty());
    const auto read = merge_change(history, Hold{}, change("a", "y", 4, 2));
    EXPECT_EQ(read.causality, Merge::Causality::causal);
    EXPECT_EQ(read.added.stamp, PgTime{6});
    EXPECT_EQ(golden_as_of(history, Hold{}, AgencyId{"a"}, JournalSeq{1}), text("x"));
    EXPECT_TRUE(could_have_written(history, Hold{}, AgencyId{"a"}, JournalSeq{2}, text("x")));
}

TEST(ApplyDecision, EndsEveryArgument)
{
    UnitHistory history;
    history.answers.push_back({AgencyId{"a"}, 4, PgTime{1}});
    ASSERT_TRUE(argues(history, AgencyId{"a"}));
    apply_decision(history, {{}, text("x"), PgTime{5}, {}}, AgencyId{}, JournalSeq{2});
    EXPECT_FALSE(argues(history, AgencyId{"a"}));
}

TEST(MergeChange, AChangeReplacesWhatItsDatabaseHad)
{
    const UnitHistory history{{version(5, "a", "1", 10)}, {}, {}, {}};
    const auto merge = merge_change(history, Latest{}, change("b", "2", 20, 5));
    EXPECT_EQ(merge.causality, Merge::Causality::causal);
    EXPECT_EQ(merge.added.superseded, seqs({5}));
}

TEST(MergeChange, AChangeStandsBesideWhatItsDatabaseLacked)
{
    const UnitHistory history{{version(5, "a", "1", 10)}, {}, {}, {}};
    const auto merge = merge_change(history, Latest{}, change("b", "2", 20, 4));
    EXPECT_EQ(merge.causality, Merge::Causality::concurrent);
    EXPECT_TRUE(merge.added.superseded.empty());
}

TEST(MergeChange, AMarkSaysWhatWasLackingAlthoughItWasPassed)
{
    UnitHistory history{
        {version(3,  "c", "0", 5), version(5, "a", "1", 10)},
        {},
        { },
        { }
    };
    history.set_mark(AgencyId{"b"}, JournalSeq{5});
    const auto merge = merge_change(history, Latest{}, change("b", "2", 20, 9));
    EXPECT_EQ(merge.causality, Merge::Causality::concurrent);
    EXPECT_EQ(merge.added.superseded, seqs({3}));
    EXPECT_EQ(merge_change(history, Latest{}, change("c", "2", 20, 9)).causality, Merge::Causality::causal);
}

TEST(MergeChange, AnAgencyAlwaysHadItsOwnVersions)
{
    UnitHistory history{{version(5, "a", "1", 10)}, {}, {}, {}};
    history.set_mark(AgencyId{"a"}, JournalSeq{1});
    EXPECT_EQ(merge_change(history, Latest{}, change("a", "2", 20, 0)).added.superseded, seqs({5}));
}

TEST(MergeChange, AnEqualValueAgreesAndIsKept)
{
    UnitHistory history{{version(5, "a", "1", 10)}, {}, {}, {}};
    const auto merge = merge_change(history, Latest{}, change("b", "1", 20, 0));
    EXPECT_EQ(merge.causality, Merge::Causality::agreeing);
    apply_version(history, merge.added, AgencyId{"b"}, JournalSeq{6});
    EXPECT_EQ(history.open.size(), 2U);
}

TEST(MergeChange, AStampExceedsEveryStampThatTheDatabaseHad)
{
    UnitHistory history{{version(5, "a", "1", 100)}, {{version(2, "c", "0", 300), JournalSeq{4}}}, {}, {}};
    EXPECT_EQ(merge_change(history, Latest{}, change("b", "2", 20, 5)).added.stamp, PgTime{301});
    EXPECT_EQ(merge_change(history, Latest{}, change("b", "2", 20, 1)).added.stamp, PgTime{20});
    EXPECT_EQ(merge_change(history, Latest{}, change("b", "2", 500, 5)).added.stamp, PgTime{500});
    history.stamp_floor = PgTime{700};
    EXPECT_EQ(merge_change(history, Latest{}, change("b", "2", 20, 5)).added.stamp, PgTime{701});
}

TEST(MergeChange, AChangeOfUnknownTimeHasNoStamp)
{
    const UnitHistory history{{version(5, "a", "1", 100)}, {}, {}, {}};
    auto surveyed = change("b", "2", 0, 5);
    surveyed.commit_time.reset();
    EXPECT_EQ(merge_change(history, Latest{}, surveyed).added.stamp, std::nullopt);
}

TEST(MergeChange, WhileTheAuthorityIsLinkedEveryOtherEditIsRejected)
{
    UnitHistory history{{version(5, "a", "1", 100)}, {}, {}, {}};
    auto other = change("b", "2", 200, 9);
    other.authority_linked = true;
    const auto merge = merge_change(history, Authority{AgencyId{"a"}}, other);
    EXPECT_EQ(merge.added.admission, Admission::rejected);
    EXPECT_EQ(merge.causality, Merge::Causality::concurrent);
    const auto before = history;
    apply_version(history, merge.added, AgencyId{"b"}, JournalSeq{10});
    EXPECT_EQ(history.open, before.open);
    EXPECT_EQ(history.past, before.past);
    EXPECT_EQ(history.marks, before.marks);
    other.value = text("1");
    EXPECT_EQ(merge_change(history, Authority{AgencyId{"a"}}, other).causality, Merge::Causality::agreeing);
}

TEST(MergeChange, RejectedEditsAreCountedUntilAnEditOrAWeek)
{
    const Authority rule{AgencyId{"a"}};
    UnitHistory history{{version(5, "a", "1", 100)}, {}, {}, {}};
    auto other = change("b", "2", 200, 9);
    other.authority_linked = true;
    for (std::int64_t seq = 10; seq < 14; ++seq) {
        EXPECT_FALSE(argues(history, other.author));
        apply_version(history, merge_change(history, rule, other).added, other.author, JournalSeq{seq});
    }
    EXPECT_TRUE(argues(history, other.author));
    other.commit_time = PgTime{other.commit_time->value() + std::int64_t{8} * 24 * 3'600 * 1'000'000};
    EXPECT_EQ(merge_change(history, rule, other).added.answers, 1U);
    auto own = change("a", "3", 300, 9);
    own.authority_linked = true;
    apply_version(history, merge_change(history, rule, own).added, own.author, JournalSeq{20});
    EXPECT_FALSE(argues(history, other.author));
}

TEST(MergeChange, TheAuthoritysEditReplacesEvenWhatItLacked)
{
    const UnitHistory history{
        {version(5,  "a", "1", 100), version(6, "b", "2", 200)},
        {},
        { },
        { }
    };
    auto own = change("a", "3", 300, 0);
    own.authority_linked = true;
    const auto merge = merge_change(history, Authority{AgencyId{"a"}}, own);
    EXPECT_EQ(merge.added.superseded, seqs({5, 6}));
    EXPECT_EQ(merge.causality, Merge::Causality::concurrent);
}

TEST(MergeChange, WithoutALinkedAuthorityCausalityDecides)
{
    const UnitHistory history{{version(5, "b", "1", 100)}, {}, {}, {}};
    const auto merge = merge_change(history, Authority{AgencyId{"a"}}, change("c", "2", 200, 5));
    EXPECT_TRUE(merge.added.enters());
    EXPECT_EQ(merge.added.superseded, seqs({5}));
}

TEST(MergeChange, TheFirstValueIsAcceptedFromAnybody)
{
    auto first = change("b", "1", 100, 0);
    first.authority_linked = true;
    EXPECT_TRUE(merge_change({}, Authority{AgencyId{"a"}}, first).added.enters());
}

}  // namespace
}  // namespace casebridge::conflict
