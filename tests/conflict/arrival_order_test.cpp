#include "tests/conflict/versions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

// Histories of edits are read by the hub in many orders: each agency's own edits in theirs, and an edit that
// had seen another one after it. What stands in the end must not depend on which of these orders it was.

namespace casebridge::conflict {
namespace {

struct MadeEdit {
    std::string author;
    std::string value;
    std::int64_t time = 0;
    unsigned had = 0;  // Bits of earlier edits, closed under "had".
};

using History = std::vector<MadeEdit>;

UnitValue value_of(const MadeEdit& edit)
{
    return edit.value.empty() ? UnitValue{std::nullopt} : text(edit.value);
}

// Merges in the given order. What an edit had is told by a mark at the first version that it lacked; the
// orders tried deliver everything it had before anything it lacked, as lanes do.
std::optional<std::optional<UnitValue>> merged(
    const History& edits, const std::vector<std::size_t>& order, const FieldRule& rule
)
{
    UnitHistory history;
    std::vector<std::int64_t> seq_of(edits.size(), 0);
    std::int64_t seq = 0;
    for (const auto i : order) {
        const auto& edit = edits[i];
        std::int64_t first_lacked = seq + 1;
        std::int64_t last_had = 0;
        for (std::size_t j = 0; j < edits.size(); ++j) {
            const bool had = ((edit.had >> j) & 1U) != 0;
            if (had && seq_of[j] == 0)
                return std::nullopt;  // Not an order in which it can be read.
            if (edits[j].author == edit.author || seq_of[j] == 0)
                continue;
            if (had)
                last_had = std::max(last_had, seq_of[j]);
            else
                first_lacked = std::min(first_lacked, seq_of[j]);
        }
        if (last_had > first_lacked)
            return std::nullopt;
        const auto merge = merge_change(
            history,
            rule,
            {AgencyId{edit.author}, value_of(edit), PgTime{edit.time}, JournalSeq{last_had}, false}
        );
        seq_of[i] = ++seq;
        apply_version(history, merge.added, AgencyId{edit.author}, JournalSeq{seq});
    }
    return judge(history.open, rule).value;
}

void expect_one_outcome(const History& edits, const FieldRule& rule)
{
    std::vector<std::size_t> order(edits.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::set<std::optional<UnitValue>> outcomes;
    do {
        if (const auto outcome = merged(edits, order, rule))
            outcomes.insert(*outcome);
    } while (std::ranges::next_permutation(order).found);
    ASSERT_LE(outcomes.size(), 1U) << to_string(rule);
}

// Adds every possible next edit, up to `length` of them.
void every_history(History& edits, std::size_t length, const FieldRule& rule, std::size_t& tried)
{
    if (!edits.empty()) {
        expect_one_outcome(edits, rule);
        ++tried;
    }
    if (edits.size() == length)
        return;
    for (const std::string author : {"a", "b", "c"})
        for (const auto* value : {"1", "2", ""})
            for (const std::int64_t time : {10 * second, 20 * second})
                for (unsigned had = 0; had < (1U << edits.size()); ++had) {
                    bool closed = true;
                    for (std::size_t j = 0; j < edits.size(); ++j) {
                        const bool has = ((had >> j) & 1U) != 0;
                        closed = closed && (has ? (edits[j].had & ~had) == 0 : edits[j].author != author);
                    }
                    if (!closed)
                        continue;
                    edits.push_back({author, value, time, had});
                    every_history(edits, length, rule, tried);
                    edits.pop_back();
                    if (testing::Test::HasFatalFailure())
                        return;
                }
}

TEST(ArrivalOrder, EverySmallHistoryHasOneOutcomeUnderLatest)
{
    History edits;
    std::size_t tried = 0;
    every_history(edits, 3, Latest{}, tried);
    EXPECT_GT(tried, 2'000U);
}

TEST(ArrivalOrder, EverySmallHistoryHasOneOutcomeUnderHold)
{
    History edits;
    std::size_t tried = 0;
    every_history(edits, 3, Hold{}, tried);
    EXPECT_GT(tried, 2'000U);
}

TEST(ArrivalOrder, EverySmallHistoryHasOneOutcomeUnderEveryOtherRule)
{
    const std::vector<FieldRule> rules{
        Max{},
        Min{},
        Rank{{Value{"2"}}},
        Rank{{Value{"7"}}},
        Filled{},
        Chain{{Filled{}, Latest{}}},
        Chain{{Latest{}, Max{}}},
        Chain{{Rank{{Value{"7"}}}, Latest{}}}};
    for (const auto& rule : rules) {
        History edits;
        std::size_t tried = 0;
        every_history(edits, 3, rule, tried);
        EXPECT_GT(tried, 2'000U);
    }
}

TEST(ArrivalOrder, ALoserOfMaxIsNotForgottenWhenItsAuthorCorrectsIt)
{
    expect_one_outcome(
        {
            {"a", "9", 10 * second, 0},
            {"a", "3", 15 * second, 1},
            {"b", "4", 12 * second, 0}
    },
        Max{}
    );
}

TEST(ArrivalOrder, ASuccessorWithASkewedClockStillComesAfterWhatItReplaced)
{
    // b saw a's value and stamped it earlier by its own clock; c knew neither.
    expect_one_outcome(
        {
            {"a", "1", 10 * second, 0},
            {"b", "2", 5 * second,  1},
            {"c", "3", 7 * second,  0}
    },
        Latest{}
    );
}

TEST(ArrivalOrder, AnAgreeingVersionIsNotSwallowed)
{
    expect_one_outcome(
        {
            {"a", "5", 10 * second, 0},
            {"a", "6", 15 * second, 1},
            {"b", "5", 30 * second, 0}
    },
        Latest{}
    );
}

}  // namespace
}  // namespace casebridge::conflict
