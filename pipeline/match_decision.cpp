#include "pipeline/match_decision.hpp"

#include "model/assert.hpp"
#include "pipeline/parked_rows.hpp"
#include "pipeline/row_demand.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace casebridge::pipeline {

namespace {

const mapping::TableMapping* table_of(const BridgeState& state, const DecideMatch& wanted)
{
    const auto entity = state.definition->model.find_entity(wanted.entity);
    return entity ? state.definition->table_of(wanted.agency, *entity) : nullptr;
}

// The row as it is parked; null when its record is not in doubt.
const RowParked* doubtful_row(const BridgeState& state, const LinkKey& row)
{
    const auto parked = state.parked.find(row);
    if (parked == state.parked.end() || parked->second.newest.candidates.empty())
        return nullptr;
    return &parked->second.newest;
}

// One that we are about to delete is there until its echo says otherwise.
bool has_other_row(const BridgeState& state, MappingIndex table, RecordId id)
{
    const auto* record = state.records.find(id);
    CASEBRIDGE_ASSERT(record != nullptr);
    const auto* link = record->find_link(table);
    return link != nullptr && state.state_of(*link) == LinkState::live;
}

std::string number(RecordId record)
{
    return "record " + std::to_string(record.value());
}

// What became of the row.
std::string outcome(const BridgeState& state, const LinkKey& row, RecordId decided, MatchVerdict verdict)
{
    const auto parked = state.parked.find(row);
    if (parked != state.parked.end()) {
        const bool doubtful = !parked->second.newest.candidates.empty();
        return std::string{"decided; the row is still parked, "} +
               (doubtful ? "it may be another record: " : "but for another reason: ") +
               parked->second.newest.code;
    }
    const auto id = state.records.linked(row);
    CASEBRIDGE_ASSERT(id.has_value());
    if (verdict == MatchVerdict::same && *id == decided)
        return "decided; the row is " + number(*id) + " from now on";
    return "decided; the row is " + number(*id) + ", never " + number(decided);
}

DecisionAnswer refused(std::string why)
{
    return {RequestOutcome::refused, std::move(why)};
}

}  // namespace

Demand match_demand(const BridgeState& state, const DecideMatch& wanted)
{
    Demand demand;
    const auto* table = table_of(state, wanted);
    if (table == nullptr)
        return demand;
    const LinkKey row{table->index, wanted.key};
    const auto* parked = doubtful_row(state, row);
    if (parked == nullptr || !parked->image)
        return demand;
    if (!state.records.knows(wanted.record))
        demand.records.push_back(wanted.record);
    demand_row(state, row, *parked->image, demand);
    return demand;
}

DecisionAnswer decide_match(const DecideMatch& wanted, RequestId request, EntryLog& log)
{
    const auto& state = std::as_const(log).state();
    const auto* table = table_of(state, wanted);
    if (table == nullptr)
        return refused("the bridge has no such agency, or the agency keeps no such entity");
    const LinkKey row{table->index, wanted.key};
    const auto* parked = doubtful_row(state, row);
    if (parked == nullptr)
        return refused("no row under that key is in doubt; look again");
    if (std::ranges::find(parked->candidates, wanted.record, &MatchCandidate::record) ==
        parked->candidates.end())
        return refused("that record is none of those that the row might be; look again");
    if (wanted.verdict == MatchVerdict::same && has_other_row(state, table->index, wanted.record))
        return refused("the record has another row at that agency: one of the two has to go there first");
    RowInput cause;
    cause.position = parked->position;
    cause.seen = state.agencies.at(table->agency).seen;
    log.write(MatchDecided{
        request, table->agency, table->index, wanted.key, table->entity, wanted.record, wanted.verdict});
    auto again = read_again(state, row, cause);
    CASEBRIDGE_ASSERT(again.has_value());
    merge_row(log, std::move(*again));
    return {RequestOutcome::done, outcome(state, row, wanted.record, wanted.verdict)};
}

}  // namespace casebridge::pipeline
