#include "tests/simulation/checkers/open_forms.hpp"

#include <algorithm>

namespace casebridge::simulation {
namespace {

constexpr std::size_t screens_max = 8;

bool changes(const RowStep& step, std::size_t slot)
{
    return step.before[slot] != step.after[slot];
}

}  // namespace

OpenForms::Stale OpenForms::read(const Rules& rules, const RowStep& step)
{
    std::erase_if(screens_, [&](const Screen& screen) {
        return step.time && step.time->value() - screen.outdated.value() > rules.stale_form_window_us();
    });
    Stale stale;
    if (step.source == RowSource::stream && step.time && !screens_.empty()) {
        const auto* saved_screen = saved(step);
        const auto entity = entity_of(step.table);
        for (std::uint16_t number = 0; number < unit_count(entity); ++number) {
            const UnitIndex unit{number};
            const auto mode = rules.stale_forms_of(entity, unit);
            const auto* screen = mode == pipeline::StaleForms::any        ? &screens_.front()
                                 : mode == pipeline::StaleForms::restored ? saved_screen
                                                                          : nullptr;
            if (screen == nullptr)
                continue;
            Overwritten found{0, step.before};
            bool overwrites = false;
            for (const auto slot : slots_of(step.table, unit)) {
                const auto cell = screen->cells.find(slot);
                if (cell == screen->cells.end())
                    continue;
                found.shown[slot] = cell->second.text;
                if (!changes(step, slot))
                    continue;
                found.delivery =
                    overwrites ? std::min(found.delivery, cell->second.delivery) : cell->second.delivery;
                overwrites = true;
            }
            if (overwrites)
                stale.emplace(unit, std::move(found));
        }
    }
    remember(step);
    return stale;
}

// The oldest screen that the row shows again, if the step did more than undo deliveries.
const OpenForms::Screen* OpenForms::saved(const RowStep& step) const
{
    for (const auto& screen : screens_) {
        bool undone = false;
        bool again = true;
        for (const auto& [slot, cell] : screen.cells) {
            again = again && step.after[slot] == cell.text;
            undone = undone || changes(step, slot);
        }
        if (!again || !undone)
            continue;
        for (std::size_t slot = 0; slot < slot_count(step.table); ++slot)
            if (changes(step, slot) && !screen.cells.contains(slot))
                return &screen;
        return nullptr;
    }
    return nullptr;
}

void OpenForms::remember(const RowStep& step)
{
    std::set<std::size_t> delivered;
    if (step.ours != nullptr && step.source == RowSource::echo)
        for (const auto unit : step.ours->written)
            if (!step.ours->altered.contains(unit))
                for (const auto slot : slots_of(step.table, unit))
                    if (changes(step, slot))
                        delivered.insert(slot);
    for (std::size_t slot = 0; slot < slot_count(step.table); ++slot)
        if (changes(step, slot) && !delivered.contains(slot))
            for (auto& screen : screens_) {
                screen.cells.erase(slot);
                screen.first.erase(slot);
            }
    std::erase_if(screens_, [](const Screen& screen) { return screen.first.empty(); });
    if (delivered.empty() || !step.time)
        return;
    screens_.push_back({*step.time, {}, delivered});
    for (auto& screen : screens_)
        for (const auto slot : delivered)
            screen.cells.try_emplace(slot, Cell{step.before[slot], step.commit});
    if (screens_.size() > screens_max)
        screens_.erase(screens_.begin());
}

}  // namespace casebridge::simulation
