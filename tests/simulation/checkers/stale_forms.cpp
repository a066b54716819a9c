#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/edits.hpp"

#include <map>
#include <string>
#include <tuple>

namespace casebridge::simulation {

// The guard fires where a form was stale, and nowhere else.
void check_stale_forms(World& world)
{
    std::map<std::tuple<RecordId, UnitIndex, JournalSeq>, bool> suspected;
    for (const auto& entry : world.hub.journal())
        if (const auto* read = std::get_if<RowRead>(&entry.body))
            for (const auto& added : read->versions)
                suspected[{read->record, added.unit, entry.seq}] = added.suspect;
    const Edits edits{world};
    for (const auto& [key, all] : edits.units())
        for (const auto& edit : all) {
            const auto found = suspected.find({edit.record, key.second, edit.seq});
            const bool stale = edit.unseen_delivery.has_value();
            if (found == suspected.end() || found->second == stale)
                continue;
            throw Violation{
                "stale_forms_recognised",
                edit.agency.value() + " gave " + show(key.first) + " the " +
                    unit_name(key.first.entity, key.second) + " " + show(edit.value) + " (seq " +
                    std::to_string(edit.seq.value()) + (stale ? ") from a stale form" : ") and meant it")};
        }
}

}  // namespace casebridge::simulation
