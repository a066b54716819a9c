#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/departures.hpp"
#include "tests/simulation/checkers/edits.hpp"
#include "tests/simulation/checkers/told_deletions.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace casebridge::simulation {
namespace {

// What goes with a record that is deleted everywhere, edit by edit: those that the one who deleted it lacked,
// and those that were made by somebody who did not know of the deletion.
class DeletionConflicts {
public:
    DeletionConflicts(const World& world, const Edits& edits)
        : world_(world), edits_(edits), departures_(world)
    {
        for (const auto& [unit, all] : edits.units())
            for (std::size_t i = 0; i < all.size() && i < edits_max; ++i)
                places_[{all[i].record, unit.second, all[i].seq}] = {unit, i};
    }

    void check() const
    {
        for (const auto& told : told_deletions(world_))
            if (departures_.effect_of(told.seq) == DeleteEffect::propagated)
                check_lacked(told);
        for (const auto& entry : world_.hub.journal())
            if (const auto* read = std::get_if<RowRead>(&entry.body))
                check_lost(*read, entry.seq);
    }

private:
    void check_lacked(const ToldDeletion& told) const
    {
        for (const auto& [unit, version] : told.open)
            if (version.author != told.entry.agency && lacked(told, unit, version) &&
                !named(told, unit, version))
                throw Violation{
                    "no_edit_lost",
                    told.entry.agency.value() + " deleted " +
                        show(LinkKey{told.entry.table, told.entry.key}) + " (seq " +
                        std::to_string(told.seq.value()) + ") without having seen the " +
                        unit_name(told.entry.entity, unit) + " of seq " +
                        std::to_string(version.seq.value()) + ", which no conflict names"};
    }

    // What it does not keep nobody there knew of; that somebody left it empty is nothing to know.
    [[nodiscard]] bool lacked(const ToldDeletion& told, UnitIndex unit, const Version& version) const
    {
        const auto& entry = told.entry;
        if (!maps(entry.table, unit))
            return text_of(entry.entity, unit, version.value).has_value();
        if (version.seq > told_before(world_, entry.agency, entry.position.commit_lsn))
            return true;
        const auto place = places_.find({*entry.record, unit, version.seq});
        const auto commit = commit_at(world_, entry.agency, entry.position.commit_lsn);
        return place != places_.end() && commit &&
               !edits_.knew(entry.agency, place->second.first, *commit, place->second.second);
    }

    static bool named(const ToldDeletion& told, UnitIndex unit, const Version& version)
    {
        return std::ranges::any_of(told.entry.conflicts, [&](const ConflictNote& note) {
            return note.unit == unit && note.type == ConflictType::delete_origin_differs &&
                   std::ranges::count(note.versions, version.seq, &Version::seq) > 0;
        });
    }

    // Nobody who reads it there would find it otherwise: the row goes.
    void check_lost(const RowRead& read, JournalSeq seq) const
    {
        const auto departing = departures_.at(read.record, JournalSeq{seq.value() - 1});
        if (!departing || !departing->leaves() || returned(read, seq) ||
            world_.rules.remote_delete(read.table) != mapping::RemoteDelete::permitted)
            return;
        const auto verdict =
            departing->state == Departures::State::by_person ? Verdict::held : Verdict::deleted;
        for (const auto& added : read.versions)
            if (std::ranges::none_of(read.conflicts, [&](const ConflictNote& note) {
                    return note.unit == added.unit && note.type == ConflictType::update_deleted &&
                           note.verdict == verdict &&
                           std::ranges::count(note.versions, seq, &Version::seq) > 0;
                }))
                throw Violation{
                    "no_edit_lost",
                    read.agency.value() + " gave " + show(LinkKey{read.table, read.key}) +
                        ", which goes, the " + unit_name(read.entity, added.unit) + " " +
                        show(text_of(read.entity, added.unit, added.value)) + " (seq " +
                        std::to_string(seq.value()) + "), and no conflict says that it goes too"};
    }

    // The row is what brings the record back.
    [[nodiscard]] bool returned(const RowRead& read, JournalSeq seq) const
    {
        return !departures_.at(read.record, seq).has_value();
    }

    const World& world_;
    const Edits& edits_;
    Departures departures_;
    std::map<std::tuple<RecordId, UnitIndex, JournalSeq>, std::pair<Edits::UnitKey, std::size_t>> places_;
};

}  // namespace

void check_deletion_conflicts(const World& world, const Edits& edits)
{
    DeletionConflicts{world, edits}.check();
}

}  // namespace casebridge::simulation
