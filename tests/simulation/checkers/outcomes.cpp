#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/edits.hpp"
#include "tests/simulation/checkers/final_state.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace casebridge::simulation {
namespace {

class Outcomes {
public:
    Outcomes(const World& world, const Edits& edits) : world_(world), edits_(edits), end_(world)
    {
        for (const auto& entry : world.hub.journal())
            if (const auto* read = std::get_if<RowRead>(&entry.body)) {
                if (read->source == RowSource::echo ||
                    (read->source == RowSource::stream && read->position.commit_lsn == Lsn{0}))
                    unsure_.emplace(read->record, entry.seq);
                if (read->returns)
                    returned_.insert(read->record);
            }
    }

    void check() const
    {
        for (const auto& [unit, all] : edits_.units()) {
            if (all.size() > edits_max)
                continue;
            check_outcome(unit, all);
        }
    }

private:
    // I6. What stands follows from the edits and from what each one's database had, in whatever order they
    // were read.
    void check_outcome(const Edits::UnitKey& unit, const UnitEdits& all) const
    {
        const auto& record = *world_.hub.replayed().records.find(all.front().record);
        if (!follows_from_edits_alone(unit, all, record))
            return;
        EditSet everything;
        for (std::size_t i = 0; i < all.size(); ++i)
            everything.set(i);
        const auto together = edits_.joined(unit.first, unit.second, all, everything);
        const auto golden = end_.golden(record, unit.second);
        // Where the edits together say nothing a person may have to decide, or a row that came back has
        // replaced what it never had.
        if (together && together != golden)
            throw Violation{
                "order_says_nothing",
                show(unit.first) + " has the " + unit_name(unit.first.entity, unit.second) + " " +
                    (golden ? show(*golden) : "on hold") + ", and its edits say " + show(*together)};
    }

    [[nodiscard]] bool follows_from_edits_alone(
        const Edits::UnitKey& unit, const UnitEdits& all, const pipeline::Record& record
    ) const
    {
        const auto kind = world_.rules.of(unit.first.entity, unit.second);
        // check_everything_counted() adds up. Under an authority the first word that is read stands until its
        // own comes.
        if (world_.rules.adds(unit.first.entity, unit.second) || kind == RuleKind::authority)
            return false;
        // A row that comes back behind a deletion replaces what the deletion's conflicts name as well; and
        // where somebody is argued with nothing more is written.
        const bool argued = std::ranges::any_of(world_.definition.agencies, [&](const AgencyId& agency) {
            return end_.argues(record, unit.second, agency);
        });
        if (argued || returned_.contains(record.id))
            return false;
        // Where it can be said of each edit what its database had, however one looks at the deliveries: not
        // of one by somebody who had an old form.
        return std::ranges::all_of(all, [&](const Edit& edit) {
            return edit.record == record.id && !edit.unseen_delivery && edit.had == edit.had_for_certain &&
                   !unsure_.contains({edit.record, edit.seq});
        });
    }

    const World& world_;
    const Edits& edits_;
    FinalState end_;
    std::set<RecordId> returned_;
    // A trigger's answer inside our own transaction, or released by a survey: nobody knows from which commit.
    std::set<std::pair<RecordId, JournalSeq>> unsure_;
};

}  // namespace

void check_outcomes(const World& world, const Edits& edits)
{
    Outcomes{world, edits}.check();
}

}  // namespace casebridge::simulation
