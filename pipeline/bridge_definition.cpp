#include "pipeline/bridge_definition.hpp"

#include <algorithm>

namespace casebridge::pipeline {
namespace {

bool is_valid_on(const Agreement& agreement, std::chrono::year_month_day day)
{
    return (!agreement.valid_from || *agreement.valid_from <= day) &&
           (!agreement.valid_to || day <= *agreement.valid_to);
}

}  // namespace

std::chrono::microseconds BridgeDefinition::stale_form_window(const AgencyId& agency) const
{
    const auto found = stale_form_windows.find(agency);
    return found == stale_form_windows.end() ? std::chrono::microseconds{0} : found->second;
}

StaleForms BridgeDefinition::stale_forms_of(EntityIndex entity, UnitIndex unit) const
{
    const auto found = stale_forms.find({entity, unit});
    return found == stale_forms.end() ? StaleForms::restored : found->second;
}

const mapping::TableMapping* BridgeDefinition::table_of(const AgencyId& agency, EntityIndex entity) const
{
    const auto found = std::ranges::find_if(tables, [&](const mapping::TableMapping& table) {
        return table.agency == agency && table.entity == entity;
    });
    return found == tables.end() ? nullptr : &*found;
}

const mapping::TableMapping* BridgeDefinition::find_table(
    const AgencyId& agency, const std::string& schema, const std::string& table
) const
{
    const auto found = std::ranges::find_if(tables, [&](const mapping::TableMapping& candidate) {
        return candidate.agency == agency && candidate.schema == schema && candidate.table == table;
    });
    return found == tables.end() ? nullptr : &*found;
}

const Agreement* BridgeDefinition::find_agreement(
    const AgencyId& from,
    const AgencyId& to,
    EntityIndex entity,
    UnitIndex unit,
    std::chrono::year_month_day day
) const
{
    const auto found = std::ranges::find_if(agreements, [&](const Agreement& agreement) {
        return agreement.from == from && agreement.to == to && is_valid_on(agreement, day) &&
               agreement.shared[entity.value()][unit.value()];
    });
    return found == agreements.end() ? nullptr : &*found;
}

bool BridgeDefinition::may_receive(
    const AgencyId& to,
    const Version& version,
    EntityIndex entity,
    UnitIndex unit,
    std::chrono::year_month_day day
) const
{
    if (!version.author.value().empty())
        return version.author == to || find_agreement(version.author, to, entity, unit, day) != nullptr;
    return std::ranges::any_of(agencies, [&](const AgencyId& from) {
        return find_agreement(from, to, entity, unit, day) != nullptr;
    });
}

const conflict::DeleteRule& BridgeDefinition::delete_rule(EntityIndex entity) const
{
    static const conflict::DeleteRule hold{conflict::HoldDelete{}};
    const auto rule = on_delete.find(entity);
    return rule == on_delete.end() ? hold : rule->second;
}

const BreakerRule* BridgeDefinition::breaker(EntityIndex entity) const
{
    const auto rule = breakers.find(entity);
    return rule == breakers.end() ? nullptr : &rule->second;
}

bool BridgeDefinition::may_delete(
    const AgencyId& from, const AgencyId& to, EntityIndex entity, std::chrono::year_month_day day
) const
{
    if (!may_ever_delete(from, to, entity))
        return false;
    return from == to ||
           std::ranges::any_of(table_of(to, entity)->units, [&](const mapping::MappedUnit& unit) {
               return find_agreement(from, to, entity, unit.unit, day) != nullptr;
           });
}

bool BridgeDefinition::may_ever_delete(const AgencyId& from, const AgencyId& to, EntityIndex entity) const
{
    const auto* table = table_of(to, entity);
    if (table == nullptr || table->remote_delete == mapping::RemoteDelete::refused)
        return false;
    return from == to || std::ranges::any_of(agreements, [&](const Agreement& agreement) {
               return agreement.from == from && agreement.to == to &&
                      std::ranges::any_of(table->units, [&](const mapping::MappedUnit& unit) {
                          return agreement.shared[entity.value()][unit.unit.value()];
                      });
           });
}

}  // namespace casebridge::pipeline
