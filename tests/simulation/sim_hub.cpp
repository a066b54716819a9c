#include "tests/simulation/sim_hub.hpp"

#include "hub/record_codec.hpp"
#include "model/assert.hpp"
#include "pipeline/record_cache.hpp"
#include "pipeline/waiting_rows.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>

namespace casebridge::simulation {

using pipeline::LinkKey;
using pipeline::LinkState;
using pipeline::ProjectionNeed;
using pipeline::Record;

SimHub::SimHub(const pipeline::BridgeDefinition& definition)
    : definition_(&definition),
      codec_(definition),
      replayed_(std::make_unique<pipeline::BridgeState>(definition)),
      agencies_(replayed_->agencies),
      tables_(replayed_->tables)
{
}

void SimHub::append(std::span<const Entry> entries)
{
    for (const auto& entry : entries) {
        auto& row = rows_.emplace_back();
        codec_.encode(entry, row);
        auto decoded = codec_.decode(row);
        if (!decoded)
            throw Violation{
                "replay_equals_live", "the codec cannot read what it wrote: " + decoded.error().code};
        decoded_.push_back(std::get<Entry>(std::move(*decoded)));
        has_configuration_ =
            has_configuration_ || std::holds_alternative<ConfigurationApplied>(decoded_.back().body);
        pipeline::apply(*replayed_, decoded_.back());
    }
}

void SimHub::project(const Projection& projection)
{
    for (const auto& [record, need] : projection.records) {
        records_.insert_or_assign(
            record.id,
            StoredRecord{
                record.entity, record.last_seq, hub::encode_state(codec_.names(), record), std::nullopt}
        );
        if (need == ProjectionNeed::surrounding)
            forget_surroundings(record.id);
    }
    for (const auto& [record, need] : projection.records)
        if (need != ProjectionNeed::record_only)
            write_surroundings(record);
    write_links(projection.records);
    for (const auto& row : projection.released)
        parked_.erase(row);
    for (const auto& row : projection.parked)
        parked_.insert_or_assign(row.row, row);
    agencies_ = projection.agencies;
    tables_ = projection.tables;
    matches_ = projection.matches;
    projected_seq_ = projection.to;
}

const Record& SimHub::read(RecordId id, const StoredRecord& stored) const
{
    if (stored.read)
        return *stored.read;
    auto read = hub::decode_record(
        codec_.names(), id, definition_->model.entity(stored.entity).name, stored.last_seq, stored.state
    );
    if (!read)
        throw Violation{"replay_equals_live", "a projected record cannot be read again"};
    return stored.read.emplace(std::move(*read));
}

void SimHub::forget_surroundings(RecordId record)
{
    const auto of_record = [&](const auto& row) { return row.second == record; };
    std::erase_if(links_, [&](const auto& row) { return row.second.record == record; });
    std::erase_if(identities_, of_record);
    std::erase_if(references_, of_record);
    std::erase_if(waiting_, of_record);
}

void SimHub::write_surroundings(const Record& record)
{
    const auto keys = pipeline::keys_of(*definition_, record);
    for (const auto& identity : keys.identities)
        identities_.emplace(identity, record.id);
    for (const auto target : keys.references)
        references_.emplace(target, record.id);
    for (const auto& row : pipeline::awaited_by(*definition_, record))
        waiting_.emplace(row, record.id);
}

// A key that several records had is that of the one whose row is there, or went last.
void SimHub::write_links(const std::vector<ProjectedRecord>& records)
{
    std::map<LinkKey, LinkRow> rows;
    const auto rank = [](const LinkRow& row) { return std::pair{row.state != LinkState::ended, row.since}; };
    for (const auto& [record, need] : records) {
        if (need == ProjectionNeed::record_only)
            continue;
        for (const auto& link : record.links) {
            const LinkRow row{record.id, link.state, link.since};
            const auto [known, is_first] = rows.try_emplace({link.table, link.key}, row);
            if (!is_first && rank(known->second) < rank(row))
                known->second = row;
        }
    }
    for (const auto& [key, row] : rows) {
        const auto there = links_.find(key);
        if (there == links_.end() || there->second.record == row.record || rank(there->second) < rank(row))
            links_.insert_or_assign(key, row);
    }
}

std::unique_ptr<pipeline::BridgeState> SimHub::load_state() const
{
    auto state = std::make_unique<pipeline::BridgeState>(*definition_);
    state->agencies = agencies_;
    state->tables = tables_;
    for (std::uint16_t number = 0; number < tables_.size(); ++number)
        if (tables_[number].truncated_at)
            state->records.truncated(MappingIndex{number}, *tables_[number].truncated_at);
    for (const auto& [row, parked] : parked_)
        state->restore_parked(parked);
    for (const auto& [row, link] : links_)
        if (const auto& truncated = tables_[row.table.value()].truncated_at;
            link.state == LinkState::live && (!truncated || link.since >= *truncated))
            ++state->linked_rows[row.table.value()];
    state->matches = matches_;
    for (const auto& [id, stored] : records_)
        for (const auto& [table, refusal] : read(id, stored).refusals)
            if (pipeline::blocked_by_a_row(refusal.code))
                state->blocked.emplace(table, id);
    state->last_seq = projected_seq_;
    pipeline::Demand demand;
    for (const auto& [row, record] : waiting_)
        demand.records.push_back(record);
    state->records.answer(demand, load(demand));
    for (const auto& [row, id] : waiting_) {
        const auto* record = state->records.find(id);
        CASEBRIDGE_ASSERT(record != nullptr);
        const auto* table = definition_->table_of(definition_->table(row.table).agency, record->entity);
        const auto* link = table == nullptr ? nullptr : record->find_link(table->index);
        if (link != nullptr)
            state->waiting[row].push_back({link->table, link->key});
    }
    return state;
}

std::span<const Entry> SimHub::entries_behind(JournalSeq seq) const
{
    return std::span{decoded_}.subspan(static_cast<std::size_t>(seq.value()));
}

std::vector<Record> SimHub::load(const pipeline::Demand& demand) const
{
    std::set<RecordId> ids{demand.records.begin(), demand.records.end()};
    for (const auto& row : demand.links)
        if (const auto found = links_.find(row); found != links_.end())
            ids.insert(found->second.record);
    const auto add_all = [&](const auto& pairs, const auto& key) {
        for (auto found = pairs.lower_bound({key, RecordId{0}}); found != pairs.end() && found->first == key;
             ++found)
            ids.insert(found->second);
    };
    for (const auto& identity : demand.identities)
        add_all(identities_, identity);
    for (const auto target : demand.referrers_of)
        add_all(references_, target);
    std::vector<Record> loaded;
    for (const auto id : ids)
        if (const auto found = records_.find(id); found != records_.end())
            loaded.push_back(read(id, found->second));
    return loaded;
}

std::vector<RecordId> SimHub::records_lacking(const AgencyId& agency) const
{
    std::vector<RecordId> ids;
    for (const auto& [id, stored] : records_) {
        const auto& record = read(id, stored);
        const bool lacks = std::ranges::any_of(record.units, [&](const auto& unit) {
            return unit.mark(agency).has_value();
        });
        if (lacks || record.leaves())
            ids.push_back(id);
    }
    return ids;
}

std::set<RecordId> SimHub::records_changed_since(JournalSeq seq) const
{
    std::set<RecordId> ids;
    for (auto i = static_cast<std::size_t>(seq.value()); i < rows_.size(); ++i)
        if (rows_[i].record)
            ids.insert(*rows_[i].record);
    return ids;
}

std::vector<RecordId> SimHub::records_without_row(const AgencyId& agency, RecordId after, std::size_t limit)
    const
{
    std::vector<RecordId> ids;
    for (const auto& [id, stored] : records_) {
        const bool has_row = std::ranges::any_of(links_, [&, number = id](const auto& row) {
            return row.second.record == number && row.second.state != LinkState::reserved &&
                   definition_->table(row.first.table).agency == agency;
        });
        if (id > after && !has_row && ids.size() < limit)
            ids.push_back(id);
    }
    return ids;
}

}  // namespace casebridge::simulation
