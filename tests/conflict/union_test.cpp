#include "conflict/judge.hpp"
#include "model/text_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

// What single edits do to a set under `union`, and what of it is told.

namespace casebridge::conflict {
namespace {

// `"ab"` is the set of a and b.
UnitValue letters(const std::string& elements)
{
    std::vector<Value> values;
    for (const char c : elements)
        values.emplace_back(std::string(1, c));
    return {write_text_set(to_text_set(std::move(values)))};
}

class UnionMerge : public testing::Test {
protected:
    struct Edit {
        std::string author;
        std::optional<std::string> base;
        std::string value;
        std::int64_t seen = 0;
    };

    static Change change(const Edit& edit)
    {
        Change change{
            AgencyId{edit.author}, letters(edit.value), {}, JournalSeq{edit.seen}, false, false, {}};
        if (edit.base)
            change.base = letters(*edit.base);
        return change;
    }

    Merge read(const Change& change)
    {
        auto merge = merge_change(unit_, rule_, change);
        apply_version(unit_, merge.added, change.author, JournalSeq{++seq_});
        return merge;
    }

    Merge read(const Edit& edit) { return read(change(edit)); }

    void decide(const std::string& value, const std::vector<std::int64_t>& seen)
    {
        VersionAdded added{{}, letters(value), std::nullopt, {}};
        std::vector<JournalSeq> saw;
        for (const auto seq : seen)
            saw.emplace_back(seq);
        for (const auto& version : unit_.open)
            if (std::ranges::find(saw, version.seq) != saw.end())
                added.superseded.push_back(version.seq);
        tag_decision(unit_, rule_, saw, added);
        apply_decision(unit_, added, AgencyId{}, JournalSeq{++seq_});
    }

    [[nodiscard]] std::optional<UnitValue> golden() const { return judge(unit_.open, rule_).value; }

    FieldRule rule_{Union{}};
    UnitHistory unit_;
    std::int64_t seq_ = 0;
};

TEST_F(UnionMerge, DifferentElementsAreAConcurrencyThatNobodyHasToDecide)
{
    read({"a", std::nullopt, "x", 0});
    read({"a", "x", "xy", 0});
    const auto merge = read({"b", "x", "xz", 1});
    EXPECT_EQ(merge.causality, Merge::Causality::concurrent);
    const auto decision = judge(unit_.open, rule_);
    EXPECT_EQ(decision.outcome, Decision::Outcome::stands);
    EXPECT_EQ(decision.value, letters("xyz"));
    EXPECT_EQ(decision.winner, std::nullopt);
    EXPECT_EQ(decision.decided_by, "union");
}

TEST_F(UnionMerge, TheSameAdditionByTwoIsAnAgreement)
{
    read({"a", std::nullopt, "x", 0});
    read({"a", "x", "xy", 0});
    EXPECT_EQ(read({"b", "x", "xy", 1}).causality, Merge::Causality::agreeing);
    EXPECT_EQ(golden(), letters("xy"));
    EXPECT_TRUE(judge(unit_.open, rule_).winner);
    // Whoever takes it out again has seen the own addition only.
    read({"b", "xy", "x", 1});
    EXPECT_EQ(golden(), letters("xy"));
    read({"a", "xy", "x", 4});
    EXPECT_EQ(golden(), letters("x"));
}

TEST_F(UnionMerge, ACausalEditStandsAlone)
{
    read({"a", std::nullopt, "xy", 0});
    EXPECT_EQ(read({"b", "xy", "yz", 1}).causality, Merge::Causality::causal);
    const auto decision = judge(unit_.open, rule_);
    EXPECT_EQ(decision.value, letters("yz"));
    EXPECT_EQ(decision.winner, 0U);
}

TEST_F(UnionMerge, NobodyHasToKeepAnythingInAnEmptySet)
{
    read({"a", std::nullopt, "x", 0});
    read({"b", "x", "", 1});
    EXPECT_EQ(golden(), letters(""));
    read({"a", "x", "", 0});
    EXPECT_EQ(golden(), letters(""));
}

TEST_F(UnionMerge, ARowOfItsOwnAddsAllThatItShows)
{
    read({"a", std::nullopt, "xy", 0});
    const auto merge = read({"b", std::nullopt, "yz", 0});
    EXPECT_EQ(merge.causality, Merge::Causality::concurrent);
    EXPECT_EQ(golden(), letters("xyz"));
    // Neither had the other's y.
    read({"a", "xy", "x", 0});
    EXPECT_EQ(golden(), letters("xyz"));
    read({"a", "xyz", "xz", 3});
    EXPECT_EQ(golden(), letters("xz"));
}

TEST_F(UnionMerge, ARowThatIsEnteredAgainReplacesWhatItsAgencyHad)
{
    read({"a", std::nullopt, "xy", 0});
    read({"b", "xy", "xyz", 1});
    read({"a", std::nullopt, "x", 0});
    EXPECT_EQ(golden(), letters("xz"));
}

TEST_F(UnionMerge, ATriggerAddsOnlyWhatWasNotThere)
{
    read({"a", std::nullopt, "xy", 0});
    read({"a", "xy", "x", 0});
    // b's trigger answers to what was written there: xy.
    auto answer = change({"b", std::nullopt, "xyz", 1});
    answer.in_our_transaction = true;
    read(answer);
    EXPECT_EQ(golden(), letters("xz"));
    auto other = change({"b", std::nullopt, "z", 3});
    other.in_our_transaction = true;
    read(other);
    EXPECT_EQ(golden(), letters("z"));
}

TEST_F(UnionMerge, AStaleFormNeitherTakesOutNorPutsBackWhatWasDelivered)
{
    read({"a", std::nullopt, "xy", 0});
    read({"b", "xy", "xz", 1});
    // a's form shows xy still, and somebody adds w.
    auto form = change({"a", "xy", "wxy", 2});
    form.unseen_from = JournalSeq{2};
    EXPECT_EQ(read(form).causality, Merge::Causality::concurrent);
    EXPECT_EQ(golden(), letters("wxz"));
}

TEST_F(UnionMerge, WhatAMarkHidesIsNotTakenOut)
{
    read({"a", std::nullopt, "x", 0});
    read({"b", "x", "xy", 1});
    unit_.set_mark(AgencyId{"a"}, JournalSeq{2});
    read({"a", "xy", "x", 9});
    EXPECT_EQ(golden(), letters("xy"));
}

TEST_F(UnionMerge, ADecisionTakesOutWhatThePersonSaw)
{
    read({"a", std::nullopt, "xy", 0});
    read({"b", std::nullopt, "yz", 0});
    decide("xw", {1, 2});
    EXPECT_EQ(golden(), letters("wx"));
    EXPECT_EQ(unit_.open.size(), 1U);
}

TEST_F(UnionMerge, WhatWasPutInOrTakenOutBehindAPersonsBackIsNotOverruled)
{
    read({"a", std::nullopt, "xy", 0});
    read({"b", std::nullopt, "yz", 0});
    // While the person looks at xyz, a takes x out and b adds v.
    read({"a", "xy", "y", 0});
    read({"b", "yz", "vyz", 0});
    decide("xy", {1, 2});
    EXPECT_EQ(golden(), letters("vy"));
}

TEST_F(UnionMerge, WhatAPersonPutInGoesWhenItsReaderTakesItOut)
{
    read({"a", std::nullopt, "x", 0});
    decide("xy", {1});
    // Not even the agency whose value it was had it before it was delivered.
    auto blind = change({"a", "xy", "x", 1});
    auto seeing = change({"a", "xy", "x", 2});
    auto before = unit_;
    read(blind);
    EXPECT_EQ(golden(), letters("xy"));
    unit_ = before;
    read(seeing);
    EXPECT_EQ(golden(), letters("x"));
}

TEST_F(UnionMerge, AVersionFromBeforeTheRulePutsInAllThatItShows)
{
    unit_.open = {
        {JournalSeq{1}, AgencyId{"a"}, letters("xy"), std::nullopt},
        {JournalSeq{2}, AgencyId{"b"}, letters("yz"), std::nullopt}
    };
    seq_ = 2;
    EXPECT_EQ(golden(), letters("xyz"));
    read({"a", "xyz", "xz", 2});
    EXPECT_EQ(golden(), letters("xz"));
}

TEST_F(UnionMerge, WhatIsNoSetIsNotTakenForAnEmptyOne)
{
    unit_.open = {
        {JournalSeq{1}, AgencyId{"a"}, {Value{"x, y"}}, std::nullopt},
        {JournalSeq{2}, AgencyId{"b"}, letters("z"),    std::nullopt}
    };
    EXPECT_EQ(judge(unit_.open, rule_).outcome, Decision::Outcome::held);
}

TEST_F(UnionMerge, WhatWeWroteIsKnownAgainWhateverWasPutInSince)
{
    read({"a", std::nullopt, "x", 0});
    read({"a", "x", "xy", 0});
    read({"b", "x", "xz", 1});
    const auto ours = [&](const std::string& value, std::int64_t to) {
        return could_have_written(unit_, rule_, AgencyId{"c"}, JournalSeq{to}, letters(value));
    };
    EXPECT_TRUE(ours("xy", 2));
    EXPECT_TRUE(ours("xyz", 2));
    EXPECT_FALSE(ours("xz", 2));
    EXPECT_FALSE(ours("x", 2));
}

// Whatever happens, the bookkeeping is as long as what is in the set and not yet everywhere.
TEST_F(UnionMerge, KeepsNoTagThatCannotMatterAnyMore)
{
    read({"a", std::nullopt, "x", 0});
    for (int times = 0; times < 50; ++times) {
        const auto had = seq_;
        read({"a", "x", "xy", had});
        read({"b", "x", "xyz", had});
        read({"a", "xyz", "xz", had + 2});
        read({"b", "xyz", "x", had + 3});
        prune(unit_, JournalSeq{had + 2});
    }
    read({"a", "x", "xw", seq_});
    prune(unit_, JournalSeq{seq_});
    read({"b", "xw", "x", seq_});
    ASSERT_EQ(unit_.open.size(), 1U);
    const auto& tags = unit_.open.front().tags;
    ASSERT_TRUE(tags);
    EXPECT_EQ(tags->added.size() + tags->kept.size(), 1U);
    EXPECT_TRUE(tags->removed.empty());
}

}  // namespace
}  // namespace casebridge::conflict
