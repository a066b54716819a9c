#include "pipeline/delivery_settlement.hpp"

#include "pipeline/lane_informer.hpp"
#include "pipeline/record_values.hpp"

#include <algorithm>
#include <map>
#include <set>
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

// Whether what stood in the way of a delivery went while its answer was on its way: nothing that comes would
// lift the refusal.
bool lost_its_cause(const BridgeState& state, const Lane& lane, const DeliveryRefused& refused, JournalSeq to)
{
    if (blocked_by_a_value(refused.code))
        return lane.gave_up_after(refused.table, to);
    const auto emptied = [&](const mapping::TableMapping& table) {
        const auto truncated = state.tables[table.index.value()].truncated_at;
        return table.agency == refused.agency && truncated && *truncated > to;
    };
    return refused.code == pointed_at &&
           (lane.let_go_after(refused.record, to) || std::ranges::any_of(state.definition->tables, emptied));
}

std::size_t blocked_rows(const BridgeState& state, MappingIndex table)
{
    const auto in_table = [&](const auto& blocked) { return blocked.first == table; };
    return static_cast<std::size_t>(std::ranges::count_if(state.blocked, in_table));
}

// Rows that an answer says were refused because another has their value.
class Contention {
public:
    void add(const DeliveryRefused& refused, const Lane& lane)
    {
        if (refused.code != taken_by_another)
            return;
        ++refused_[refused.table];
        if (!lane.is_retry(refused.record))
            first_time_.insert(refused.table);
    }

    // One that is refused for the first time may be waiting for one that was not in this delivery, and that
    // one for it. Those that have just been tried again in vain do not count: nothing is tried for ever.
    void try_together(const BridgeState& state, Lane& lane) const
    {
        for (const auto table : first_time_)
            if (blocked_rows(state, table) > refused_.at(table))
                try_blocked_together(state, lane, table);
    }

private:
    std::map<MappingIndex, std::size_t> refused_;
    std::set<MappingIndex> first_time_;
};

}  // namespace

void settle_delivery(Lane& lane, const AgencyId& agency, const DeliveryOutcome& outcome, EntryLog& log)
{
    auto& state = log.state();
    const auto again = [&](RecordId record) {
        lane.enqueue({record, state.last_seq, state.last_seq, std::nullopt, false});
    };
    Contention contention;
    const auto refuse = [&](const DeliveryRefused& refused) {
        log.write(refused);
        contention.add(refused, lane);
        if (lost_its_cause(state, lane, refused, outcome.to))
            lane.enqueue({refused.record, state.last_seq, state.last_seq, std::nullopt, false, Lifts::all});
    };
    for (const auto record : outcome.missed) {
        const auto* found = state.records.find(record);
        const auto* table = found == nullptr ? nullptr : state.definition->table_of(agency, found->entity);
        // A second miss although no row of the record was read in between: no edit is on its way that would
        // explain it.
        const bool counts = table != nullptr && !lane.is_explained(outcome.to, record);
        if (counts && lane.count_miss(record, difference(state, *found, *table)) >= 2)
            refuse(
                {agency,
                 table->index,
                 record,
                 std::string{code_of_misses(state, *found, *table)},
                 table->name()}
            );
        if (lane.sent_by_this_process(outcome.to))
            lane.missed(outcome.to, record);
        else
            again(record);  // The echo was read before the answer came.
    }
    for (const auto& refusal : outcome.refused) {
        const auto* found = state.records.find(refusal.record);
        const bool outdated = found != nullptr && written_after(*found, outcome.to);
        if (!outdated)
            refuse({agency, refusal.table, refusal.record, refusal.code, refusal.place});
        if (outdated && !lane.sent_by_this_process(outcome.to))
            again(refusal.record);
        lane.missed(outcome.to, refusal.record);
    }
    for (const auto record : outcome.deferred) {
        lane.missed(outcome.to, record);
        lane.defer(record);
    }
    contention.try_together(state, lane);
    lane.answered(outcome.to);
}

void withdraw_delivery(Lane& lane, const DeliveryPlan& plan, const BridgeState& state)
{
    for (const auto record : lane.not_sent(plan.to))
        lane.enqueue({record, state.last_seq, state.last_seq, std::nullopt, true});
}

}  // namespace casebridge::pipeline
