#include "pipeline/stale_form.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace casebridge::pipeline {

namespace {

// Of one row; a form that was opened before more deliveries than these is not recognised.
constexpr std::size_t deliveries_max = 8;

// Deliveries whose forms may still be open. Where the time is unknown all may.
std::vector<Delivered> still_open(
    const BridgeDefinition& definition,
    const AgencyId& agency,
    const std::vector<Delivered>& deliveries,
    std::optional<PgTime> now
)
{
    const auto window = definition.stale_form_window(agency).count();
    std::vector<Delivered> open;
    std::ranges::copy_if(deliveries, std::back_inserter(open), [&](const Delivered& delivered) {
        return window > 0 && (!now || now->value() - delivered.at.value() <= window);
    });
    return open;
}

// By slot what a form shows that was opened just before the first of the deliveries.
using Shown = std::map<std::size_t, const Delivered::Slot*>;

Shown shown_before(std::span<const Delivered> deliveries)
{
    Shown shown;
    for (const auto& delivered : deliveries)
        for (const auto& slot : delivered.slots)
            shown.try_emplace(slot.slot, &slot);
    return shown;
}

// Compares a change of a row with the forms that may have made it.
class Comparison {
public:
    Comparison(const BridgeDefinition& definition, const Link& link, const RowInput& input)
        : definition_(definition),
          link_(link),
          input_(input),
          open_(still_open(definition, input.mapping->agency, link.delivered, input.commit_time)),
          restored_(restored()),
          overwritten_(shown_before(open_))
    {
    }

    [[nodiscard]] StaleForm result() const
    {
        StaleForm form;
        for (const auto& unit : input_.mapping->units) {
            const auto& shown = shown_by_form(unit.unit);
            std::optional<JournalSeq> unseen_from;
            for (const auto& binding : unit.bindings) {
                const auto slot = shown.find(binding.slot);
                if (slot != shown.end() && changed(slot->first))
                    unseen_from = std::min(unseen_from.value_or(slot->second->from), slot->second->from);
            }
            if (!unseen_from)
                continue;
            if (form.units.empty())
                form.shown = link_.image;
            form.units.push_back({unit.unit, *unseen_from});
            for (const auto& binding : unit.bindings)
                if (const auto slot = shown.find(binding.slot); slot != shown.end())
                    form.shown[slot->first] = slot->second->former;
        }
        return form;
    }

private:
    [[nodiscard]] bool changed(std::size_t slot) const { return input_.image[slot] != link_.image[slot]; }

    // The oldest form that explains the whole change; none where nothing but a delivery was undone: somebody
    // meant that.
    [[nodiscard]] Shown restored() const
    {
        for (std::size_t first = 0; first < open_.size(); ++first) {
            auto shown = shown_before(std::span{open_}.subspan(first));
            const bool all_back = std::ranges::all_of(shown, [&](const auto& slot) {
                return input_.image[slot.first] == slot.second->former;
            });
            if (!all_back ||
                std::ranges::none_of(shown, [&](const auto& slot) { return changed(slot.first); }))
                continue;
            return changes_more_than(shown) ? std::move(shown) : Shown{};
        }
        return {};
    }

    [[nodiscard]] bool changes_more_than(const Shown& shown) const
    {
        for (std::size_t slot = 0; slot < link_.image.size(); ++slot)
            if (changed(slot) && !shown.contains(slot))
                return true;
        return false;
    }

    [[nodiscard]] const Shown& shown_by_form(UnitIndex unit) const
    {
        static const Shown nothing;
        switch (definition_.stale_forms_of(input_.mapping->entity, unit)) {
            case StaleForms::off:
                return nothing;
            case StaleForms::restored:
                return restored_;
            case StaleForms::any:
                return overwritten_;
        }
        return nothing;
    }

    const BridgeDefinition& definition_;
    const Link& link_;
    const RowInput& input_;
    std::vector<Delivered> open_;
    Shown restored_;
    Shown overwritten_;
};

// What the agency's database may lack of a unit before this transaction of ours.
JournalSeq unseen_before(const Record& record, UnitIndex unit, const RowInput& input)
{
    const JournalSeq next{input.seen_before.value() + 1};
    const auto mark = record.units[unit.value()].mark(input.mapping->agency);
    return mark ? std::min(*mark, next) : next;
}

}  // namespace

const StaleForm::Unit* StaleForm::find(UnitIndex unit) const
{
    const auto found = std::ranges::find(units, unit, &Unit::unit);
    return found == units.end() ? nullptr : &*found;
}

StaleForm find_stale_form(const BridgeDefinition& definition, const Link& link, const RowInput& input)
{
    if (input.source != RowSource::stream || !input.commit_time || link.delivered.empty())
        return {};
    return Comparison{definition, link, input}.result();
}

std::vector<Delivered> delivered_after(
    const BridgeDefinition& definition,
    const Record& record,
    const Link& link,
    const RowInput& input,
    const Image& image
)
{
    auto delivered = still_open(definition, input.mapping->agency, link.delivered, input.commit_time);
    Delivered latest;
    for (const auto& unit : input.mapping->units) {
        const bool ours = std::ranges::count(input.written_by_us, unit.unit) > 0;
        for (const auto& binding : unit.bindings) {
            const auto slot = binding.slot;
            if (link.image[slot] == image[slot])
                continue;
            if (!ours)
                for (auto& before : delivered)
                    std::erase_if(before.slots, [&](const Delivered::Slot& old) { return old.slot == slot; });
            else if (std::ranges::count(latest.slots, slot, &Delivered::Slot::slot) == 0)
                latest.slots.push_back({slot, link.image[slot], unseen_before(record, unit.unit, input)});
        }
    }
    std::erase_if(delivered, [](const Delivered& before) { return before.slots.empty(); });
    const bool guarded = definition.stale_form_window(input.mapping->agency).count() > 0;
    if (guarded && input.commit_time && !latest.slots.empty()) {
        latest.at = *input.commit_time;
        delivered.push_back(std::move(latest));
    }
    if (delivered.size() > deliveries_max)
        delivered.erase(delivered.begin());
    return delivered;
}

}  // namespace casebridge::pipeline
