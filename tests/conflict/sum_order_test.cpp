#include "conflict/judge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

// `sum` over histories of increases that are read in every order: each is counted once, whoever had seen
// what.

namespace casebridge::conflict {
namespace {

struct Increase {
    std::string author;
    int by = 0;        // Of the first in a history: the total with which the count begins.
    unsigned had = 0;  // Bits of earlier ones, closed under "had", own ones included.
};

using History = std::vector<Increase>;

bool has(unsigned set, std::size_t i)
{
    return ((set >> i) & 1U) != 0;
}

// What the author's database showed: everything that it had.
FieldValue shown(const History& history, unsigned had)
{
    if (had == 0)
        return std::nullopt;
    int total = 0;
    for (std::size_t i = 0; i < history.size(); ++i)
        total += has(had, i) ? history[i].by : 0;
    return Value{std::to_string(total)};
}

// What stood for an agency at a point of its WAL is the sum of what was read by then, and of its own.
void expect_stood(
    const History& history,
    const std::vector<std::int64_t>& seq_of,
    const UnitHistory& unit,
    const std::string& agency,
    std::int64_t to
)
{
    int sum = 0;
    bool any = false;
    for (std::size_t i = 0; i < history.size(); ++i) {
        const bool own = history[i].author == agency;
        if (seq_of[i] == 0 || (seq_of[i] > to && !own))
            continue;
        for (std::size_t j = 0; own && j < history.size(); ++j)
            if (has(history[i].had, j) && history[j].author != agency && seq_of[j] > to)
                return;  // It had more by then.
        sum += history[i].by;
        any = true;
    }
    const auto expected = any ? std::optional{UnitValue{Value{std::to_string(sum)}}} : std::nullopt;
    EXPECT_EQ(golden_as_of(unit, Sum{}, AgencyId{agency}, JournalSeq{to}), expected);
}

// Reads the history in the order, and holds golden to what is read so far at each step. False when nobody
// could read it so: everything that an edit had comes before it, and before anything that it lacked.
bool read_in(const History& history, const std::vector<std::size_t>& order, const FieldRule& rule)
{
    UnitHistory unit;
    std::vector<std::int64_t> seq_of(history.size(), 0);
    int total = 0;
    for (std::size_t step = 0; step < order.size(); ++step) {
        const auto& edit = history[order[step]];
        std::int64_t last_had = 0;
        auto first_lacked = static_cast<std::int64_t>(step) + 1;
        for (std::size_t j = 0; j < history.size(); ++j) {
            const bool had = has(edit.had, j);
            if (had && seq_of[j] == 0)
                return false;
            if (history[j].author == edit.author || seq_of[j] == 0)
                continue;
            if (had)
                last_had = std::max(last_had, seq_of[j]);
            else
                first_lacked = std::min(first_lacked, seq_of[j]);
        }
        if (last_had > first_lacked)
            return false;
        const auto before = shown(history, edit.had);
        const int now = (before ? std::stoi(before->expose()) : 0) + edit.by;
        Change change{
            AgencyId{edit.author}, {Value{std::to_string(now)}}, {}, JournalSeq{last_had}, false, false, {}};
        if (order[step] != 0)
            change.base = UnitValue{before};
        const auto merge = merge_change(unit, rule, change);
        seq_of[order[step]] = static_cast<std::int64_t>(step) + 1;
        apply_version(unit, merge.added, change.author, JournalSeq{seq_of[order[step]]});
        total += edit.by;
        const auto golden = judge(unit.open, rule).value;
        EXPECT_EQ(golden, UnitValue{Value{std::to_string(total)}});
        for (const auto* agency : {"a", "b", "c"})
            expect_stood(history, seq_of, unit, agency, static_cast<std::int64_t>(step + 1) / 2);
    }
    return true;
}

std::size_t read_in_every_order(const History& history)
{
    std::vector<std::size_t> order(history.size());
    std::iota(order.begin(), order.end(), 0U);
    std::size_t read = 0;
    do {
        read += read_in(history, order, Sum{}) ? 1U : 0U;
    } while (!testing::Test::HasFailure() && std::ranges::next_permutation(order).found);
    return read;
}

// What an agency can have: its own edits, and what these or others that it has had. All of them know the
// beginning: an empty field would be a beginning of its own.
bool possible(const History& history, const std::string& author, unsigned had)
{
    if (!has(had, 0))
        return false;
    for (std::size_t j = 0; j < history.size(); ++j)
        if (has(had, j) ? (history[j].had & ~had) != 0 : history[j].author == author)
            return false;
    return true;
}

void every_history(History& history, std::size_t length, std::size_t& read)
{
    read += read_in_every_order(history);
    if (history.size() == length || testing::Test::HasFailure())
        return;
    for (const std::string author : {"a", "b", "c"})
        for (const int by : {1, -4})
            for (unsigned had = 0; had < (1U << history.size()); ++had) {
                if (!possible(history, author, had))
                    continue;
                history.push_back({author, by, had});
                every_history(history, length, read);
                history.pop_back();
            }
}

TEST(SumOrder, EveryOrderOfEverySmallHistoryGivesTheTrueTotal)
{
    History history{
        {"a", 10, 0}
    };
    std::size_t read = 0;
    every_history(history, 4, read);
    EXPECT_GT(read, 800U);
}

TEST(SumOrder, LongHistoriesOfThreeAgenciesGiveTheTrueTotal)
{
    std::mt19937 random{7};  // NOLINT(cert-msc51-cpp): the same histories every time.
    const auto below = [&](std::size_t bound) { return random() % bound; };
    std::size_t read = 0;
    for (int times = 0; times < 200 && !HasFailure(); ++times) {
        History history{
            {"a", 10, 0}
        };
        while (history.size() < 6) {
            const std::string author(1, static_cast<char>('a' + below(3)));
            const auto had = static_cast<unsigned>(below(std::size_t{1} << history.size()));
            if (possible(history, author, had))
                history.push_back({author, static_cast<int>(below(9)) - 4, had});
        }
        read += read_in_every_order(history);
    }
    EXPECT_GT(read, 800U);
}

TEST(SumOrder, AnEditOverAPartialSumReplacesWhatItHad)
{
    // a and b add to 10; a is shown 16 and adds 2, while b, who is not, adds 5 more, and c 7.
    const History history{
        {"a", 10, 0    },
        {"a", 1,  0b1  },
        {"b", 5,  0b1  },
        {"a", 2,  0b111},
        {"b", 5,  0b101},
        {"c", 7,  0b1  }
    };
    EXPECT_GT(read_in_every_order(history), 1U);
}

Version counted(std::int64_t seq, const std::string& author, const FieldValue& value, Tally tally)
{
    return {JournalSeq{seq}, AgencyId{author}, {value}, std::nullopt, std::move(tally)};
}

std::optional<UnitValue> sum_of(const std::vector<Version>& open, const FieldRule& rule)
{
    return judge(open, rule).value;
}

TEST(Sum, HoldsWhereTheTotalLeavesItsRange)
{
    const auto open = [](const std::string& start) {
        return std::vector{
            counted(1, "a", Value{"1"}, {{{Tally::Ground::read, Value{start}}}, Value{"1"}}),
            counted(2, "b", Value{"2"}, {{}, Value{"1"}})};
    };
    const Sum bigint{Sum::Range::bigint};
    EXPECT_EQ(sum_of(open("9223372036854775805"), bigint), UnitValue{Value{"9223372036854775807"}});
    EXPECT_EQ(sum_of(open("9223372036854775806"), bigint), std::nullopt);
    EXPECT_EQ(sum_of(open("-9223372036854775810"), bigint), UnitValue{Value{"-9223372036854775808"}});
    EXPECT_EQ(sum_of(open("-9223372036854775811"), bigint), std::nullopt);
    EXPECT_EQ(sum_of(open("9223372036854775806"), Sum{}), UnitValue{Value{"9223372036854775808"}});
    EXPECT_EQ(sum_of(open(std::string(1'000, '9')), Sum{}), std::nullopt);
    EXPECT_NE(sum_of(open("8" + std::string(999, '9')), Sum{}), std::nullopt);
}

TEST(Sum, HoldsWithoutACommonGroundUntilAllShowOneValue)
{
    const Sum rule;
    UnitHistory unit;
    const auto read = [&](const std::string& author,
                          const std::string& value,
                          std::optional<std::string> base,
                          std::int64_t seen) {
        Change change{AgencyId{author}, {Value{value}}, {}, JournalSeq{seen}, false, false, {}};
        if (base)
            change.base = UnitValue{Value{*base}};
        const auto seq = static_cast<std::int64_t>(unit.open.size() + unit.past.size()) + 1;
        apply_version(unit, merge_change(unit, rule, change).added, change.author, JournalSeq{seq});
        return judge(unit.open, rule).value;
    };
    EXPECT_EQ(read("a", "10", std::nullopt, 0), UnitValue{Value{"10"}});
    EXPECT_EQ(read("b", "12", std::nullopt, 0), std::nullopt);
    EXPECT_EQ(read("a", "11", "10", 1), std::nullopt);
    EXPECT_EQ(read("a", "12", "11", 1), UnitValue{Value{"12"}});
    // Both had the agreement; each adds to it.
    EXPECT_EQ(read("a", "13", "12", 4), UnitValue{Value{"13"}});
    EXPECT_EQ(read("b", "17", "12", 4), UnitValue{Value{"18"}});
}

TEST(Sum, WhatWeWroteIsKnownAgainWhateverTheSumWasMadeOfSince)
{
    UnitHistory unit;
    unit.open = {
        counted(3, "a", Value{"11"}, {{{Tally::Ground::read, Value{"10"}}}, Value{"1"}}),
        counted(5, "b", Value{"15"}, {{}, Value{"5"}}),
        counted(7, "c", Value{"12"}, {{}, Value{"2"}})};
    const auto ours = [&](const std::string& value, std::int64_t to) {
        return could_have_written(unit, Sum{}, AgencyId{"a"}, JournalSeq{to}, {Value{value}});
    };
    EXPECT_TRUE(ours("11", 4));
    EXPECT_TRUE(ours("16", 4));
    EXPECT_TRUE(ours("18", 4));
    EXPECT_FALSE(ours("11", 5));
    EXPECT_FALSE(ours("15", 4));
    EXPECT_FALSE(ours("13", 4));
}

TEST(Sum, TwoEqualIncreasesAreTwo)
{
    UnitHistory unit;
    Change first{AgencyId{"a"}, {Value{"10"}}, {}, JournalSeq{0}, false, false, {}};
    apply_version(unit, merge_change(unit, Sum{}, first).added, first.author, JournalSeq{1});
    Change more{AgencyId{"a"}, {Value{"11"}}, {}, JournalSeq{1}, false, false, UnitValue{Value{"10"}}};
    apply_version(unit, merge_change(unit, Sum{}, more).added, more.author, JournalSeq{2});
    more.author = AgencyId{"b"};
    const auto merge = merge_change(unit, Sum{}, more);
    EXPECT_EQ(merge.causality, Merge::Causality::concurrent);
    apply_version(unit, merge.added, more.author, JournalSeq{3});
    const auto decision = judge(unit.open, Sum{});
    EXPECT_EQ(decision.value, UnitValue{Value{"12"}});
    EXPECT_EQ(decision.winner, std::nullopt);
}

}  // namespace
}  // namespace casebridge::conflict
