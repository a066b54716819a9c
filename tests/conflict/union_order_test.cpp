#include "conflict/judge.hpp"
#include "model/text_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

// `union` over histories of edits of a set that are read in every order, held to a set that is counted
// straight from the definition: an element stands when somebody added it whom no removal had seen.

namespace casebridge::conflict {
namespace {

constexpr std::size_t elements = 2;

struct SetChange {
    std::string author;
    // Bits of the elements that it puts in or takes out of what its author had; of a row that is entered
    // anew, of those that it shows.
    unsigned flips = 0;
    unsigned had = 0;  // Bits of earlier ones, closed under "had", own ones included.
    bool entered = false;
};

using History = std::vector<SetChange>;

bool has(unsigned set, std::size_t i)
{
    return ((set >> i) & 1U) != 0;
}

// The definition itself, over the edits among `known`.
class Oracle {
public:
    explicit Oracle(const History& history) : history_(history)
    {
        for (std::size_t i = 0; i < history.size(); ++i) {
            const auto before = set_of(history[i].had);
            const auto after = history[i].entered ? history[i].flips : before ^ history[i].flips;
            shown_.push_back(after);
            added_.push_back(history[i].entered ? after : after & ~before);
            removed_.push_back(before & ~after);
        }
    }

    [[nodiscard]] unsigned set_of(unsigned known) const
    {
        unsigned set = 0;
        for (std::size_t add = 0; add < added_.size(); ++add)
            for (std::size_t e = 0; e < elements; ++e)
                if (has(known, add) && has(added_[add], e) && !taken(known, add, e))
                    set |= 1U << e;
        return set;
    }

    [[nodiscard]] unsigned shown(std::size_t edit) const { return shown_[edit]; }

private:
    [[nodiscard]] bool taken(unsigned known, std::size_t add, std::size_t e) const
    {
        for (std::size_t removal = add + 1; removal < removed_.size(); ++removal)
            if (has(known, removal) && has(removed_[removal], e) && has(history_[removal].had, add))
                return true;
        return false;
    }

    const History& history_;
    std::vector<unsigned> shown_;
    std::vector<unsigned> added_;
    std::vector<unsigned> removed_;
};

UnitValue value_of(unsigned set)
{
    TextSet texts;
    for (std::size_t e = 0; e < elements; ++e)
        if (has(set, e))
            texts.emplace_back(std::string(1, static_cast<char>('e' + e)));
    return {write_text_set(texts)};
}

enum class Pruned { never, when_had_by_all };

// One history, read in one order.
class Reading {
public:
    Reading(const History& history, const std::vector<std::size_t>& order, Pruned pruned)
        : history_(history), order_(order), pruned_(pruned), oracle_(history), seq_of_(history.size(), 0)
    {
    }

    // Whether anybody could read it so: everything that an edit had comes before it, and before anything that
    // it lacked.
    bool possible()
    {
        for (std::size_t step = 0; step < order_.size(); ++step) {
            const auto& edit = history_[order_[step]];
            std::int64_t last_had = 0;
            auto first_lacked = static_cast<std::int64_t>(step) + 1;
            for (std::size_t j = 0; j < history_.size(); ++j) {
                const bool had = has(edit.had, j);
                if (had && seq_of_[j] == 0)
                    return false;
                if (history_[j].author == edit.author || seq_of_[j] == 0)
                    continue;
                if (had)
                    last_had = std::max(last_had, seq_of_[j]);
                else
                    first_lacked = std::min(first_lacked, seq_of_[j]);
            }
            if (last_had > first_lacked)
                return false;
            seen_.push_back(last_had);
            seq_of_[order_[step]] = static_cast<std::int64_t>(step) + 1;
        }
        return true;
    }

    // Holds golden to what is read so far at each step, and to what stood for each agency.
    void live()
    {
        const FieldRule rule{Union{}};
        UnitHistory unit;
        unsigned read = 0;
        for (std::size_t step = 0; step < order_.size(); ++step) {
            const auto index = order_[step];
            const auto& edit = history_[index];
            Change change{
                AgencyId{edit.author},
                value_of(oracle_.shown(index)),
                {},
                JournalSeq{seen_[step]},
                false,
                false,
                {}};
            if (!edit.entered)
                change.base = value_of(oracle_.set_of(edit.had));
            const JournalSeq seq{static_cast<std::int64_t>(step) + 1};
            apply_version(unit, merge_change(unit, rule, change).added, change.author, seq);
            read |= 1U << index;
            EXPECT_EQ(judge(unit.open, rule).value, value_of(oracle_.set_of(read)));
            if (pruned_ == Pruned::when_had_by_all)
                prune(unit, had_by_all_after(step));
            for (const auto* agency : {"a", "b", "c"})
                expect_stood(unit, agency, static_cast<std::int64_t>(step + 1) / 2, read);
        }
    }

private:
    // What every agency has that will still edit.
    [[nodiscard]] JournalSeq had_by_all_after(std::size_t step) const
    {
        auto had = static_cast<std::int64_t>(step) + 1;
        for (auto later = step + 1; later < order_.size(); ++later)
            had = std::min(had, seen_[later]);
        return JournalSeq{had};
    }

    // What stood for an agency at a point of its WAL is made of what was read by then, and of its own edits.
    void expect_stood(const UnitHistory& unit, const std::string& agency, std::int64_t to, unsigned read)
        const
    {
        if (pruned_ == Pruned::when_had_by_all)
            return;
        unsigned known = 0;
        for (std::size_t i = 0; i < history_.size(); ++i) {
            const bool own = history_[i].author == agency;
            if (!has(read, i) || (seq_of_[i] > to && !own))
                continue;
            for (std::size_t j = 0; own && j < history_.size(); ++j)
                if (has(history_[i].had, j) && history_[j].author != agency && seq_of_[j] > to)
                    return;  // It had more by then.
            known |= 1U << i;
        }
        const auto expected = known == 0 ? std::nullopt : std::optional{value_of(oracle_.set_of(known))};
        EXPECT_EQ(golden_as_of(unit, Union{}, AgencyId{agency}, JournalSeq{to}), expected);
    }

    const History& history_;
    const std::vector<std::size_t>& order_;
    Pruned pruned_;
    Oracle oracle_;
    std::vector<std::int64_t> seq_of_;
    std::vector<std::int64_t> seen_;  // By step.
};

std::size_t read_in_every_order(const History& history)
{
    std::vector<std::size_t> order(history.size());
    std::iota(order.begin(), order.end(), 0U);
    std::size_t read = 0;
    do {
        for (const auto pruned : {Pruned::never, Pruned::when_had_by_all}) {
            Reading reading{history, order, pruned};
            if (!reading.possible())
                continue;
            reading.live();
            ++read;
        }
    } while (!testing::Test::HasFailure() && std::ranges::next_permutation(order).found);
    return read;
}

std::string told(const History& history)
{
    std::string text;
    for (const auto& edit : history)
        text += edit.author + (edit.entered ? "=" : "^") + std::to_string(edit.flips) + "/" +
                std::to_string(edit.had) + " ";
    return text;
}

// What an agency can have: its own edits, and what these or others that it has had.
bool possible(const History& history, const std::string& author, unsigned had)
{
    for (std::size_t j = 0; j < history.size(); ++j)
        if (has(had, j) ? (history[j].had & ~had) != 0 : history[j].author == author)
            return false;
    return true;
}

// The first edit of a row that had nothing is the row itself.
SetChange edit_by(const std::string& author, unsigned flips, unsigned had)
{
    return {author, flips, had, had == 0};
}

struct Extent {
    std::size_t length = 0;
    unsigned flips_end = 0;  // Behind the greatest set of flips.
};

void every_history(History& history, Extent extent, std::size_t& read)
{
    if (!history.empty())
        read += read_in_every_order(history);
    if (testing::Test::HasFailure()) {
        ADD_FAILURE() << told(history);
        return;
    }
    if (history.size() == extent.length)
        return;
    const std::vector<std::string> authors =
        history.empty() ? std::vector<std::string>{"a"} : std::vector<std::string>{"a", "b", "c"};
    for (const auto& author : authors)
        for (unsigned flips = 1; flips < extent.flips_end; ++flips)
            for (unsigned had = 0; had < (1U << history.size()); ++had) {
                if (!possible(history, author, had))
                    continue;
                history.push_back(edit_by(author, flips, had));
                every_history(history, extent, read);
                history.pop_back();
                if (testing::Test::HasFailure())
                    return;
            }
}

TEST(UnionOrder, EveryOrderOfEverySmallHistoryGivesTheSameSet)
{
    History history;
    std::size_t read = 0;
    // Of two elements, and of one with an edit more.
    for (const auto extent : {
             Extent{3, 1U << elements},
             Extent{4, 2             }
    })
        every_history(history, extent, read);
    EXPECT_GT(read, 1'000U);
}

TEST(UnionOrder, LongHistoriesOfThreeAgenciesGiveTheSameSet)
{
    std::mt19937 random{11};  // NOLINT(cert-msc51-cpp): the same histories every time.
    const auto below = [&](std::size_t bound) { return random() % bound; };
    std::size_t read = 0;
    for (int times = 0; times < 100 && !HasFailure(); ++times) {
        History history{edit_by("a", 3, 0)};
        while (history.size() < 6) {
            const std::string author(1, static_cast<char>('a' + below(3)));
            const auto had = static_cast<unsigned>(below(std::size_t{1} << history.size()));
            if (!possible(history, author, had))
                continue;
            auto edit = edit_by(author, static_cast<unsigned>(1 + below(3)), had);
            edit.entered = edit.entered || below(10) == 0;
            history.push_back(std::move(edit));
        }
        read += read_in_every_order(history);
        if (HasFailure())
            ADD_FAILURE() << told(history);
    }
    EXPECT_GT(read, 500U);
}

TEST(UnionOrder, ARemovalTakesNothingThatItsAuthorHadNotSeen)
{
    // a adds e; b, which does not know, adds e and removes it again.
    const History history{
        {"a", 2, 0,     true },
        {"a", 1, 0b1,   false},
        {"b", 1, 0b1,   false},
        {"b", 1, 0b101, false}
    };
    EXPECT_EQ(Oracle{history}.set_of(0b1111), 3U);
    EXPECT_GT(read_in_every_order(history), 2U);
}

TEST(UnionOrder, ARemovalFindsWhatAnotherVersionHasTakenOver)
{
    // b goes on from what a wrote; c had only that, and removes e while its tag is b's to keep.
    const History history{
        {"a", 1, 0,    true },
        {"b", 2, 0b1,  false},
        {"c", 1, 0b1,  false},
        {"a", 2, 0b11, false}
    };
    EXPECT_EQ(Oracle{history}.set_of(0b1111), 0U);
    EXPECT_GT(read_in_every_order(history), 2U);
}

}  // namespace
}  // namespace casebridge::conflict
