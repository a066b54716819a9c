#include "pipeline/delivery_planner.hpp"

#include "conflict/judge.hpp"
#include "model/assert.hpp"
#include "pipeline/lane_restore.hpp"
#include "pipeline/net_rows.hpp"
#include "pipeline/passage.hpp"
#include "pipeline/record_values.hpp"
#include "pipeline/row_draft.hpp"

#include <algorithm>

namespace casebridge::pipeline {

std::size_t DeliveryPlan::row_count() const
{
    std::size_t rows = 0;
    for (const auto& table : tables)
        rows += table.inserts.size() + table.updates.size() + table.deletes.size();
    return rows;
}

namespace {

bool lacks_required_reference(const mapping::MappedUnit& unit, const Image& row)
{
    return std::ranges::any_of(unit.bindings, [&](const mapping::Binding& binding) {
        const auto* reference = std::get_if<mapping::ReferenceCodec>(&binding.codec);
        return reference != nullptr && reference->required && !row[binding.slot];
    });
}

class Planner {
public:
    Planner(Lane& lane, const PlanRequest& request, KeyPool& keys, EntryLog& log)
        : lane_(lane),
          request_(request),
          keys_(keys),
          log_(log),
          state_(log.state()),
          resolver_(state_),
          tables_(state_.definition->tables.size())
    {
    }

    Planned run()
    {
        planned_.wanted = keys_lacking(state_, lane_, request_, keys_);
        if (!planned_.wanted.empty())
            return std::move(planned_);
        lane_.begin_plan();
        must_prove_ = lane_.take_marker_request();
        auto works = lane_.take(next_batch(lane_, request_.rows_max));
        sort_parents_first(works);
        for (const auto& work : works)
            plan_record(work);
        finish();
        return std::move(planned_);
    }

private:
    [[nodiscard]] const mapping::TableMapping* table_of(const Record& record) const
    {
        return state_.definition->table_of(request_.agency, record.entity);
    }

    void sort_parents_first(std::vector<LaneWork>& works) const
    {
        const auto rank = [&,
                           ranks = parents_first(*state_.definition)](const LaneWork& work) -> std::size_t {
            const auto* record = state_.records.find(work.record);
            const auto* table = record == nullptr ? nullptr : table_of(*record);
            return table == nullptr ? 0 : ranks[table->index.value()];
        };
        std::ranges::stable_sort(works, {}, rank);
    }

    void plan_record(const LaneWork& work)
    {
        const auto* record = state_.records.find(work.record);
        CASEBRIDGE_ASSERT(record != nullptr);
        const auto* table = table_of(*record);
        if (table == nullptr)
            return;
        const auto* link = record->find_link(table->index);
        if (work.foreign && link != nullptr && state_.state_of(*link) == LinkState::live)
            must_prove_ = true;
        lift_refusal(*table, *record, work.lifts);
        const auto* refusal = record->find_refusal(table->index);
        if ((refusal != nullptr && refusal->code != hop_guard) || lane_.deferred(work.record))
            return;
        if (link != nullptr && state_.parked.contains({table->index, link->key}))
            return;  // Its image is not what the row shows; its release brings the record back.
        const auto pending = lane_.pending(work.record);
        if (std::ranges::any_of(pending, &PendingRow::missed) ||
            std::ranges::any_of(pending, &PendingRow::deletion))
            return;
        if (record->leaves() && plan_departure(work, *table, *record, link, pending))
            return;
        // Nobody gets a row of a record of which a person has yet to say whether it goes.
        if (link == nullptr) {
            if (!record->departure)
                plan_insert(work, *table, *record);
            return;
        }
        switch (state_.state_of(*link)) {
            case LinkState::ended:
                return;
            case LinkState::reserved:
                if (pending.empty() && !record->departure)
                    plan_reserved(work, *table, *record, *link);
                return;
            case LinkState::live:
                plan_update(work, *table, *record, *link, pending);
                return;
        }
    }

    // Of a record that leaves everywhere: no new row, and none where it may be deleted. False when the agency
    // keeps its row.
    bool plan_departure(
        const LaneWork& work,
        const mapping::TableMapping& table,
        const Record& record,
        const Link* link,
        const std::vector<const PendingRow*>& pending
    )
    {
        if (link == nullptr)
            return true;
        switch (state_.state_of(*link)) {
            case LinkState::ended:
                return true;
            case LinkState::reserved:
                // It was never inserted, unless it is on its way.
                if (pending.empty())
                    log_.write(LinkDissolved{request_.agency, table.index, link->key, record.id});
                return true;
            case LinkState::live: {
                if (!may_delete(record))
                    return false;
                auto [deletion, sent] =
                    delete_of({&table, &record, link, overlaid(link->image, pending), {}, {}});
                tables_[table.index.value()].deletes.push_back(std::move(deletion));
                send(work, record.id, std::move(sent));
                return true;
            }
        }
        return true;
    }

    // Whether one of those who have deleted their rows may have this agency's deleted.
    [[nodiscard]] bool may_delete(const Record& record) const
    {
        return std::ranges::any_of(record.departure->tables, [&](MappingIndex table) {
            const auto& left = state_.definition->table(table).agency;
            return state_.definition->may_delete(left, request_.agency, record.entity, request_.today);
        });
    }

    // A row that was refused is tried again when its cause may be gone, unless a person has set it aside.
    void lift_refusal(const mapping::TableMapping& table, const Record& record, Lifts lifts)
    {
        const auto* refusal = record.find_refusal(table.index);
        if (lifts == Lifts::none || refusal == nullptr || refusal->code == hop_guard || refusal->skipped)
            return;
        if (lifts == Lifts::of_values && !blocked_by_a_value(refusal->code))
            return;
        lane_.forget_misses(record.id);
        lane_.retry(record.id);
        log_.write(DeliveryReleased{request_.agency, table.index, record.id});
    }

    [[nodiscard]] Passage passage(const Record& record, UnitIndex unit) const
    {
        return passage_to(request_.agency, *state_.definition, record, unit, request_.today);
    }

    void plan_update(
        const LaneWork& work,
        const mapping::TableMapping& table,
        const Record& record,
        const Link& link,
        const std::vector<const PendingRow*>& pending
    )
    {
        RowDraft draft{&table, &record, &link, overlaid(link.image, pending), {}, {}};
        draft.after = draft.before;
        std::optional<UnitIndex> guarded;
        for (const auto& unit : table.units) {
            const auto kept = draft.after;
            const auto [allowed, wanted] = passage(record, unit.unit);
            if (allowed == Passage::Kind::nothing)
                continue;
            const auto put = mapping::put_unit(table, entity(record), unit, wanted, resolver_, draft.after);
            if (!put) {
                draft.after = kept;
                if (put.error().code != "unresolved_reference") {
                    refuse(table, record, put.error());
                    return;
                }
                continue;
            }
            if (draft.after == kept)
                continue;
            if (conflict::argues(record.units[unit.unit.value()], request_.agency)) {
                draft.after = kept;
                guarded = unit.unit;
                continue;
            }
            if (allowed == Passage::Kind::no_agreement) {
                draft.after = kept;
                ++planned_.without_agreement;
                continue;
            }
            draft.units.push_back(&unit);
        }
        show_guard(table, record, guarded);
        if (!draft.units.empty())
            send_update(work, draft);
    }

    // Journals that the hop guard holds a unit back, or that it does not any more.
    void show_guard(
        const mapping::TableMapping& table, const Record& record, std::optional<UnitIndex> guarded
    )
    {
        const bool shown = record.find_refusal(table.index) != nullptr;
        if (guarded && !shown)
            log_.write(DeliveryRefused{
                request_.agency,
                table.index,
                record.id,
                std::string{hop_guard},
                table.name() + "/" + entity(record).unit(*guarded).name});
        else if (!guarded && shown)
            log_.write(DeliveryReleased{request_.agency, table.index, record.id});
    }

    void send_update(const LaneWork& work, const RowDraft& draft)
    {
        auto [update, pending] = update_of(*state_.definition, draft);
        tables_[draft.table->index.value()].updates.push_back(std::move(update));
        send(work, draft.record->id, std::move(pending));
    }

    void send(const LaneWork& work, RecordId record, PendingRow pending)
    {
        pending.commit_time = work.commit_time;
        sent_.rows.emplace(record, std::move(pending));
    }

    // A record without a row here: created if the mapping says so, what it points at is there, and something
    // of it may be shown.
    void plan_insert(const LaneWork& work, const mapping::TableMapping& table, const Record& record)
    {
        if (!state_.surveyed(request_.agency))
            return;  // The sweep after the surveys considers it again.
        if (state_.in_doubt.contains({table.index, record.id}))
            return;  // A row that is there may be its own; DoubtSettled brings the record back.
        if (!mapping::creates(table, golden_values(*state_.definition, record), request_.today))
            return;
        auto draft = draft_insert(table, record);
        if (!draft)
            return;
        auto& keys = keys_[table.index];
        CASEBRIDGE_ASSERT(!keys.empty());  // keys_lacking() counted this record.
        const auto key = keys.front();
        keys.pop_front();
        log_.write(LinkReserved{request_.agency, table.index, key, record.id});
        send_insert(work, *draft, key);
    }

    // A reservation whose insert never happened: the same key is used again.
    void plan_reserved(
        const LaneWork& work, const mapping::TableMapping& table, const Record& record, const Link& link
    )
    {
        if (state_.in_doubt.contains({table.index, record.id}))
            return;
        const auto key = link.key;
        if (auto draft = draft_insert(table, record))
            send_insert(work, *draft, key);
    }

    std::optional<RowDraft> draft_insert(const mapping::TableMapping& table, const Record& record)
    {
        RowDraft draft{&table, &record, nullptr, {}, mapping::new_row(table), {}};
        for (const auto& unit : table.units) {
            const auto [allowed, wanted] = passage(record, unit.unit);
            if (allowed == Passage::Kind::no_agreement)
                ++planned_.without_agreement;
            if (allowed == Passage::Kind::free) {
                auto row = draft.after;
                const auto put = mapping::put_unit(table, entity(record), unit, wanted, resolver_, row);
                if (put) {
                    draft.after = std::move(row);
                    draft.units.push_back(&unit);
                } else if (put.error().code != "unresolved_reference") {
                    refuse(table, record, put.error());
                    return std::nullopt;
                }
            }
            if (lacks_required_reference(unit, draft.after))
                return std::nullopt;
        }
        if (draft.units.empty())
            return std::nullopt;
        return draft;
    }

    void send_insert(const LaneWork& work, const RowDraft& draft, const LocalKey& key)
    {
        resolver_.will_insert({draft.table->index, key});
        auto [insert, pending] = insert_of(draft, key);
        tables_[draft.table->index.value()].inserts.push_back(std::move(insert));
        send(work, draft.record->id, std::move(pending));
    }

    void refuse(const mapping::TableMapping& table, const Record& record, const Error& error)
    {
        log_.write(DeliveryRefused{request_.agency, table.index, record.id, error.code, error.place});
    }

    [[nodiscard]] const EntityDefinition& entity(const Record& record) const
    {
        return state_.definition->model.entity(record.entity);
    }

    // Gives the transaction its position and hands it over.
    void finish()
    {
        if (sent_.rows.empty() && !must_prove_)
            return;
        if (state_.last_seq <= lane_.last_to())
            log_.write(LaneReason{request_.agency});
        DeliveryPlan plan;
        plan.agency = request_.agency;
        plan.to = position();
        plan.marker_only = sent_.rows.empty();
        const auto ranks = parents_first(*state_.definition);
        for (std::uint16_t number = 0; number < tables_.size(); ++number) {
            auto& writes = tables_[number];
            writes.table = MappingIndex{number};
            if (!writes.inserts.empty() || !writes.updates.empty() || !writes.deletes.empty())
                plan.tables.push_back(std::move(writes));
        }
        std::ranges::stable_sort(plan.tables, {}, [&](const TableWrites& writes) {
            return ranks[writes.table.value()];
        });
        sent_.to = plan.to;
        check_inserts();
        lane_.sending(std::move(sent_));
        planned_.plan = std::move(plan);
    }

    // The echo of an insert decides what its row lacks of all up to the position. What is newer already came
    // before there was a row, and its entry asked for nothing.
    void check_inserts()
    {
        for (const auto& [id, row] : sent_.rows)
            if (row.insert)
                for (const auto seq : seqs_to_check(*state_.records.find(id), request_.agency, sent_.to))
                    lane_.expect_check(id, seq);
    }

    // Everything up to here has been dealt with. Where work is left in the queue that is just before its
    // first, unless the position has to grow further: then the echo finds what is lacking by comparison.
    [[nodiscard]] JournalSeq position() const
    {
        if (lane_.queue().empty())
            return state_.last_seq;
        const JournalSeq before_next{lane_.queue().front().seq.value() - 1};
        return before_next > lane_.last_to() ? before_next : state_.last_seq;
    }

    Lane& lane_;
    const PlanRequest& request_;
    KeyPool& keys_;
    EntryLog& log_;
    BridgeState& state_;
    StateResolver resolver_;
    std::vector<TableWrites> tables_;  // By MappingIndex.
    PendingTransaction sent_;
    Planned planned_;
    bool must_prove_ = false;
};

}  // namespace

Planned plan_delivery(Lane& lane, const PlanRequest& request, KeyPool& keys, EntryLog& log)
{
    CASEBRIDGE_ASSERT(lane.phase() == Lane::Phase::ready);
    return Planner{lane, request, keys, log}.run();
}

}  // namespace casebridge::pipeline
