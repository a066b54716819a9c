#include "pipeline/bridge_state.hpp"

#include "pipeline/match_state.hpp"

#include <algorithm>

namespace casebridge::pipeline {

BridgeState::BridgeState(const BridgeDefinition& bridge)
    : definition(&bridge), records(bridge), tables(bridge.tables.size())
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

bool blocked_by_a_row(std::string_view code)
{
    return code == insert_blocked || code == "23505";
}

bool BridgeState::surveyed(const AgencyId& agency) const
{
    return std::ranges::all_of(definition->tables, [&](const mapping::TableMapping& table) {
        return table.agency != agency || tables[table.index.value()].survey == SurveyState::complete;
    });
}

void BridgeState::restore_parked(ParkedRow row)
{
    const auto& newest = row.newest;
    if (newest.waits_table && newest.waits_key)
        waiting[{*newest.waits_table, *newest.waits_key}].push_back(row.row);
    begin_doubt(*this, newest);
    parked.emplace(row.row, std::move(row));
}

namespace {

// The record that an entry needs in memory.
struct RecordOf {
    std::optional<RecordId> operator()(const RowRead& row) const
    {
        if (row.link == LinkChange::created)
            return std::nullopt;
        return row.record;
    }
    std::optional<RecordId> operator()(const RowDeleted& row) const { return row.record; }
    std::optional<RecordId> operator()(const RowParked& row) const { return row.record; }
    std::optional<RecordId> operator()(const MarksMoved& moved) const { return moved.record; }
    std::optional<RecordId> operator()(const LinkReserved& link) const { return link.record; }
    std::optional<RecordId> operator()(const LinkDissolved& link) const { return link.record; }
    std::optional<RecordId> operator()(const DeliveryRefused& delivery) const { return delivery.record; }
    std::optional<RecordId> operator()(const DeliveryReleased& delivery) const { return delivery.record; }
    std::optional<RecordId> operator()(const ValueDecided& decided) const { return decided.record; }
    std::optional<RecordId> operator()(const DeliverySkipped& delivery) const { return delivery.record; }
    template <class Other>
    std::optional<RecordId> operator()(const Other&) const
    {
        return std::nullopt;
    }
};

}  // namespace

Demand demand_of(const BridgeState& state, std::span<const Entry> entries)
{
    Demand demand;
    for (const auto& entry : entries) {
        const auto record = std::visit(RecordOf{}, entry.body);
        if (record && record->value() < entries.front().seq.value() && !state.records.knows(*record))
            demand.records.push_back(*record);
    }
    std::ranges::sort(demand.records);
    const auto repeated = std::ranges::unique(demand.records);
    demand.records.erase(repeated.begin(), repeated.end());
    return demand;
}

}  // namespace casebridge::pipeline
