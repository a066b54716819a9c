#include "tests/pipeline/world.hpp"

#include "pipeline/lane_restore.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace casebridge::pipeline {
namespace {

std::shared_ptr<const Relation> relation_of(const mapping::TableMapping& table)
{
    auto relation = std::make_shared<Relation>();
    relation->oid = RelationOid{16'000U + table.index.value()};
    relation->schema = table.schema;
    relation->table = table.table;
    relation->columns.push_back({table.key_column, TypeOid{20}, -1, true});
    for (const auto& slot : table.slots)
        relation->columns.push_back({slot.column, TypeOid{25}, -1, false});
    return relation;
}

}  // namespace

World::World(BridgeDefinition definition) : bridge_(std::make_unique<BridgeDefinition>(std::move(definition)))
{
    for (const auto& table : bridge_->tables) {
        relations_.push_back(relation_of(table));
        journal_.push_back({
            JournalSeq{static_cast<std::int64_t>(journal_.size()) + 1},
            SurveyProgress{ table.agency, table.index, std::nullopt, SurveyState::complete}
        });
    }
    for (const auto& id : bridge_->agencies) {
        agencies_[id].id = id;
        journal_.push_back({JournalSeq{static_cast<std::int64_t>(journal_.size()) + 1}, AgencySwept{id}});
    }
    start();
}

void World::start()
{
    daemon_ = std::make_unique<Daemon>(*bridge_);
    auto& [state, lanes, streams] = *daemon_;
    for (const auto& entry : journal_)
        apply(state, entry);
    for (const auto& id : bridge_->agencies)
        lanes.try_emplace(id);
    project();
    auto loaded = all_records();
    for (auto& [id, side] : agencies_) {
        streams.try_emplace(id, state, lanes, id, "lane_" + id.value());
        std::vector<RecordId> wanted;
        for (const auto record : loaded) {
            const auto& known = *state.records.find(record);
            const bool lacking = std::ranges::binary_search(agencies_lacking(state, known), id);
            const auto* table = bridge_->table_of(id, known.entity);
            const auto* link = table == nullptr ? nullptr : known.find_link(table->index);
            const bool without_row = link == nullptr || state.state_of(*link) == LinkState::reserved;
            if (lacking || without_row || known.last_seq > state.agencies.at(id).seen)
                wanted.push_back(record);
        }
        restore_lane(lanes.at(id), state, id, wanted);
        side.sent.reset();
        side.answer.reset();
        side.keys.clear();
        attach(side);
    }
    end_step();
}

void World::attach(Agency& side)
{
    auto& lane = lanes().at(side.id);
    EntryLog log{state()};
    if (state().last_seq <= std::max(side.progress, lane.last_to()))
        log.write(LaneReason{side.id});
    append(log);
    lane.attached(side.progress, state().last_seq);
    emit_marker(side, state().last_seq);
}

void World::crash()
{
    start();
}

void World::disconnect(const std::string& id)
{
    auto& side = agency(id);
    side.sent.reset();
    side.answer.reset();
    lanes().at(side.id).detached();
    attach(side);
}

void World::roll_back(const std::string& id)
{
    auto& side = agency(id);
    withdraw_delivery(lanes().at(side.id), *std::exchange(side.sent, std::nullopt), state());
}

void World::append(const EntryLog& log)
{
    journal_.insert(journal_.end(), log.entries().begin(), log.entries().end());
}

std::vector<SourceTransaction> World::unread(const std::string& id)
{
    const auto& side = agency(id);
    const auto merged = state().agencies.at(side.id).end_lsn;
    std::vector<SourceTransaction> rest;
    std::ranges::copy_if(side.wal, std::back_inserter(rest), [&](const auto& transaction) {
        return transaction.portion == Portion::more_follows ? transaction.commit_lsn >= merged
                                                            : transaction.end_lsn > merged;
    });
    return rest;
}

StreamReport World::read(const std::string& id, std::size_t count)
{
    auto batch = unread(id);
    batch.resize(std::min(batch.size(), count));
    auto& merge = stream(id);
    for (int round = 0;; ++round) {
        const auto demand = merge.demand(batch).value();
        if (demand.empty())
            break;
        if (round > 10)
            throw std::logic_error("demands without end");
        answer_demand(demand);
    }
    EntryLog log{state()};
    auto report = merge.merge(batch, log).value();
    append(log);
    end_step();
    return report;
}

bool World::plan(const std::string& id)
{
    auto& side = agency(id);
    auto& lane = lanes().at(side.id);
    if (lane.phase() != Lane::Phase::ready || side.sent || side.answer)
        return false;
    for (const auto record : side.locked.empty() ? lane.release_deferred() : std::vector<RecordId>{})
        lane.enqueue({record, state().last_seq, state().last_seq, std::nullopt, false});
    for (const auto& table : bridge_->tables)
        while (table.agency == side.id && side.keys[table.index].size() < side.keys_offered)
            side.keys[table.index].emplace_back(new_key());
    const PlanRequest request{side.id, rows_max_, today_};
    for (int round = 0;; ++round) {
        const auto demand = plan_demand(state(), lane, request);
        if (demand.empty())
            break;
        if (round > 10)
            throw std::logic_error("demands without end");
        answer_demand(demand);
    }
    EntryLog log{state()};
    auto planned = plan_delivery(lane, request, side.keys, log);
    append(log);
    side.sent = std::move(planned.plan);
    end_step();
    return side.sent.has_value();
}

void World::answer(const std::string& id)
{
    auto& side = agency(id);
    const auto outcome = *std::exchange(side.answer, std::nullopt);
    Demand demand;
    demand.records = outcome.missed;
    for (const auto& refusal : outcome.refused)
        demand.records.push_back(refusal.record);
    answer_demand(demand);
    EntryLog log{state()};
    settle_delivery(lanes().at(side.id), side.id, outcome, log);
    append(log);
    end_step();
}

void World::deliver(const std::string& id)
{
    if (!plan(id))
        return;
    execute(id);
    answer(id);
    read(id);
}

bool World::step(Agency& side)
{
    const auto& id = side.id.value();
    bool stepped = false;
    if (side.sent) {
        execute(id);
        stepped = true;
    }
    if (side.answer) {
        answer(id);
        stepped = true;
    }
    if (!unread(id).empty() && !state().agencies.at(side.id).held()) {
        read(id);
        stepped = true;
    }
    // A plan may take work that needs no transaction: there may be more behind it.
    const auto queued = lanes().at(side.id).queue().size();
    return plan(id) || lanes().at(side.id).queue().size() < queued || stepped;
}

void World::settle()
{
    for (int round = 0; round < 60; ++round) {
        bool stepped = false;
        for (auto& [id, side] : agencies_)
            stepped = step(side) || stepped;
        if (!stepped)
            return;
    }
    ADD_FAILURE() << "the bridge does not fall silent";
}

void World::answer_demand(const Demand& demand)
{
    state().records.answer(demand, load_for(demand));
}

std::vector<Record> World::load_for(const Demand& demand) const
{
    std::vector<Record> loaded;
    const auto has = [](const auto& list, const auto& wanted) {
        return std::ranges::find(list, wanted) != list.end();
    };
    for (const auto& [id, record] : projection_) {
        const auto keys = keys_of(*bridge_, record);
        const bool wanted =
            has(demand.records, id) ||
            std::ranges::any_of(
                record.links,
                [&](const Link& link) {
                    return has(demand.links, LinkKey{link.table, link.key});
                }
            ) ||
            std::ranges::any_of(
                keys.identities, [&](const auto& key) { return has(demand.identities, key); }
            ) ||
            std::ranges::any_of(keys.references, [&](const auto to) { return has(demand.referrers_of, to); });
        if (wanted)
            loaded.push_back(record);
    }
    return loaded;
}

void World::project()
{
    for (const auto id : state().records.unprojected())
        projection_.insert_or_assign(id, *state().records.find(id));
    state().records.projected(state().last_seq);
}

void World::end_step()
{
    project();
    state().records.forget_questions();
    if (cold_)
        state().records.shrink(0);
}

BridgeState World::replay(std::size_t entries) const
{
    BridgeState state{*bridge_};
    for (std::size_t i = 0; i < entries; ++i)
        apply(state, journal_[i]);
    return state;
}

const mapping::TableMapping& World::table(const std::string& name) const
{
    const auto found =
        std::ranges::find_if(bridge_->tables, [&](const auto& table) { return table.name() == name; });
    if (found == bridge_->tables.end())
        throw std::logic_error("no table " + name);
    return *found;
}

std::string World::show(const std::string& name, const std::string& key, const std::string& column)
{
    const auto& mapping = table(name);
    const auto& rows = agencies_.at(mapping.agency).rows;
    const auto row = rows.find({mapping.index, LocalKey{key}});
    if (row == rows.end())
        return "(none)";
    for (std::size_t slot = 0; slot < mapping.slots.size(); ++slot)
        if (mapping.slots[slot].column == column)
            return row->second[slot] ? row->second[slot]->expose() : "(null)";
    throw std::logic_error(name + " has no column " + column);
}

std::vector<std::string> World::keys(const std::string& name)
{
    const auto& mapping = table(name);
    std::vector<std::string> keys;
    for (const auto& [row, image] : agencies_.at(mapping.agency).rows)
        if (row.table == mapping.index)
            keys.push_back(row.key.value());
    return keys;
}

bool World::has_row(const std::string& name, const std::string& key)
{
    const auto& mapping = table(name);
    return agencies_.at(mapping.agency).rows.contains({mapping.index, LocalKey{key}});
}

const Record& World::load(RecordId id)
{
    return projection_.at(id);
}

const Record& World::record_of(const std::string& name, const std::string& key)
{
    const LinkKey row{table(name).index, LocalKey{key}};
    for (const auto& [id, record] : projection_)
        if (const auto* link = record.find_link(row.table); link != nullptr && link->key == row.key)
            return record;
    throw std::logic_error("no record of that row");
}

std::vector<RecordId> World::all_records() const
{
    std::vector<RecordId> ids;
    for (const auto& [id, record] : projection_)
        ids.push_back(id);
    return ids;
}

std::vector<ConflictNote> World::conflicts() const
{
    std::vector<ConflictNote> notes;
    const auto add = [&](const auto& row) {
        notes.insert(notes.end(), row.conflicts.begin(), row.conflicts.end());
    };
    for (const auto& entry : journal_)
        if (const auto* read = std::get_if<RowRead>(&entry.body))
            add(*read);
        else if (const auto* deleted = std::get_if<RowDeleted>(&entry.body))
            add(*deleted);
    return notes;
}

}  // namespace casebridge::pipeline
