#include "tests/simulation/standing.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace casebridge::simulation {
namespace {

using Claims = std::vector<Claim>;

// Stamps nearer than this are no order: the agencies' clocks differ.
constexpr std::int64_t skew_bound_us = 1'000'000;
constexpr std::int64_t narrow_bound_us = 100'000;

std::optional<Text> agreed(const Claims& claims)
{
    for (const auto& claim : claims)
        if (claim.value != claims.front().value)
            return std::nullopt;
    return claims.front().value;
}

// What a stale form put back is neither later nor more than what others say.
bool in_doubt(const Claims& claims)
{
    return std::ranges::any_of(claims, &Claim::suspect);
}

std::optional<Text> by_stamps(const Claims& claims, std::int64_t bound)
{
    if (in_doubt(claims))
        return agreed(claims);
    const Claim* best = nullptr;
    for (const auto& claim : claims)
        if (best == nullptr ||
            std::tie(best->stamp, best->author, best->seq) < std::tie(claim.stamp, claim.author, claim.seq))
            best = &claim;
    for (const auto& claim : claims) {
        const bool apart = best->stamp && claim.stamp && best->stamp->value() - claim.stamp->value() > bound;
        if (claim.value != best->value && !apart)
            return std::nullopt;
    }
    return best->value;
}

Claims without_empty(const Claims& claims)
{
    if (in_doubt(claims))
        return claims;
    Claims filled;
    std::ranges::copy_if(claims, std::back_inserter(filled), [](const Claim& claim) {
        return claim.value.has_value();
    });
    return filled.empty() ? claims : filled;
}

std::optional<Text> greatest(const Claims& claims)
{
    Text best;
    for (const auto& claim : claims)
        if (claim.value && (!best || number_of(best) < number_of(claim.value)))
            best = claim.value;
    return best;
}

std::optional<Text> least(const Claims& claims)
{
    Text best;
    for (const auto& claim : claims)
        if (claim.value && (!best || number_of(claim.value) < number_of(best)))
            best = claim.value;
    return best;
}

std::optional<Text> by_rank(const Claims& claims)
{
    for (const std::string word : ranked)
        for (const auto& claim : claims)
            if (claim.value == word)
                return claim.value;
    // Empty comes last, whoever emptied it.
    Claims unlisted;
    std::ranges::copy_if(claims, std::back_inserter(unlisted), [](const Claim& claim) {
        return claim.value.has_value();
    });
    return agreed(unlisted.empty() ? claims : unlisted);
}

std::optional<Text> added_up(const Claims& claims)
{
    std::set<std::pair<bool, long long>> starts;
    long long total = 0;
    for (const auto& claim : claims) {
        if (!claim.value)
            return std::nullopt;
        if (!claim.tally) {
            starts.emplace(false, number_of(claim.value));
            continue;
        }
        for (const auto& start : claim.tally->starts)
            starts.emplace(start.ground == Tally::Ground::settled, std::stoll(start.total.expose()));
        total += std::stoll(claim.tally->added.expose());
    }
    if (starts.size() > 1)
        return std::nullopt;
    return std::to_string(total + (starts.empty() ? 0 : starts.begin()->second));
}

}  // namespace

long long number_of(const Text& text)
{
    return text ? std::stoll(*text) : 0;
}

std::optional<Text> standing_among(RuleKind kind, std::span<const Claim> all)
{
    if (all.empty())
        return std::nullopt;
    const Claims claims{all.begin(), all.end()};
    const auto same = agreed(claims);
    switch (kind) {
        case RuleKind::hold:
            return same;
        case RuleKind::latest:
            return by_stamps(claims, skew_bound_us);
        case RuleKind::latest_narrow:
            return by_stamps(claims, narrow_bound_us);
        case RuleKind::authority:
            for (const auto& claim : claims)
                if (claim.author == AgencyId{"north"})
                    return claim.value;
            return by_stamps(claims, skew_bound_us);
        case RuleKind::filled_latest:
            return by_stamps(without_empty(claims), skew_bound_us);
        case RuleKind::max:
            return greatest(claims);
        case RuleKind::min:
        case RuleKind::filled_min:
            return least(claims);
        case RuleKind::rank:
            return by_rank(claims);
        case RuleKind::filled_rank:
            return by_rank(without_empty(claims));
        case RuleKind::sum: {
            const auto total = added_up(claims);
            return total ? total : same;
        }
        case RuleKind::sum_max: {
            const auto total = added_up(claims);
            return total ? total : greatest(claims);
        }
    }
    return std::nullopt;
}

std::optional<Text> standing_value(
    const Rules& rules, EntityIndex entity, UnitIndex unit, std::span<const Version> open
)
{
    Claims claims;
    for (const auto& version : open)
        claims.push_back(
            {version.seq,
             version.author,
             version.stamp,
             text_of(entity, unit, version.value),
             version.tally,
             version.suspect}
        );
    return standing_among(rules.of(entity, unit), claims);
}

}  // namespace casebridge::simulation
