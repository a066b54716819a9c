#include "conflict/judge.hpp"
#include "model/assert.hpp"
#include "pipeline/breaker.hpp"
#include "pipeline/bridge_state.hpp"
#include "pipeline/departure.hpp"
#include "pipeline/match_state.hpp"
#include "pipeline/waiting_rows.hpp"

#include <algorithm>
#include <limits>

// What each kind of entry does to the state.

namespace casebridge::pipeline {

namespace {

// Applies entries of one kind each.
class Applier {
public:
    Applier(BridgeState& state, JournalSeq seq) : state_(state), seq_(seq) {}

    void operator()(const RowRead& row)
    {
        if (row.link == LinkChange::created)
            state_.records.insert(new_record(row));
        if (row.previous_key)
            follow_rename(state_, row.table, *row.previous_key, row.key);
        forget_same(state_, {row.table, row.key});
        const auto& mapping = state_.definition->table(row.table);
        count_change(state_, row);
        state_.records.change(row.record, [&](Record& record) {
            const auto live_before = live_rows(record, row.table);
            if (const auto* link = record.find_link(row.table))
                stop_waiting(state_, mapping, *link);
            apply_link(record, row);
            state_.linked_rows[row.table.value()] += live_rows(record, row.table) - live_before;
            for (const auto& added : row.versions)
                conflict::apply_version(record.units[added.unit.value()], added, row.agency, seq_);
            apply_marks(record, row.agency, row.marks);
            release_refusals(record, [&](const TableRefusal& old) {
                return !row.versions.empty() || (row.source != RowSource::echo && old.table == row.table);
            });
            apply_reading(record, row, seq_, state_);
            prune(record);
            record.last_seq = seq_;
        });
        wait(state_, mapping, {row.table, row.key}, row.image, row.unresolved);
    }

    void operator()(const RowDeleted& row)
    {
        forget_same(state_, {row.table, row.key});
        if (!row.record)
            return;
        state_.records.change(*row.record, [&](Record& record) {
            auto* link = record.find_link(row.table);
            CASEBRIDGE_ASSERT(link != nullptr);
            if (live_rows(record, row.table) == 1)
                count_deletion(state_, row);
            stop_waiting(state_, state_.definition->table(row.table), *link);
            link->state = LinkState::ended;
            link->since = seq_;
            link->unresolved.clear();
            apply_deletion(record, row, seq_, *state_.definition);
            forget_blocked(record);
            record.last_seq = seq_;
        });
    }

    void operator()(const TableTruncated& table)
    {
        state_.tables[table.table.value()].truncated_at = seq_;
        state_.linked_rows[table.table.value()] = 0;
        state_.records.truncated(table.table, seq_);
        forget_same(state_, table.table);
        std::erase_if(state_.parked, [&](const auto& parked) {
            if (parked.first.table != table.table)
                return false;
            release(parked.first);
            return true;
        });
    }

    void operator()(const RowParked& row)
    {
        const LinkKey key{row.table, row.key};
        release(key);
        auto& parked = state_.parked[key];
        // The same change, tried once more, is no further one.
        const bool again = parked.count > 0 && parked.newest.position == row.position;
        if (parked.count == 0)
            parked.since = seq_;
        parked.row = key;
        parked.count += again ? 0 : 1;
        parked.newest = row;
        parked.skipped.reset();
        begin_doubt(state_, row);
        if (row.previous_key) {
            follow_rename(state_, row.table, *row.previous_key, row.key);
            if (const auto before = state_.parked.find({row.table, *row.previous_key});
                before != state_.parked.end()) {
                parked.count += before->second.count;
                parked.since = std::min(parked.since, before->second.since);
            }
        }
        if (row.record)
            move_link(*row.record, row.table, row.key);
        if (row.waits_table && row.waits_key)
            state_.waiting[{*row.waits_table, *row.waits_key}].push_back(key);
    }

    void operator()(const ParkedReleased& row)
    {
        release({row.table, row.key});
        state_.parked.erase({row.table, row.key});
    }

    void operator()(const MarksMoved& moved)
    {
        state_.records.change(moved.record, [&](Record& record) {
            apply_marks(record, moved.agency, moved.marks);
            record.last_seq = seq_;
        });
    }

    void operator()(const StreamPosition& position)
    {
        auto& agency = state_.agencies.at(position.agency);
        CASEBRIDGE_ASSERT(agency.end_lsn <= position.end_lsn);
        CASEBRIDGE_ASSERT(agency.seen <= position.seen);
        agency.end_lsn = position.end_lsn;
        agency.seen = position.seen;
        agency.inside = position.inside;
        pass_breaker(agency);
    }

    void operator()(const LinkReserved& reserved)
    {
        state_.records.change(reserved.record, [&](Record& record) {
            CASEBRIDGE_ASSERT(record.find_link(reserved.table) == nullptr);
            record.links.push_back(
                {.table = reserved.table,
                 .key = reserved.key,
                 .state = LinkState::reserved,
                 .since = seq_,
                 .image = {},
                 .unresolved = {},
                 .origin = LinkOrigin::us}
            );
            record.last_seq = seq_;
        });
    }

    void operator()(const LinkDissolved& dissolved)
    {
        state_.records.change(dissolved.record, [&](Record& record) {
            std::erase_if(record.links, [&](const Link& link) { return link.table == dissolved.table; });
            record.last_seq = seq_;
        });
    }

    void operator()(const DeliveryRefused& refused)
    {
        state_.records.change(refused.record, [&](Record& record) {
            std::erase_if(record.refusals, [&](const TableRefusal& old) {
                return old.table == refused.table;
            });
            record.refusals.push_back({
                refused.table, {refused.code, refused.place}
            });
            record.last_seq = seq_;
        });
        if (blocked_by_a_row(refused.code))
            state_.blocked.emplace(refused.table, refused.record);
        else
            state_.blocked.erase({refused.table, refused.record});
    }

    void operator()(const DeliveryReleased& released)
    {
        state_.records.change(released.record, [&](Record& record) {
            std::erase_if(record.refusals, [&](const TableRefusal& old) {
                return old.table == released.table;
            });
            record.last_seq = seq_;
        });
        state_.blocked.erase({released.table, released.record});
    }

    void operator()(const LaneReason&) {}

    void operator()(const SurveyProgress& progress)
    {
        auto& table = state_.tables[progress.table.value()];
        table.survey = progress.state;
        table.surveyed_to = progress.last_key;
    }

    void operator()(const AgencySwept& swept) { state_.agencies.at(swept.agency).swept = true; }

    void operator()(const JournalPruned&) {}
    void operator()(const ConfigurationApplied&) {}
    void operator()(const RequestAnswered&) {}

    // The configuration may not have the agency any more.
    void operator()(const AgencyPaused& paused)
    {
        if (const auto agency = state_.agencies.find(paused.agency); agency != state_.agencies.end())
            agency->second.pause = Pause{seq_, paused.requested_by, paused.reason, paused.until};
    }

    void operator()(const AgencyResumed& resumed)
    {
        if (const auto agency = state_.agencies.find(resumed.agency); agency != state_.agencies.end())
            agency->second.pause.reset();
    }

    void operator()(const ValueDecided& decided)
    {
        state_.records.change(decided.record, [&](Record& record) {
            auto& unit = record.units[decided.version.unit.value()];
            conflict::apply_decision(unit, decided.version, decided.author, seq_);
            release_refusals(record, [](const TableRefusal&) { return true; });
            prune(record);
            record.last_seq = seq_;
        });
    }

    void operator()(const ParkedSkipped& skipped)
    {
        state_.parked.at({skipped.table, skipped.key}).skipped = skipped.request;
    }

    void operator()(const DeliverySkipped& skipped)
    {
        state_.records.change(skipped.record, [&](Record& record) {
            const auto refusal = std::ranges::find(record.refusals, skipped.table, &TableRefusal::table);
            CASEBRIDGE_ASSERT(refusal != record.refusals.end());
            refusal->refusal.skipped = skipped.request;
            record.last_seq = seq_;
        });
    }

    void operator()(const MatchDecided& decided) { decide_match(state_, decided); }

    void operator()(const LinkSplit& split) { split_link(state_, split, seq_); }

    void operator()(const DoubtSettled&) {}

    void operator()(const DeletionDecided& decided)
    {
        state_.records.change(decided.record, [&](Record& record) {
            apply_deletion_decided(record, decided, seq_, *state_.definition);
            forget_blocked(record);
            record.last_seq = seq_;
        });
    }

    void operator()(const ProposalRejected& rejected)
    {
        state_.records.change(rejected.record, [&](Record& record) {
            conflict::reject_proposal(record.units[rejected.unit.value()], rejected.proposal);
            record.last_seq = seq_;
        });
    }

    void operator()(const BreakerTripped& tripped) { apply_breaker(state_, tripped, seq_); }

    void operator()(const BreakerApproved& approved) { apply_breaker(state_, approved); }

private:
    // 1 or 0: a record has at most one row in a table.
    [[nodiscard]] std::size_t live_rows(const Record& record, MappingIndex table) const
    {
        const auto* link = record.find_link(table);
        return link != nullptr && state_.state_of(*link) == LinkState::live ? 1 : 0;
    }

    [[nodiscard]] Record new_record(const RowRead& row) const
    {
        Record record;
        record.id = row.record;
        record.entity = row.entity;
        record.units.resize(state_.definition->model.entity(row.entity).units.size());
        return record;
    }

    void apply_link(Record& record, const RowRead& row) const
    {
        auto* link = record.find_link(row.table);
        if (link == nullptr)
            link = &record.links.emplace_back(Link{row.table, row.key, LinkState::live, seq_, {}, {}});
        link->key = row.key;
        if (row.link != LinkChange::none) {
            link->state = LinkState::live;
            link->since = seq_;
        }
        switch (row.link) {
            case LinkChange::created:
            case LinkChange::matched:
            case LinkChange::reopened:
                link->origin = LinkOrigin::agency;
                break;
            case LinkChange::none:
            case LinkChange::confirmed:
                break;
        }
        link->image = row.image;
        link->unresolved = row.unresolved;
        link->delivered = row.delivered;
    }

    // The row was renamed, whatever else its change may say.
    void move_link(RecordId id, MappingIndex table, const LocalKey& key)
    {
        const auto& mapping = state_.definition->table(table);
        state_.records.change(id, [&](Record& record) {
            auto* link = record.find_link(table);
            CASEBRIDGE_ASSERT(link != nullptr);
            stop_waiting(state_, mapping, *link);
            link->key = key;
            wait(state_, mapping, {table, key}, link->image, link->unresolved);
            record.last_seq = seq_;
        });
    }

    static void apply_marks(Record& record, const AgencyId& agency, std::span<const MarkChange> marks)
    {
        for (const auto& mark : marks)
            record.units[mark.unit.value()].set_mark(agency, mark.from);
    }

    // A refused delivery is tried again when there is something new to write, or the refused row has changed.
    template <class Outdated>
    void release_refusals(Record& record, Outdated&& outdated)
    {
        std::erase_if(record.refusals, [&](const TableRefusal& old) {
            if (old.refusal.code == hop_guard || !outdated(old))
                return false;
            state_.blocked.erase({old.table, record.id});
            return true;
        });
    }

    // Of refusals that a deletion has released.
    void forget_blocked(const Record& record)
    {
        for (const auto& table : state_.definition->tables)
            if (table.entity == record.entity && record.find_refusal(table.index) == nullptr)
                state_.blocked.erase({table.index, record.id});
    }

    void prune(Record& record) const
    {
        for (auto& unit : record.units)
            conflict::prune(unit, had_by_all(record, unit));
    }

    // The journal seq up to which every linked agency has all versions of the unit.
    [[nodiscard]] JournalSeq had_by_all(const Record& record, const conflict::UnitHistory& unit) const
    {
        auto had = JournalSeq{std::numeric_limits<std::int64_t>::max()};
        for (const auto& link : record.links) {
            if (link.state == LinkState::ended)
                continue;
            const auto& agency = state_.definition->table(link.table).agency;
            had = std::min(had, state_.agencies.at(agency).seen);
            if (const auto mark = unit.mark(agency))
                had = std::min(had, JournalSeq{mark->value() - 1});
        }
        return had;
    }

    void release(const LinkKey& key)
    {
        const auto parked = state_.parked.find(key);
        if (parked == state_.parked.end())
            return;
        const auto& newest = parked->second.newest;
        end_doubt(state_, newest);
        if (newest.waits_table && newest.waits_key)
            forget_waiting(state_, {*newest.waits_table, *newest.waits_key}, key);
    }

    BridgeState& state_;
    JournalSeq seq_;
};

}  // namespace

void apply(BridgeState& state, const Entry& entry)
{
    CASEBRIDGE_ASSERT(entry.seq.value() == state.last_seq.value() + 1);
    std::visit(Applier{state, entry.seq}, entry.body);
    state.last_seq = entry.seq;
}

}  // namespace casebridge::pipeline
