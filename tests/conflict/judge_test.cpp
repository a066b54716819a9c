#include "tests/conflict/versions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace casebridge::conflict {
namespace {

std::vector<FieldRule> all_rules()
{
    return {
        Latest{},
        Latest{std::chrono::seconds{4}},
        Hold{},
        Max{},
        Min{},
        Rank{{Value{"2"}}},
        Rank{{Value{"7"}}},
        Filled{},
        Sum{},
        Chain{{Filled{}, Latest{}}},
        Chain{{Latest{}, Max{}}},
        Chain{{Latest{}, Filled{}, Min{}}},
        Chain{{Rank{{Value{"7"}}}, Latest{}}},
        Chain{{Sum{}, Filled{}, Latest{}}},
        Authority{AgencyId{"a"}},
        Authority{AgencyId{"c"}}};
}

// What agencies may have written beside each other; each agency has one open version at most.
std::vector<std::vector<Version>> every_set()
{
    std::vector<std::vector<Version>> sets{{}};
    const std::vector<std::optional<std::int64_t>> stamps{
        std::nullopt, 0, second / 2, 3 * second, 10 * second};
    for (std::int64_t author = 0; author < 3; ++author) {
        const auto before = sets;
        const std::string name(1, static_cast<char>('a' + author));
        for (const auto& set : before)
            for (const auto* value : {"1", "2", ""})
                for (const auto& stamp : stamps) {
                    sets.push_back(set);
                    sets.back().push_back(version(author + 1, name, value, stamp));
                    if (sets.back().back().value == text(""))
                        sets.back().back().value.front().reset();
                }
    }
    return sets;
}

std::optional<UnitValue> outcome(const std::vector<Version>& open, const FieldRule& rule)
{
    const auto decision = judge(open, rule);
    EXPECT_EQ(decision.value.has_value(), decision.outcome == Decision::Outcome::stands);
    EXPECT_TRUE(!decision.winner || decision.value == open[*decision.winner].value);
    return decision.value;
}

TEST(Judge, OutcomeDoesNotDependOnArrivalOrder)
{
    for (const auto& set : every_set())
        for (const auto& rule : all_rules()) {
            const auto expected = outcome(set, rule);
            std::vector<std::size_t> order(set.size());
            for (std::size_t i = 0; i < order.size(); ++i)
                order[i] = i;
            do {
                std::vector<Version> arrived;
                for (const auto i : order) {
                    arrived.push_back(set[i]);
                    arrived.back().seq = JournalSeq{static_cast<std::int64_t>(arrived.size())};
                }
                ASSERT_EQ(outcome(arrived, rule), expected) << to_string(rule);
            } while (std::ranges::next_permutation(order).found);
        }
}

TEST(Judge, WhatAllSayStandsUnderEveryRule)
{
    for (const auto& set : every_set()) {
        const bool same =
            std::ranges::all_of(set, [&](const auto& v) { return v.value == set.front().value; });
        if (!same || set.empty())
            continue;
        for (const auto& rule : all_rules())
            ASSERT_EQ(outcome(set, rule), set.front().value);
    }
}

TEST(Judge, NothingIsKnownOfAnEmptySet)
{
    for (const auto& rule : all_rules())
        EXPECT_EQ(judge({}, rule).outcome, Decision::Outcome::unknown);
}

TEST(Judge, TheLatestStandsOnceItIsLaterByMoreThanTheSkewBound)
{
    const auto judged = [](std::int64_t later_by) {
        return outcome({version(1, "a", "1", 0), version(2, "b", "2", later_by)}, Latest{});
    };
    EXPECT_EQ(judged(second), std::nullopt);
    EXPECT_EQ(judged(second + 1), text("2"));
    EXPECT_EQ(judged(-second - 1), text("1"));
}

TEST(Judge, LatestAbstainsWithoutAStamp)
{
    EXPECT_EQ(
        outcome({version(1, "a", "1", std::nullopt), version(2, "b", "2", second)}, Latest{}), std::nullopt
    );
    EXPECT_EQ(
        outcome({version(1, "a", "1", std::nullopt), version(2, "b", "2", std::nullopt)}, Latest{}),
        std::nullopt
    );
}

TEST(Judge, AnotherVersionOfTheLatestValueIsNoReasonToAbstain)
{
    EXPECT_EQ(
        outcome(
            {version(1, "a", "1", 0), version(2, "b", "2", 9 * second), version(3, "c", "2", std::nullopt)},
            Latest{}
        ),
        text("2")
    );
}

TEST(Judge, AbstentionWithinTheSkewBoundLooksAtTheWholeSet)
{
    // a and c are far apart, but b is near c.
    EXPECT_EQ(
        outcome(
            {version(1, "a", "1", 0), version(2, "b", "2", 3 * second), version(3, "c", "3", 6 * second)},
            Latest{std::chrono::seconds{4}}
        ),
        std::nullopt
    );
}

TEST(Judge, TheAuthoritysValueStandsHoweverOldItIs)
{
    EXPECT_EQ(
        outcome({version(1, "a", "1", 0), version(2, "b", "2", 9 * second)}, Authority{AgencyId{"a"}}),
        text("1")
    );
}

TEST(Judge, BeforeTheAuthorityWroteTheOnlyValueStands)
{
    EXPECT_EQ(outcome({version(2, "b", "2", 0)}, Authority{AgencyId{"a"}}), text("2"));
}

TEST(Judge, RulesAreNamedAsConfigurationNamesThem)
{
    EXPECT_EQ(to_string(FieldRule{Latest{}}), "latest");
    EXPECT_EQ(to_string(FieldRule{Hold{}}), "hold");
    EXPECT_EQ(to_string(FieldRule{Authority{AgencyId{"sp"}}}), "authority:sp");
    EXPECT_EQ(to_string(FieldRule{Rank{{Value{"personal"}}}}), "rank");
    EXPECT_EQ(to_string(FieldRule{Chain{{Filled{}, Max{}}}}), "filled>max");
    EXPECT_EQ(to_string(FieldRule{Chain{{Sum{}, Min{}}}}), "sum>min");
}

}  // namespace
}  // namespace casebridge::conflict
