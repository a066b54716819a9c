#include "pipeline/lane_informer.hpp"

#include "model/assert.hpp"

#include <algorithm>

namespace casebridge::pipeline {

namespace {

bool has_mark(const Record& record, const AgencyId& agency)
{
    return std::ranges::any_of(record.units, [&](const conflict::UnitHistory& unit) {
        return unit.mark(agency).has_value();
    });
}

// What one entry means for the lanes.
class LaneInformer {
public:
    LaneInformer(
        const BridgeState& state,
        Lanes& lanes,
        JournalSeq seq,
        JournalSeq group,
        std::optional<PgTime> commit_time,
        std::map<MappingIndex, Lifts>& freed
    )
        : state_(state), lanes_(lanes), seq_(seq), group_(group), commit_time_(commit_time), freed_(freed)
    {
    }

    void operator()(const RowRead& row)
    {
        const auto* record = state_.records.find(row.record);
        CASEBRIDGE_ASSERT(record != nullptr);
        for (auto& [agency, lane] : lanes_) {
            const auto* table = state_.definition->table_of(agency, row.entity);
            if (table == nullptr)
                continue;
            const bool by_itself = agency == row.agency;
            const bool linked = record->find_link(table->index) != nullptr;
            const bool to_prove =
                linked && !row.versions.empty() && (!by_itself || has_mark(*record, agency));
            const bool marked = by_itself && !row.marks.empty();
            if (to_prove || marked)
                lane.expect_check(row.record, seq_);
            const bool foreign = !by_itself && !row.versions.empty();
            lane.enqueue({row.record, seq_, group_, foreign ? commit_time_ : std::nullopt, to_prove || marked}
            );
            if (by_itself && row.link != LinkChange::none)
                lane.newly_linked.push_back(row.record);
        }
        if (row.previous_key || gives_up_identity(row))
            freed_.try_emplace(row.table, Lifts::of_values);
    }

    void operator()(const TableTruncated& truncated)
    {
        for (const auto& table : state_.definition->tables)
            if (table.agency == truncated.agency)
                freed_[table.index] = Lifts::all;
    }

    // A row that waited already waits with other values.
    void operator()(const RowParked& row)
    {
        if (const auto parked = state_.parked.find({row.table, row.key});
            parked != state_.parked.end() && parked->second.count > 1)
            freed_.try_emplace(row.table, Lifts::of_values);
    }

    // No agency has a decided value, the one whose it was neither.
    void operator()(const ValueDecided& decided)
    {
        const auto* record = state_.records.find(decided.record);
        CASEBRIDGE_ASSERT(record != nullptr);
        everybody(*record, Versions::some);
    }

    void operator()(const RowDeleted& row)
    {
        freed_.try_emplace(row.table, Lifts::of_values);
        if (!row.record)
            return;
        const auto* record = state_.records.find(*row.record);
        CASEBRIDGE_ASSERT(record != nullptr);
        everybody(*record, row.versions.empty() ? Versions::none : Versions::some);
    }

    void operator()(const DeletionDecided& decided)
    {
        const auto* record = state_.records.find(decided.record);
        CASEBRIDGE_ASSERT(record != nullptr);
        everybody(*record, Versions::none);
    }

    // The row can be written to again.
    void operator()(const ParkedReleased& row)
    {
        freed_.try_emplace(row.table, Lifts::of_values);
        const auto id = state_.records.linked({row.table, row.key});
        if (!id)
            return;
        const bool marked = has_mark(*state_.records.find(*id), row.agency);
        auto& lane = lanes_.at(row.agency);
        if (marked)
            lane.expect_check(*id, seq_);
        lane.enqueue({*id, seq_, group_, std::nullopt, marked});
    }

    void operator()(const LinkDissolved& link) { again(link.agency, link.record); }
    // The record may get a row there of its own. What it is worth now stands in the decisions behind this.
    void operator()(const LinkSplit& split)
    {
        lanes_.at(split.agency).forget_misses(split.record);
        again(split.agency, split.record);
    }

    void operator()(const DoubtSettled& doubt) { again(doubt.agency, doubt.record); }
    void operator()(const DeliveryReleased& delivery)
    {
        lanes_.at(delivery.agency).forget_misses(delivery.record);
        again(delivery.agency, delivery.record);
    }

    template <class Other>
    void operator()(const Other&)
    {
    }

private:
    enum class Versions { none, some };

    // Every lane has to look at the record; where it brings versions that no agency has, the echo is to prove
    // that they were dealt with.
    void everybody(const Record& record, Versions versions)
    {
        for (auto& [agency, lane] : lanes_) {
            const auto* table = state_.definition->table_of(agency, record.entity);
            if (table == nullptr)
                continue;
            const bool linked = record.find_link(table->index) != nullptr;
            if (linked && versions == Versions::some)
                lane.expect_check(record.id, seq_);
            lane.enqueue({record.id, seq_, group_, std::nullopt, linked});
        }
    }

    // Whether the agency gave a row that was there already another value in a field by which records are
    // found. What we gave it tells the echo: merge_echo() of the stream.
    [[nodiscard]] bool gives_up_identity(const RowRead& row) const
    {
        if (row.link != LinkChange::none)
            return false;
        const auto& entity = state_.definition->model.entity(row.entity);
        return std::ranges::any_of(row.versions, [&](const VersionAdded& added) {
            return any_identifies(entity, std::span{&added.unit, 1});
        });
    }

    void again(const AgencyId& agency, RecordId record)
    {
        lanes_.at(agency).enqueue({record, seq_, group_, std::nullopt, false});
    }

    const BridgeState& state_;
    Lanes& lanes_;
    JournalSeq seq_;
    JournalSeq group_;
    std::optional<PgTime> commit_time_;
    std::map<MappingIndex, Lifts>& freed_;  // Tables of which a row gave something up.
};

void enqueue_blocked(const BridgeState& state, Lane& lane, MappingIndex table, JournalSeq seq, Lifts lifts)
{
    for (auto blocked = state.blocked.lower_bound({table, RecordId{}});
         blocked != state.blocked.end() && blocked->first == table;
         ++blocked)
        lane.enqueue({blocked->second, seq, seq, std::nullopt, false, lifts});
}

}  // namespace

bool any_identifies(const EntityDefinition& entity, std::span<const UnitIndex> units)
{
    return std::ranges::any_of(units, [&](UnitIndex unit) {
        const auto& fields = entity.unit(unit).fields;
        return std::ranges::any_of(entity.identity, [&](const IdentityRule& rule) {
            return std::ranges::find_first_of(rule.fields, fields) != rule.fields.end();
        });
    });
}

void try_blocked(const BridgeState& state, Lane& lane, MappingIndex table, JournalSeq seq)
{
    if (lane.gave_up(table, seq))
        enqueue_blocked(state, lane, table, seq, Lifts::of_values);
}

void try_blocked_together(const BridgeState& state, Lane& lane, MappingIndex table)
{
    enqueue_blocked(state, lane, table, state.last_seq, Lifts::of_values);
}

void inform_lanes(
    const BridgeState& state, Lanes& lanes, std::span<const Entry> entries, std::optional<PgTime> commit_time
)
{
    if (entries.empty())
        return;
    const auto group = entries.back().seq;
    std::map<MappingIndex, Lifts> freed;
    for (const auto& entry : entries)
        std::visit(LaneInformer{state, lanes, entry.seq, group, commit_time, freed}, entry.body);
    for (const auto& [table, lifts] : freed) {
        auto& lane = lanes.at(state.definition->table(table).agency);
        try_blocked(state, lane, table, group);
        // A table that is empty points at nothing either.
        if (lifts == Lifts::all)
            enqueue_blocked(state, lane, table, group, Lifts::all);
    }
}

}  // namespace casebridge::pipeline
