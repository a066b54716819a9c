#include "pipeline/row_draft.hpp"

#include "pipeline/record_values.hpp"

namespace casebridge::pipeline {

namespace {

std::vector<UnitIndex> units_of(const RowDraft& draft)
{
    std::vector<UnitIndex> units;
    for (const auto* unit : draft.units)
        units.push_back(unit->unit);
    return units;
}

}  // namespace

Image overlaid(Image image, std::span<const PendingRow* const> pending)
{
    for (const auto* sent : pending)
        for (const auto& write : sent->writes)
            image[write.slot] = write.value;
    return image;
}

std::pair<RowUpdate, PendingRow> update_of(const BridgeDefinition& definition, const RowDraft& draft)
{
    RowUpdate update{draft.record->id, draft.link->key, {}, {}};
    auto slots = identifying_slots(definition, *draft.table);
    for (const auto* unit : draft.units)
        for (const auto& binding : unit->bindings)
            slots.insert(binding.slot);
    for (const auto slot : slots) {
        update.expectations.push_back({slot, draft.before[slot]});
        if (draft.before[slot] != draft.after[slot])
            update.writes.push_back({slot, draft.after[slot]});
    }
    PendingRow pending;
    pending.row = {draft.table->index, draft.link->key};
    pending.writes = update.writes;
    pending.units = units_of(draft);
    return {std::move(update), std::move(pending)};
}

std::pair<RowInsert, PendingRow> insert_of(const RowDraft& draft, const LocalKey& key)
{
    PendingRow pending;
    pending.row = {draft.table->index, key};
    pending.insert = true;
    pending.inserted = draft.after;
    pending.units = units_of(draft);
    return {
        RowInsert{draft.record->id, key, draft.after},
        std::move(pending)
    };
}

std::pair<RowDelete, PendingRow> delete_of(const RowDraft& draft)
{
    RowDelete deletion{draft.record->id, draft.link->key, {}};
    for (std::size_t slot = 0; slot < draft.before.size(); ++slot)
        deletion.expectations.push_back({slot, draft.before[slot]});
    PendingRow pending;
    pending.row = {draft.table->index, draft.link->key};
    pending.deletion = true;
    return {std::move(deletion), std::move(pending)};
}

}  // namespace casebridge::pipeline
