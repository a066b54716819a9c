#include "tests/conflict/versions.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// Versions that a stale form put back.

namespace casebridge::conflict {
namespace {

Version suspect(
    std::int64_t seq, const std::string& author, const std::string& value, std::optional<std::int64_t> stamp
)
{
    auto put_back = version(seq, author, value, stamp);
    put_back.suspect = true;
    return put_back;
}

// `b` gave 2, which `a` was shown; a form at `a` puts back 1, an hour later.
std::vector<Version> put_back()
{
    return {version(5, "b", "2", 10), suspect(7, "a", "1", 3'600 * second)};
}

Decision::Outcome outcome(const std::vector<Version>& open, const FieldRule& rule)
{
    auto backwards = open;
    std::ranges::reverse(backwards);
    const auto decision = judge(open, rule);
    EXPECT_EQ(decision.value, judge(backwards, rule).value) << to_string(rule);
    return decision.outcome;
}

TEST(Suspect, IsHeldByRulesThatAskWhichEditCameLater)
{
    for (const FieldRule& rule :
         {FieldRule{Latest{}},
          FieldRule{Hold{}},
          FieldRule{Filled{}},
          FieldRule{Chain{{Filled{}, Latest{}}}}})
        EXPECT_EQ(outcome(put_back(), rule), Decision::Outcome::held) << to_string(rule);
}

TEST(Suspect, EmptinessPutBackOverAValueIsHeldToo)
{
    auto open = put_back();
    open.back().value = {std::nullopt};
    EXPECT_EQ(outcome(open, Filled{}), Decision::Outcome::held);
    open = put_back();
    open.front().value = {std::nullopt};
    EXPECT_EQ(outcome(open, Filled{}), Decision::Outcome::held);
}

TEST(Suspect, IsJudgedByRulesThatLookAtValues)
{
    EXPECT_EQ(judge(put_back(), Max{}).value, text("2"));
    EXPECT_EQ(judge(put_back(), Min{}).value, text("1"));
    EXPECT_EQ(judge(put_back(), Rank{{Value{"1"}}}).value, text("1"));
    EXPECT_EQ(judge(put_back(), Authority{AgencyId{"b"}}).value, text("2"));
    EXPECT_EQ(
        judge(
            put_back(),
            Chain{
                {Latest{}, Max{}}
    }
        ).value,
        text("2")
    );
}

TEST(Suspect, AloneOrBesideItsEqualItStands)
{
    EXPECT_EQ(judge(std::vector{suspect(7, "a", "1", 100)}, Latest{}).value, text("1"));
    EXPECT_EQ(
        judge(std::vector{version(5, "b", "1", 10), suspect(7, "a", "1", 100)}, Latest{}).value, text("1")
    );
}

TEST(Suspect, ThatAnEarlierRuleSetAsideDoesNotStopTheNext)
{
    const std::vector open{
        version(5, "b", "2", 10), version(6, "c", "3", 3 * second), suspect(7, "a", "9", 3'600 * second)};
    EXPECT_EQ(judge(open, Latest{}).outcome, Decision::Outcome::held);
    auto listed = Rank{
        {Value{"2"}, Value{"3"}}
    };
    EXPECT_EQ(
        judge(
            open,
            Chain{
                {listed, Latest{}}
    }
        ).value,
        text("2")
    );
}

Change stale_form(const std::string& value, std::int64_t unseen_from)
{
    Change change{AgencyId{"a"}, text(value), PgTime{20}, JournalSeq{9}};
    change.unseen_from = JournalSeq{unseen_from};
    return change;
}

TEST(Suspect, HadWhatItsFormShowed)
{
    const UnitHistory history{
        {version(3,  "c", "1", 5), version(5, "b", "2", 10)},
        {},
        { },
        { }
    };
    const auto merge = merge_change(history, Latest{}, stale_form("1", 5));
    EXPECT_EQ(merge.causality, Merge::Causality::concurrent);
    EXPECT_EQ(merge.added.superseded, std::vector{JournalSeq{3}});
    EXPECT_TRUE(merge.added.suspect);
}

TEST(Suspect, StaysSuspectInTheHistory)
{
    UnitHistory history{{version(5, "b", "2", 10)}, {}, {}, {}};
    const auto merge = merge_change(history, Latest{}, stale_form("1", 5));
    apply_version(history, merge.added, AgencyId{"a"}, JournalSeq{10});
    ASSERT_EQ(history.open.size(), 2U);
    EXPECT_FALSE(history.open.front().suspect);
    EXPECT_TRUE(history.open.back().suspect);
    EXPECT_EQ(golden_as_of(history, Latest{}, AgencyId{"a"}, JournalSeq{10}), std::nullopt);
}

TEST(Suspect, CountsAsAnAnswerToWhatWeWrote)
{
    UnitHistory history{{version(5, "b", "2", 10)}, {}, {}, {}};
    for (std::int64_t seq = 10; seq < 14; ++seq) {
        EXPECT_FALSE(argues(history, AgencyId{"a"}));
        const auto merge = merge_change(history, Max{}, stale_form("1", 5));
        apply_version(history, merge.added, AgencyId{"a"}, JournalSeq{seq});
    }
    EXPECT_TRUE(argues(history, AgencyId{"a"}));
}

TEST(Suspect, OfTheAuthorityItselfStandsAndIsNoAnswer)
{
    UnitHistory history{{version(5, "b", "2", 10)}, {}, {}, {}};
    auto change = stale_form("1", 5);
    change.authority_linked = true;
    const auto merge = merge_change(history, Authority{AgencyId{"a"}}, change);
    EXPECT_EQ(merge.causality, Merge::Causality::concurrent);
    EXPECT_EQ(merge.added.superseded, std::vector{JournalSeq{5}});
    EXPECT_EQ(merge.added.answers, 0U);
}

TEST(Suspect, AddsNothingToASum)
{
    UnitHistory history;
    Change first{AgencyId{"b"}, text("10"), PgTime{1}, JournalSeq{0}};
    apply_version(history, merge_change(history, Sum{}, first).added, AgencyId{"b"}, JournalSeq{1});
    Change added{AgencyId{"b"}, text("15"), PgTime{2}, JournalSeq{1}};
    added.base = text("10");
    apply_version(history, merge_change(history, Sum{}, added).added, AgencyId{"b"}, JournalSeq{5});
    auto form = stale_form("10", 5);
    form.base = text("10");
    apply_version(history, merge_change(history, Sum{}, form).added, AgencyId{"a"}, JournalSeq{10});
    EXPECT_EQ(judge(history.open, Sum{}).value, text("15"));
}

}  // namespace
}  // namespace casebridge::conflict
