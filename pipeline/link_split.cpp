#include "pipeline/link_split.hpp"

#include "conflict/judge.hpp"
#include "model/assert.hpp"
#include "pipeline/record_values.hpp"
#include "pipeline/row_demand.hpp"
#include "pipeline/split_writer.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::pipeline {

namespace {

const mapping::TableMapping* table_of(const BridgeState& state, const SplitLink& wanted)
{
    const auto entity = state.definition->model.find_entity(wanted.entity);
    return entity ? state.definition->table_of(wanted.agency, *entity) : nullptr;
}

const Record* record_of(const BridgeState& state, const mapping::TableMapping& table, RecordId id)
{
    const auto* record = state.records.find(id);
    return record == nullptr || record->entity != table.entity ? nullptr : record;
}

// The row's link, if the row is the record's.
const Link* link_of(const BridgeState& state, const mapping::TableMapping& table, const SplitLink& wanted)
{
    const auto* record = record_of(state, table, wanted.record);
    const auto* link = record == nullptr ? nullptr : record->find_link(table.index);
    const bool there = link != nullptr && link->key == wanted.key && state.state_of(*link) == LinkState::live;
    return there ? link : nullptr;
}

const RecordHistory* history_of(std::span<const RecordHistory> histories, RecordId record)
{
    const auto found = std::ranges::find(histories, record, &RecordHistory::record);
    return found == histories.end() ? nullptr : &*found;
}

std::vector<UnitReading> readings(const SplitPlan& plan)
{
    std::vector<UnitReading> units;
    for (const auto& own : plan.own)
        units.push_back({own.unit, own.version.value});
    return units;
}

// Every unit of those, by its name.
std::string names(const BridgeState& state, EntityIndex entity, std::span<const UnitIndex> units)
{
    std::string text;
    for (const auto unit : units)
        text += (text.empty() ? "" : ", ") + state.definition->model.entity(entity).unit(unit).name;
    return text;
}

std::string number(RecordId record)
{
    return "record " + std::to_string(record.value());
}

// Whether anything that the person who asks may not have looked at is in the record.
bool is_newer(const Record& record, JournalSeq seen)
{
    const auto newer = [&](const Version& version) { return version.seq > seen; };
    return std::ranges::any_of(record.units, [&](const conflict::UnitHistory& unit) {
        return std::ranges::any_of(unit.open, newer) || std::ranges::any_of(unit.proposals, newer);
    });
}

// Why the row and the record cannot be taken apart as they are, if so.
std::optional<std::string> fault_of_link(
    const BridgeState& state, const mapping::TableMapping& table, const SplitLink& wanted
)
{
    const auto& record = *record_of(state, table, wanted.record);
    const auto& link = *link_of(state, table, wanted);
    if (link.origin == LinkOrigin::us)
        return "casebridge inserted that row for the record; if it is not wanted there, delete it at its "
               "agency";
    const bool entered_elsewhere = std::ranges::any_of(record.links, [&](const Link& other) {
        return other.table != link.table && other.origin == LinkOrigin::agency &&
               state.state_of(other) == LinkState::live;
    });
    if (!entered_elsewhere)
        return "no other agency has entered a row of the record: there is nothing to take apart";
    if (record.departure && record.leaves())
        return "the record is being deleted; what is left of it can be taken apart when that is over";
    if (record.departure)
        return "a deletion of the record waits for a person: decide it first, casebridge deletions show " +
               std::to_string(record.id.value());
    if (const auto parked = state.parked.find({table.index, wanted.key}); parked != state.parked.end())
        return "the row is parked as " + parked->second.newest.code +
               ": nobody knows what it shows; settle that first, casebridge parked list has it";
    if (is_newer(record, wanted.seen))
        return "somebody has edited the record since you looked; look again";
    return std::nullopt;
}

std::optional<std::string> fault_of_plan(const BridgeState& state, EntityIndex entity, const SplitPlan& plan)
{
    if (!plan.summed.empty())
        return "what others have entered in these fields is added to what the row's agency had: " +
               names(state, entity, plan.summed) +
               "; decide them first with a value of your own, casebridge holds decide";
    if (!plan.lost_left.empty())
        return "what others had entered in these fields is no longer kept: " +
               names(state, entity, plan.lost_left) +
               "; decide them first with a value of your own, casebridge holds decide";
    if (!plan.lost_own.empty())
        return "what the row's agency had entered in these fields is no longer kept: " +
               names(state, entity, plan.lost_own) + "; enter them there again first";
    return std::nullopt;
}

std::string doubt_text(const Doubt& doubt)
{
    std::string text = "the row might be another record (" + doubt.code + "):";
    for (const auto& candidate : doubt.candidates)
        text += " " + std::to_string(candidate.record.value());
    return text + "; say which it is: --into NUMBER, or --into new for one of its own";
}

std::optional<std::string> fault_of_target(
    const BridgeState& state, const mapping::TableMapping& table, const SplitLink& wanted, RecordId id
)
{
    const auto* record = record_of(state, table, id);
    if (record == nullptr)
        return "there is no " + number(id) + " of that entity";
    if (id == wanted.record)
        return "the row is that record now";
    if (record->departure)
        return number(id) + " is being deleted, or waits for a person to say so";
    const auto* link = record->find_link(table.index);
    if (link != nullptr && state.state_of(*link) == LinkState::live)
        return number(id) + " has a row at that agency: one of the two has to go there first";
    if (link != nullptr && state.state_of(*link) == LinkState::reserved)
        return number(id) + " is about to get a row at that agency; ask again when it is there";
    return std::nullopt;
}

// What the row is from then on: a record, a new one, or why nobody can say.
std::variant<Identified, std::string> find_target(
    const BridgeState& state,
    const mapping::TableMapping& table,
    const SplitLink& wanted,
    const SplitPlan& plan
)
{
    Identified found = NewRecord{};
    if (const auto* named = std::get_if<RecordId>(&wanted.into)) {
        found = *named;
    } else if (std::holds_alternative<ByRules>(wanted.into)) {
        const auto shown = shown_identities(*state.definition, table.entity, readings(plan));
        RowToIdentify row{
            {table.index, wanted.key},
            std::nullopt,
            std::nullopt,
            shown,
            state.agencies.at(table.agency).seen
        };
        row.never = wanted.record;
        found = identify_row(state, row);
    }
    if (const auto* doubt = std::get_if<Doubt>(&found))
        return doubt_text(*doubt);
    if (const auto* record = std::get_if<RecordId>(&found))
        if (auto fault = fault_of_target(state, table, wanted, *record))
            return std::move(*fault);
    return found;
}

// Why the row cannot be taken out of what is on its way to it, if so.
std::optional<std::string> fault_of_lane(const BridgeState& state, const Lane& lane, const SplitLink& wanted)
{
    if (state.agencies.at(wanted.agency).pause)
        return wanted.agency.value() + " is paused: nobody knows what its rows show; resume it first";
    if (lane.phase() != Lane::Phase::ready)
        return wanted.agency.value() +
               " is not connected: nobody knows what its rows show; ask again when it is";
    if (!lane.pending(wanted.record).empty())
        return "a delivery of the record is on its way to the row; ask again in a moment";
    return std::nullopt;
}

}  // namespace

Demand split_demand(
    const BridgeState& state, const SplitLink& wanted, std::span<const RecordHistory> histories
)
{
    Demand demand;
    const auto want = [&](RecordId record) {
        if (!state.records.knows(record))
            demand.records.push_back(record);
    };
    want(wanted.record);
    if (const auto* into = std::get_if<RecordId>(&wanted.into))
        want(*into);
    if (!state.records.knows_referrers_of(wanted.record))
        demand.referrers_of.push_back(wanted.record);
    const auto* table = table_of(state, wanted);
    if (table == nullptr)
        return demand;
    const auto* link = link_of(state, *table, wanted);
    if (link == nullptr)
        return demand;
    demand_base(state, {table->index, wanted.key}, demand);
    const auto* history = history_of(histories, wanted.record);
    if (history == nullptr)
        return demand;
    const auto plan = plan_split(state, *record_of(state, *table, wanted.record), *link, *history);
    for (auto& key : shown_identities(*state.definition, table->entity, readings(plan)))
        if (!state.records.knows(key))
            demand.identities.push_back(std::move(key));
    return demand;
}

std::variant<SplitOutlook, std::string> foresee_split(
    const BridgeState& state, const SplitLink& wanted, std::span<const RecordHistory> histories
)
{
    const auto* table = table_of(state, wanted);
    if (table == nullptr)
        return "the bridge has no such agency, or the agency keeps no such entity";
    const auto* record = record_of(state, *table, wanted.record);
    if (record == nullptr)
        return "there is no record of that number and entity";
    const auto* link = link_of(state, *table, wanted);
    if (link == nullptr)
        return "the record has no row under that key at that agency; look again";
    if (auto fault = fault_of_link(state, *table, wanted))
        return std::move(*fault);
    const auto* history = history_of(histories, wanted.record);
    CASEBRIDGE_ASSERT(history != nullptr);
    auto plan = plan_split(state, *record, *link, *history);
    if (auto fault = fault_of_plan(state, table->entity, plan))
        return std::move(*fault);
    auto target = find_target(state, *table, wanted, plan);
    if (auto* fault = std::get_if<std::string>(&target))
        return std::move(*fault);
    const auto references = references_to(state, *record, *link).size();
    return SplitOutlook{std::move(plan), std::get<Identified>(std::move(target)), references};
}

DecisionAnswer split_link(
    const SplitLink& wanted,
    RequestId request,
    PgTime now,
    std::span<const RecordHistory> histories,
    const Lanes& lanes,
    EntryLog& log
)
{
    const auto& state = std::as_const(log).state();
    auto foreseen = foresee_split(state, wanted, histories);
    if (auto* fault = std::get_if<std::string>(&foreseen))
        return {RequestOutcome::refused, std::move(*fault)};
    if (auto fault = fault_of_lane(state, lanes.at(wanted.agency), wanted))
        return {RequestOutcome::refused, std::move(*fault)};
    const auto& outlook = std::get<SplitOutlook>(foreseen);
    const LinkKey row{table_of(state, wanted)->index, wanted.key};
    const auto into = write_split({row, wanted.record, request, now}, outlook.plan, outlook.into, log);
    return {
        RequestOutcome::done,
        "split; the row is " + number(into) + " from now on, never " + number(wanted.record) +
            ", which keeps what others entered"};
}

}  // namespace casebridge::pipeline
