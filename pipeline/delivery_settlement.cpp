#include "pipeline/delivery_settlement.hpp"

#include "pipeline/record_values.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace casebridge::pipeline {

namespace {

Difference difference(const BridgeState& state, const Record& record, const mapping::TableMapping& table)
{
    const auto* link = record.find_link(table.index);
    return {link == nullptr ? Image{} : link->image, golden_values(*state.definition, record)};
}

// An insert has no row that could differ.
std::string_view code_of_misses(
    const BridgeState& state, const Record& record, const mapping::TableMapping& table
)
{
    const auto* link = record.find_link(table.index);
    const bool there = link != nullptr && state.state_of(*link) == LinkState::live;
    return there ? "unexplained_difference" : insert_blocked;
}

// Whether the record got a value behind the position of a delivery, or is to be deleted since then: it was
// sent without that, and nothing would lift the refusal of what it replaced.
bool written_after(const Record& record, JournalSeq to)
{
    if (record.leaves() && record.departure->since > to)
        return true;
    const auto after = [&](const Version& version) { return version.seq > to; };
    return std::ranges::any_of(record.units, [&](const conflict::UnitHistory& unit) {
        return std::ranges::any_of(unit.open, after);
    });
}

}  // namespace

void settle_delivery(Lane& lane, const AgencyId& agency, const DeliveryOutcome& outcome, EntryLog& log)
{
    auto& state = log.state();
    const auto again = [&](RecordId record) {
        lane.enqueue({record, state.last_seq, state.last_seq, std::nullopt, false});
    };
    for (const auto record : outcome.missed) {
        const auto* found = state.records.find(record);
        const auto* table = found == nullptr ? nullptr : state.definition->table_of(agency, found->entity);
        // A second miss although no row of the record was read in between: no edit is on its way that would
        // explain it.
        if (table != nullptr && lane.count_miss(record, difference(state, *found, *table)) >= 2)
            log.write(DeliveryRefused{
                agency,
                table->index,
                record,
                std::string{code_of_misses(state, *found, *table)},
                table->name()});
        if (lane.sent_by_this_process(outcome.to))
            lane.missed(outcome.to, record);
        else
            again(record);  // The echo was read before the answer came.
    }
    for (const auto& refusal : outcome.refused) {
        const auto* found = state.records.find(refusal.record);
        const bool outdated = found != nullptr && written_after(*found, outcome.to);
        if (!outdated)
            log.write(DeliveryRefused{agency, refusal.table, refusal.record, refusal.code, refusal.place});
        if (outdated && !lane.sent_by_this_process(outcome.to))
            again(refusal.record);
        lane.missed(outcome.to, refusal.record);
    }
    for (const auto record : outcome.deferred) {
        lane.missed(outcome.to, record);
        lane.defer(record);
    }
}

void withdraw_delivery(Lane& lane, const DeliveryPlan& plan, const BridgeState& state)
{
    for (const auto record : lane.not_sent(plan.to))
        lane.enqueue({record, state.last_seq, state.last_seq, std::nullopt, true});
}

}  // namespace casebridge::pipeline
