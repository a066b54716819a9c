#include "tests/simulation/checkers/edits.hpp"

#include <algorithm>

// What edits are worth together.

namespace casebridge::simulation {
namespace {

// Those of the known edits that no other known one knew.
std::vector<std::size_t> tops(const UnitEdits& edits, const EditSet& known)
{
    std::vector<std::size_t> top;
    for (std::size_t i = 0; i < edits.size(); ++i) {
        bool passed = !known[i];
        for (std::size_t j = 0; j < edits.size() && !passed; ++j)
            passed = known[j] && j != i && edits[j].had[i];
        if (!passed)
            top.push_back(i);
    }
    return top;
}

// What all known edits carry together.
Tally counted(const UnitEdits& edits, const EditSet& known)
{
    Tally all;
    long long added = 0;
    for (std::size_t i = 0; i < edits.size() && i < edits_max; ++i) {
        if (!known[i])
            continue;
        if (edits[i].base && !*edits[i].base)
            all.starts.push_back({Tally::Ground::read, Value{"0"}});
        if (edits[i].base)
            added += number_of(edits[i].value) - number_of(*edits[i].base);
        else
            all.starts.push_back({Tally::Ground::read, Value{std::to_string(number_of(edits[i].value))}});
    }
    all.added = Value{std::to_string(added)};
    return all;
}

}  // namespace

std::optional<Text> Edits::joined(
    const Subject& subject, UnitIndex unit, const UnitEdits& edits, const EditSet& known
) const
{
    const auto kind = world_.rules.of(subject.entity, unit);
    // The stamp of an edit is raised above those that it knew.
    std::vector<std::optional<PgTime>> stamps(edits.size());
    for (std::size_t i = 0; i < edits.size() && i < edits_max; ++i) {
        stamps[i] = edits[i].commit_time;
        for (std::size_t j = 0; j < i && stamps[i]; ++j)
            if (edits[i].had[j] && stamps[j] && *stamps[i] <= *stamps[j])
                stamps[i] = PgTime{stamps[j]->value() + 1};
    }
    if (kind == RuleKind::authority) {
        std::optional<Text> last;
        for (std::size_t i = 0; i < edits.size() && i < edits_max; ++i)
            if (known[i] && edits[i].agency == north)
                last = edits[i].value;
        if (last)
            return last;
    }
    std::vector<Claim> claims;
    for (const auto i : tops(edits, known))
        claims.push_back(
            {edits[i].seq,
             edits[i].agency,
             stamps[i],
             edits[i].value,
             std::nullopt,
             edits[i].unseen_delivery.has_value()}
        );
    if (!claims.empty() && world_.rules.adds(subject.entity, unit))
        claims.front().tally = counted(edits, known);
    for (std::size_t i = 1; i < claims.size(); ++i)
        claims[i].tally = Tally{{}, Value{"0"}};
    return standing_among(kind, claims);
}

}  // namespace casebridge::simulation
