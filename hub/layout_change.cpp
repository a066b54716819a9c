#include "hub/layout_change.hpp"

#include "hub/names.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace casebridge::hub {

namespace {

Error change(std::string code, std::string place)
{
    return {
        .kind = ErrorClass::permanent,
        .code = std::move(code),
        .place = std::move(place),
        .message = "what the hub holds could not be read by this configuration",
        .remedy = "keep the name and its form, or start with an empty hub",
    };
}

// Stored values are found by name: the order means nothing.
std::set<std::string> fields_of(const EntityDefinition& entity, const UnitDefinition& unit)
{
    std::set<std::string> names;
    for (const auto field : unit.fields)
        names.insert(entity.field(field).name);
    return names;
}

std::set<std::string> units_of(const EntityDefinition& entity)
{
    std::set<std::string> names;
    for (const auto& unit : entity.units)
        names.insert(unit.name);
    return names;
}

std::set<std::string> slots_of(const mapping::TableMapping& table)
{
    std::set<std::string> names;
    for (const auto& slot : table.slots)
        names.insert(slot_name(slot));
    return names;
}

void compare(const EntityDefinition& from, const EntityDefinition& to, std::vector<Error>& changes)
{
    if (units_of(from) != units_of(to)) {
        changes.push_back(change("layout_changed", from.name));
        return;
    }
    for (const auto& unit : from.units) {
        const auto same = to.find_unit(unit.name);
        if (fields_of(from, unit) != fields_of(to, to.unit(*same)))
            changes.push_back(change("layout_changed", from.name + "." + unit.name));
    }
}

}  // namespace

std::vector<Error> layout_changes(
    const pipeline::BridgeDefinition& from, const pipeline::BridgeDefinition& to
)
{
    std::vector<Error> changes;
    for (const auto& entity : from.model.entities) {
        const auto found = std::ranges::find(to.model.entities, entity.name, &EntityDefinition::name);
        if (found == to.model.entities.end())
            changes.push_back(change("unknown_entity", entity.name));
        else
            compare(entity, *found, changes);
    }
    for (const auto& table : from.tables) {
        const auto* found = to.find_table(table.agency, table.schema, table.table);
        if (found == nullptr)
            changes.push_back(change("unknown_table", table.agency.value() + " " + table.name()));
        else if (slots_of(table) != slots_of(*found) || from.model.entity(table.entity).name != to.model.entity(found->entity).name)
            changes.push_back(change("layout_changed", table.agency.value() + " " + table.name()));
    }
    return changes;
}

}  // namespace casebridge::hub
