#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/edits.hpp"
#include "tests/simulation/checkers/final_state.hpp"
#include "tests/simulation/checkers/told_deletions.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace casebridge::simulation {
namespace {

// Versions that the journal names in a conflict or records as rejected: record, unit, seq.
using Named = std::set<std::tuple<RecordId, UnitIndex, JournalSeq>>;

Named named_versions(const World& world)
{
    Named named;
    for (const auto& entry : world.hub.journal()) {
        if (const auto* deleted = std::get_if<RowDeleted>(&entry.body); deleted != nullptr && deleted->record)
            for (const auto& conflict : deleted->conflicts)
                for (const auto& version : conflict.versions)
                    named.emplace(*deleted->record, conflict.unit, version.seq);
        const auto* read = std::get_if<RowRead>(&entry.body);
        if (read == nullptr)
            continue;
        for (const auto& conflict : read->conflicts) {
            for (const auto& version : conflict.versions)
                named.emplace(read->record, conflict.unit, version.seq);
        }
        for (const auto& added : read->versions)
            if (!added.enters())
                named.emplace(read->record, added.unit, entry.seq);
    }
    return named;
}

// The authority's own word replaces the same word of another without a conflict.
bool agrees_with_authority(RuleKind kind, const Edit& edit, const Edit& later)
{
    return kind == RuleKind::authority && later.agency == north && later.value == edit.value;
}

// A deletion that everybody is told of takes along its agency's own edits and those that it had.
bool given_up(
    const World& world,
    const std::vector<ToldDeletion>& deletions,
    const Edits& edits,
    const Edits::UnitKey& unit,
    std::size_t place
)
{
    const auto& edit = edits.units().at(unit)[place];
    return std::ranges::any_of(deletions, [&](const ToldDeletion& told) {
        if (told.seq <= edit.seq || told.entry.record != edit.record ||
            told.entry.effect != DeleteEffect::propagated)
            return false;
        const auto commit = commit_at(world, told.entry.agency, told.entry.position.commit_lsn);
        return told.entry.agency == edit.agency ||
               (commit && edits.knew(told.entry.agency, unit, *commit, place));
    });
}

bool still_open(const pipeline::Record& record, UnitIndex unit, JournalSeq seq)
{
    return std::ranges::any_of(record.units[unit.value()].open, [&](const Version& version) {
        return version.seq == seq;
    });
}

}  // namespace

void check_no_edit_lost(const World& world, const Edits& edits)
{
    const FinalState end{world};
    const auto named = named_versions(world);
    const auto deletions = told_deletions(world);
    for (const auto& [key, all] : edits.units()) {
        const auto& [subject, unit] = key;
        const auto kind = world.rules.of(subject.entity, unit);
        for (std::size_t i = 0; i < all.size() && i < edits_max; ++i) {
            const auto& edit = all[i];
            const auto& record = *world.hub.replayed().records.find(edit.record);
            const auto golden = end.golden(record, unit);
            if ((golden && *golden == edit.value) || still_open(record, unit, edit.seq))
                continue;
            if (named.contains({edit.record, unit, edit.seq}) || given_up(world, deletions, edits, key, i))
                continue;
            const bool known = std::ranges::any_of(all, [&](const Edit& later) {
                return &later != &edit && (later.had[i] || agrees_with_authority(kind, edit, later));
            });
            if (!known)
                throw Violation{
                    "no_edit_lost",
                    edit.agency.value() + " gave " + show(subject) + " the " +
                        unit_name(subject.entity, unit) + " " + show(edit.value) + " (seq " +
                        std::to_string(edit.seq.value()) +
                        "): it is not golden, no conflict names it, and no later edit's database had it"};
        }
    }
}

}  // namespace casebridge::simulation
