#include "pipeline/bridge_state.hpp"

#include "pipeline/match_state.hpp"

#include <algorithm>

namespace casebridge::pipeline {

BridgeState::BridgeState(const BridgeDefinition& bridge)
    : definition(&bridge), records(bridge), tables(bridge.tables.size()), linked_rows(bridge.tables.size(), 0)
{
    for (const auto& agency : bridge.agencies)
        agencies.emplace(agency, AgencyState{});
}

LinkState BridgeState::state_of(const Link& link) const
{
    const auto truncated = tables[link.table.value()].truncated_at;
    // A reserved row was not there yet.
    if (truncated && link.since < *truncated && link.state != LinkState::reserved)
        return LinkState::ended;
    return link.state;
}

bool blocked_by_a_value(std::string_view code)
{
    return code == insert_blocked || code == taken_by_another;
}

bool blocked_by_a_row(std::string_view code)
{
    return code == pointed_at || blocked_by_a_value(code);
}

bool BridgeState::surveyed(const AgencyId& agency) const
{
    return std::ranges::all_of(definition->tables, [&](const mapping::TableMapping& table) {
        return table.agency != agency || tables[table.index.value()].survey == SurveyState::complete;
    });
}

bool BridgeState::authority_linked(
    const conflict::FieldRule& rule, const mapping::TableMapping& table, const Record* record
) const
{
    const auto* authority = rule.authority();
    if (authority == nullptr)
        return false;
    if (authority->agency == table.agency)
        return true;
    const auto* of_authority = definition->table_of(authority->agency, table.entity);
    const auto* link =
        of_authority == nullptr || record == nullptr ? nullptr : record->find_link(of_authority->index);
    return link != nullptr && state_of(*link) == LinkState::live;
}

void BridgeState::restore_parked(ParkedRow row)
{
    const auto& newest = row.newest;
    if (newest.waits_table && newest.waits_key)
        waiting[{*newest.waits_table, *newest.waits_key}].push_back(row.row);
    begin_doubt(*this, newest);
    parked.emplace(row.row, std::move(row));
}

}  // namespace casebridge::pipeline
