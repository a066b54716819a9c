#include "model/assert.hpp"
#include "pipeline/delivery_planner.hpp"
#include "pipeline/record_values.hpp"

#include <algorithm>
#include <utility>

// The first half of planning: which works are taken, and what they need in memory and of keys.

namespace casebridge::pipeline {

std::size_t next_batch(const Lane& lane, std::size_t rows_max)
{
    const auto& queue = lane.queue();
    if (queue.size() <= rows_max)
        return queue.size();
    // Groups that share a record are taken together, with all that lies between them. A record that is in
    // every transaction would chain up the whole queue; beyond the bound it goes at its first place.
    const auto chained_max = 4 * rows_max;
    auto count = rows_max;
    for (std::size_t place = 0; place < count && count <= chained_max; ++place)
        count = std::max(count, lane.reach(place) + 1);
    if (count <= chained_max)
        return count;
    count = rows_max;
    while (count < queue.size() && queue[count].group == queue[count - 1].group)
        ++count;
    return count;
}

std::map<MappingIndex, std::size_t> keys_lacking(
    const BridgeState& state, const Lane& lane, const PlanRequest& request, const KeyPool& keys
)
{
    std::map<MappingIndex, std::size_t> lacking;
    if (!state.surveyed(request.agency))
        return lacking;
    const auto count = next_batch(lane, request.rows_max);
    for (std::size_t i = 0; i < count; ++i) {
        const auto* record = state.records.find(lane.queue()[i].record);
        CASEBRIDGE_ASSERT(record != nullptr);
        const auto* table = state.definition->table_of(request.agency, record->entity);
        if (table != nullptr && record->find_link(table->index) == nullptr && !record->departure &&
            mapping::creates(*table, golden_values(*state.definition, *record), request.today))
            ++lacking[table->index];
    }
    for (auto& [table, wanted] : lacking)
        if (const auto at_hand = keys.find(table); at_hand != keys.end())
            wanted -= std::min(wanted, at_hand->second.size());
    std::erase_if(lacking, [](const auto& table) { return table.second == 0; });
    return lacking;
}

Demand plan_demand(const BridgeState& state, Lane& lane, const PlanRequest& request)
{
    Demand demand;
    const auto& records = state.records;
    for (const auto linked : lane.newly_linked)
        if (!records.knows_referrers_of(linked))
            demand.referrers_of.push_back(linked);
    if (!demand.empty())
        return demand;
    for (const auto linked : std::exchange(lane.newly_linked, {}))
        for (const auto referrer : records.referrers_of(linked))
            lane.enqueue({referrer, state.last_seq, state.last_seq, std::nullopt, false, Lifts::all});

    const auto want = [&](RecordId id) {
        if (!records.knows(id))
            demand.records.push_back(id);
    };
    const auto count = next_batch(lane, request.rows_max);
    for (std::size_t i = 0; i < count; ++i) {
        const auto id = lane.queue()[i].record;
        const auto* record = records.find(id);
        if (record == nullptr) {
            want(id);
            continue;
        }
        for (const auto target : keys_of(*state.definition, *record).references)
            want(target);
    }
    return demand;
}

}  // namespace casebridge::pipeline
