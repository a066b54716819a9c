#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/edits.hpp"
#include "tests/simulation/checkers/final_state.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace casebridge::simulation {

namespace {

// Whether an edit emptied the field while another one was made: `sum` leaves that to the next rule, and what
// comes after goes on from what that said.
bool emptied_beside_another(const UnitEdits& edits)
{
    for (std::size_t i = 0; i < edits.size(); ++i)
        for (std::size_t j = 0; j < edits.size(); ++j)
            if (i != j && !edits[i].value && !edits[i].had[j] && !edits[j].had[i])
                return true;
    return false;
}

}  // namespace

// What the agencies' rows show that each edit added, and nothing else, is in the sum. Where a unit began from
// more than one total there is no such sum.
void check_everything_counted(World& world, const Edits& edits)
{
    const FinalState end{world};
    for (const auto& [key, all] : edits.units()) {
        const auto& [subject, unit] = key;
        if (!world.rules.adds(subject.entity, unit) || all.size() > edits_max)
            continue;
        long long total = 0;
        std::size_t starts = 0;
        std::set<AgencyId> from_empty;
        bool again = false;  // A field was emptied, or a row came back without it: its count began twice.
        bool one_record = true;
        for (const auto& edit : all) {
            total += number_of(edit.value) - (edit.base ? number_of(*edit.base) : 0);
            starts += edit.base ? 0U : 1U;
            if (edit.base && !*edit.base)
                again = again || !from_empty.insert(edit.agency).second;
            one_record = one_record && edit.record == all.front().record;
        }
        const auto& record = *world.hub.replayed().records.find(all.front().record);
        const bool emptied = std::ranges::any_of(record.units[unit.value()].open, [](const Version& version) {
            return !version.value.front().has_value();
        });
        const auto golden = end.golden(record, unit);
        if (again || starts + (from_empty.empty() ? 0U : 1U) > 1 || !one_record || emptied ||
            emptied_beside_another(all) || !golden)
            continue;
        if (all.size() > 1)
            world.occurrences.count("sum counted");
        if (number_of(*golden) != total)
            throw Violation{
                "everything_counted",
                show(subject) + " has the " + unit_name(subject.entity, unit) + " " + show(*golden) +
                    ", but its edits add up to " + std::to_string(total)};
    }
}

}  // namespace casebridge::simulation
