#include "tests/conflict/versions.hpp"

#include <gtest/gtest.h>

#include <vector>

// What the rules beyond `latest` decide; docs/conflict_resolution.md has more of it by example.

namespace casebridge::conflict {
namespace {

Version said(const std::string& author, FieldValue value, std::int64_t stamp = 0)
{
    return {JournalSeq{author.front()}, AgencyId{author}, {std::move(value)}, PgTime{stamp}};
}

Version group(const std::string& author, UnitValue value)
{
    return {JournalSeq{author.front()}, AgencyId{author}, std::move(value), PgTime{0}};
}

TEST(Rules, MaxAndMinCompareNumbersNotTexts)
{
    const std::vector open{said("a", Value{"9"}), said("b", Value{"10"}), said("c", std::nullopt)};
    EXPECT_EQ(judge(open, Max{}).value, text("10"));
    EXPECT_EQ(judge(open, Max{}).winner, 1U);
    EXPECT_EQ(judge(open, Min{}).value, text("9"));
}

TEST(Rules, MaxAbstainsFromWhatIsNoNumber)
{
    const std::vector open{said("a", Value{"9"}), said("b", Value{"ten"})};
    EXPECT_EQ(judge(open, Max{}).outcome, Decision::Outcome::held);
}

TEST(Rules, RankPutsUnlistedBehindListedAndEmptyLast)
{
    const Rank rank{
        {Value{"dead"}, Value{"gone"}}
    };
    EXPECT_EQ(
        judge(std::vector{said("a", Value{"gone"}), said("b", Value{"dead"})}, rank).value, text("dead")
    );
    EXPECT_EQ(
        judge(std::vector{said("a", Value{"new"}), said("b", Value{"gone"})}, rank).value, text("gone")
    );
    EXPECT_EQ(judge(std::vector{said("a", Value{"new"}), said("b", std::nullopt)}, rank).value, text("new"));
    EXPECT_EQ(
        judge(std::vector{said("a", Value{"new"}), said("b", Value{"old"})}, rank).outcome,
        Decision::Outcome::held
    );
}

TEST(Rules, FilledLeavesOutEmptyGroupsOnly)
{
    const UnitValue whole{Value{"x"}, Value{"y"}};
    const UnitValue half{Value{"x"}, std::nullopt};
    const UnitValue none{std::nullopt, std::nullopt};
    EXPECT_EQ(judge(std::vector{group("a", whole), group("b", none)}, Filled{}).value, whole);
    EXPECT_EQ(
        judge(std::vector{group("a", whole), group("b", half)}, Filled{}).outcome, Decision::Outcome::held
    );
}

TEST(Rules, AChainAsksTheNextAboutWhatIsLeft)
{
    const Chain chain{
        {Filled{}, Latest{}}
    };
    // The empty one is the latest, and is not asked any more.
    const std::vector open{
        said("a", Value{"1"}, 0), said("b", Value{"2"}, 5 * second), said("c", std::nullopt, 9 * second)};
    EXPECT_EQ(judge(open, chain).value, text("2"));
    EXPECT_EQ(judge(open, chain).decided_by, "latest");
    EXPECT_EQ(judge(std::vector{open[0], open[2]}, chain).decided_by, "filled");
}

TEST(Rules, BehindTheLastRuleOfAChainAPersonDecides)
{
    const Chain chain{
        {Filled{}, Latest{}}
    };
    const auto decision = judge(std::vector{said("a", Value{"1"}, 0), said("b", Value{"2"}, 1)}, chain);
    EXPECT_EQ(decision.outcome, Decision::Outcome::held);
    EXPECT_EQ(decision.value, std::nullopt);
    EXPECT_EQ(decision.decided_by, "");
}

TEST(Rules, TheSkewBoundIsTheRules)
{
    const std::vector open{said("a", Value{"1"}, 0), said("b", Value{"2"}, second / 2)};
    EXPECT_EQ(judge(open, Latest{}).outcome, Decision::Outcome::held);
    EXPECT_EQ(judge(open, Latest{std::chrono::milliseconds{499}}).value, text("2"));
    EXPECT_EQ(judge(open, Latest{std::chrono::milliseconds{500}}).outcome, Decision::Outcome::held);
}

}  // namespace
}  // namespace casebridge::conflict
