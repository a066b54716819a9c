#include "pipeline/entry_demand.hpp"

#include <algorithm>
#include <variant>

namespace casebridge::pipeline {

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
    std::optional<RecordId> operator()(const DeletionDecided& decided) const { return decided.record; }
    std::optional<RecordId> operator()(const ProposalRejected& rejected) const { return rejected.record; }
    std::optional<RecordId> operator()(const LinkSplit& split) const { return split.record; }
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
