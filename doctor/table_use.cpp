#include "doctor/table_use.hpp"

#include <algorithm>

namespace casebridge::doctor {
namespace {

bool may_come(
    const pipeline::BridgeDefinition& definition, const mapping::TableMapping& table, UnitIndex unit
)
{
    return std::ranges::any_of(definition.agreements, [&](const pipeline::Agreement& agreement) {
        return agreement.to == table.agency && agreement.shared[table.entity.value()][unit.value()];
    });
}

TableUse use_of(const pipeline::BridgeDefinition& definition, const mapping::TableMapping& table)
{
    TableUse use;
    use.mapping = &table;
    use.surveyed.insert(table.key_column);
    for (const auto& slot : table.slots)
        use.surveyed.insert(slot.column);
    for (const auto& unit : table.units)
        if (may_come(definition, table, unit.unit))
            for (const auto& binding : unit.bindings)
                use.updated.insert(table.slots[binding.slot].column);
    if (!use.updated.empty()) {
        use.compared = use.updated;
        use.compared.insert(table.key_column);
    }
    if (!use.updated.empty() && !std::holds_alternative<mapping::CreateNever>(table.create_when)) {
        use.inserts = TableUse::Inserts::possible;
        use.inserted = use.surveyed;
        use.provided = use.compared;
        for (const auto& constant : table.on_insert) {
            use.inserted.insert(constant.column);
            use.provided.insert(constant.column);
        }
    }
    if (!use.updated.empty() && table.remote_delete == mapping::RemoteDelete::permitted) {
        use.deletes = TableUse::Deletes::possible;
        use.compared = use.surveyed;
    }
    return use;
}

}  // namespace

std::vector<TableUse> table_uses(const pipeline::BridgeDefinition& definition, const AgencyId& agency)
{
    std::vector<TableUse> uses;
    for (const auto& table : definition.tables)
        if (table.agency == agency)
            uses.push_back(use_of(definition, table));
    return uses;
}

}  // namespace casebridge::doctor
