#include "tests/simulation/sim_hub.hpp"

#include "hub/record_codec.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>

namespace casebridge::simulation {

SimHub::SimHub(const pipeline::BridgeDefinition& definition)
    : definition_(&definition),
      codec_(definition),
      replayed_(std::make_unique<pipeline::BridgeState>(definition))
{
    projected_.agencies.insert(replayed_->agencies.begin(), replayed_->agencies.end());
    projected_.tables = replayed_->tables;
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
        pipeline::apply(*replayed_, decoded_.back());
    }
}

void SimHub::project(const Projection& projection)
{
    for (const auto& record : projection.records) {
        auto read = hub::decode_record(
            codec_.names(),
            record.id,
            definition_->model.entity(record.entity).name,
            record.last_seq,
            hub::encode_state(codec_.names(), record)
        );
        if (!read)
            throw Violation{"replay_equals_live", "a projected record cannot be read again"};
        auto keys = pipeline::keys_of(*definition_, *read);
        records_.insert_or_assign(record.id, Stored{std::move(*read), std::move(keys)});
    }
    projected_ = projection;
    projected_.records.clear();
}

std::unique_ptr<pipeline::BridgeState> SimHub::load_state() const
{
    auto state = std::make_unique<pipeline::BridgeState>(*definition_);
    state->agencies = projected_.agencies;
    state->tables = projected_.tables;
    for (const auto& [row, parked] : projected_.parked) {
        const auto& newest = parked.newest;
        if (newest.waits_table && newest.waits_key)
            state->waiting[{*newest.waits_table, *newest.waits_key}].push_back(row);
        state->parked.emplace(row, parked);
    }
    state->last_seq = projected_.to;
    for (const auto& [id, stored] : records_)
        for (const auto& link : stored.record.links) {
            const auto& mapping = definition_->table(link.table);
            for (const auto& awaited : pipeline::awaited_rows(mapping, link.image, link.unresolved))
                state->waiting[awaited].push_back({link.table, link.key});
            if (!link.unresolved.empty())
                state->records.insert(stored.record);
        }
    return state;
}

std::vector<Entry> SimHub::entries_behind(JournalSeq seq) const
{
    return {decoded_.begin() + static_cast<std::ptrdiff_t>(seq.value()), decoded_.end()};
}

std::vector<pipeline::Record> SimHub::load(const pipeline::Demand& demand) const
{
    const auto has = [](const auto& list, const auto& wanted) {
        return std::ranges::find(list, wanted) != list.end();
    };
    std::vector<pipeline::Record> loaded;
    for (const auto& [id, stored] : records_) {
        const auto linked = [&](const pipeline::Link& link) {
            return has(demand.links, pipeline::LinkKey{link.table, link.key});
        };
        const auto identified = [&](const auto& key) { return has(demand.identities, key); };
        const auto refers = [&](RecordId target) { return has(demand.referrers_of, target); };
        if (has(demand.records, id) || std::ranges::any_of(stored.record.links, linked) ||
            std::ranges::any_of(stored.keys.identities, identified) ||
            std::ranges::any_of(stored.keys.references, refers))
            loaded.push_back(stored.record);
    }
    return loaded;
}

std::vector<RecordId> SimHub::records_lacking(const AgencyId& agency) const
{
    std::vector<RecordId> ids;
    for (const auto& [id, stored] : records_)
        if (std::ranges::any_of(stored.record.units, [&](const auto& unit) {
                return unit.mark(agency).has_value();
            }))
            ids.push_back(id);
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

std::vector<RecordId> SimHub::records_without_row(const AgencyId& agency) const
{
    std::vector<RecordId> ids;
    for (const auto& [id, stored] : records_) {
        const auto* table = definition_->table_of(agency, stored.record.entity);
        const auto* link = table == nullptr ? nullptr : stored.record.find_link(table->index);
        if (link == nullptr || link->state == pipeline::LinkState::reserved)
            ids.push_back(id);
    }
    return ids;
}

}  // namespace casebridge::simulation
