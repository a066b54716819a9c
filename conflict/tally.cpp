#include "conflict/tally.hpp"

#include "conflict/decimal.hpp"

#include <algorithm>

namespace casebridge::conflict {

namespace {

constexpr std::size_t digits_max = 1'000;
constexpr std::size_t starts_kept = 2;

const Value& zero()
{
    static const Value value{"0"};
    return value;
}

// An empty counter has counted nothing.
const Value& or_zero(const FieldValue& value)
{
    return value ? *value : zero();
}

void add_start(std::vector<Tally::Start>& starts, const Tally::Start& start)
{
    const auto at = std::ranges::lower_bound(starts, start);
    if (at != starts.end() && *at == start)
        return;
    starts.insert(at, start);
    if (starts.size() > starts_kept)
        starts.pop_back();
}

// A version from before the rule was `sum`, like one of unknown base, is a total that stands for itself.
Tally carried_by(const Version& version)
{
    if (version.tally)
        return *version.tally;
    return {{{Tally::Ground::read, or_zero(version.value.front())}}, zero()};
}

// All tallies in one; nothing when a number in them is none.
std::optional<Decimal> join(std::span<const Version> versions, std::vector<Tally::Start>& starts)
{
    std::optional<Decimal> added{std::in_place};
    for (const auto& version : versions) {
        const auto tally = carried_by(version);
        for (const auto& start : tally.starts)
            add_start(starts, start);
        const auto more = Decimal::parse(tally.added.expose());
        added = added && more ? std::optional{*added + *more} : std::nullopt;
    }
    return added;
}

// What starts and additions make; nothing without a common ground.
std::optional<Decimal> total(const std::vector<Tally::Start>& starts, const std::optional<Decimal>& added)
{
    if (starts.empty() || !added)
        return added;
    const auto start = Decimal::parse(starts.front().total.expose());
    return starts.size() == 1 && start ? std::optional{*start + *added} : std::nullopt;
}

bool in_range(const Decimal& number, Sum::Range range)
{
    static const auto bigint_max = *Decimal::parse("9223372036854775807");
    static const auto bigint_min = *Decimal::parse("-9223372036854775808");
    switch (range) {
        case Sum::Range::bigint:
            return bigint_min <= number && number <= bigint_max;
        case Sum::Range::numeric:
            return number.digit_count() <= digits_max;
    }
    return false;
}

}  // namespace

Tally tally_of(
    const FieldValue& value, const TallyBase& base, std::span<const Version> superseded, Showed showed
)
{
    const auto now = Decimal::parse(or_zero(value).expose());
    const auto before = base ? Decimal::parse(or_zero(*base).expose()) : std::nullopt;
    std::vector<Tally::Start> starts;
    auto added = join(superseded, starts);
    if (!now || !before) {
        add_start(starts, {Tally::Ground::read, or_zero(value)});
    } else if (showed == Showed::what_stood && total(starts, added) != before) {
        starts = {
            {Tally::Ground::settled, or_zero(value)}
        };
        added = Decimal{};
    } else {
        // Whoever finds the field empty begins from nothing, whatever others have counted.
        if (!*base)
            add_start(starts, {Tally::Ground::read, zero()});
        if (added)
            added = *added + (*now - *before);
    }
    return {std::move(starts), Value{added.value_or(Decimal{}).to_string()}};
}

FieldValue total_of(std::span<const Version> open, const Sum& rule)
{
    const bool emptied =
        std::ranges::any_of(open, [](const Version& version) { return !version.value.front(); });
    if (emptied)
        return std::nullopt;
    std::vector<Tally::Start> starts;
    const auto added = join(open, starts);
    const auto sum = total(starts, added);
    if (!sum || !in_range(*sum, rule.range))
        return std::nullopt;
    return Value{sum->to_string()};
}

}  // namespace casebridge::conflict
