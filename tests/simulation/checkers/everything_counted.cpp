#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/edits.hpp"
#include "tests/simulation/checkers/final_state.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

namespace casebridge::simulation {

namespace {

// Whether an edit emptied the field while another one was made: `sum` leaves that to the next rule, and what
// comes after goes on from what that said.
bool emptied_beside_another(const UnitEdits& edits, std::size_t from)
{
    for (auto i = from; i < edits.size(); ++i)
        for (auto j = from; j < edits.size(); ++j)
            if (i != j && !edits[i].value && !edits[i].had[j] && !edits[j].had[i])
                return true;
    return false;
}

// The last edit that had all earlier ones and that all later ones had: what it says is what there was.
// Nothing when there is none, or it says nothing.
std::optional<std::size_t> last_narrow_place(const UnitEdits& edits)
{
    for (auto place = edits.size(); place-- > 0;) {
        bool narrow = edits[place].value.has_value();
        for (std::size_t i = 0; i < edits.size() && narrow; ++i)
            narrow = i == place || (i < place ? edits[place].had[i] : edits[i].had[place]);
        if (narrow)
            return place;
    }
    return std::nullopt;
}

// Whether there was more than one total to begin with, or the count began twice: a field was emptied twice,
// or a row came back without it.
bool began_twice(const UnitEdits& edits)
{
    std::size_t starts = 0;
    std::set<AgencyId> from_empty;
    for (const auto& edit : edits) {
        starts += edit.base ? 0U : 1U;
        if (edit.base && !*edit.base && !from_empty.insert(edit.agency).second)
            return true;
    }
    return starts + (from_empty.empty() ? 0U : 1U) > 1;
}

// What the rows show that was added, with what the first edit from there on says; nothing while somebody has
// emptied the field beside another's edit.
std::optional<long long> total_from(const UnitEdits& edits, std::size_t from)
{
    if (emptied_beside_another(edits, from))
        return std::nullopt;
    long long total = 0;
    for (auto i = from; i < edits.size(); ++i) {
        const auto base = i == from && from > 0 ? std::nullopt : edits[i].base;
        total += number_of(edits[i].value) - (base ? number_of(*base) : 0);
    }
    return total;
}

}  // namespace

// What the agencies' rows show that each edit added, and nothing else, is in the sum. Where a unit began from
// more than one total there is no such sum, until everybody has gone on from one again.
void check_everything_counted(World& world, const Edits& edits)
{
    const FinalState end{world};
    for (const auto& [key, all] : edits.units()) {
        const auto& [subject, unit] = key;
        if (!world.rules.adds(subject.entity, unit) || all.size() > edits_max)
            continue;
        const auto& record = *world.hub.replayed().records.find(all.front().record);
        const bool one_record =
            std::ranges::all_of(all, [&](const Edit& edit) { return edit.record == record.id; });
        const bool emptied = std::ranges::any_of(record.units[unit.value()].open, [](const Version& version) {
            return !version.value.front().has_value();
        });
        const auto golden = end.golden(record, unit);
        if (!one_record || emptied || !golden || began_twice(all))
            continue;
        auto total = total_from(all, 0);
        if (const auto narrow = total ? std::nullopt : last_narrow_place(all)) {
            total = total_from(all, *narrow);
            if (total)
                world.occurrences.count("sum counted from the middle");
        }
        if (!total)
            continue;
        if (all.size() > 1)
            world.occurrences.count("sum counted");
        if (number_of(*golden) != *total)
            throw Violation{
                "everything_counted",
                show(subject) + " has the " + unit_name(subject.entity, unit) + " " + show(*golden) +
                    ", but its edits add up to " + std::to_string(*total)};
    }
}

}  // namespace casebridge::simulation
