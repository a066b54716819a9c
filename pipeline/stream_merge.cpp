#include "pipeline/stream_merge.hpp"

#include "conflict/judge.hpp"
#include "model/assert.hpp"
#include "pipeline/breaker.hpp"
#include "pipeline/own_writes.hpp"
#include "pipeline/parked_rows.hpp"
#include "pipeline/record_values.hpp"
#include "pipeline/row_delete.hpp"
#include "pipeline/row_demand.hpp"
#include "pipeline/row_identity.hpp"
#include "pipeline/row_merge.hpp"
#include "pipeline/state_resolver.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>

namespace casebridge::pipeline {

namespace {

// The lowest seq in (after, to] of a version by another agency.
std::optional<JournalSeq> lowest_fresh(
    const conflict::UnitHistory& unit, const AgencyId& agency, JournalSeq after, JournalSeq to
)
{
    std::optional<JournalSeq> lowest;
    const auto look = [&](const Version& version) {
        const bool fresh = !version.written_by(agency) && version.seq > after && version.seq <= to;
        if (fresh && (!lowest || version.seq < *lowest))
            lowest = version.seq;
    };
    std::ranges::for_each(unit.open, look);
    std::ranges::for_each(unit.past, look, &SupersededVersion::version);
    return lowest;
}

// Whether the row shows `wanted` in this agency's own terms.
bool shows(
    const mapping::TableMapping& mapping,
    const EntityDefinition& entity,
    const mapping::MappedUnit& unit,
    const UnitValue& wanted,
    const StateResolver& resolver,
    const Image& image
)
{
    auto row = image;
    const auto put = mapping::put_unit(mapping, entity, unit, wanted, resolver, row);
    return put.has_value() && row == image;
}

// What the row shows now; nothing when it is gone.
std::optional<Result<Image>> new_image(const NetRow& row, const Image* previous)
{
    if (!row.tuple)
        return std::nullopt;
    return mapping::read_row(*row.relation->mapping, row.relation->positions, *row.tuple, previous);
}

}  // namespace

StreamMerge::StreamMerge(BridgeState& state, Lanes& lanes, AgencyId agency, std::string origin)
    : state_(&state),
      lanes_(&lanes),
      agency_(agency),
      origin_(std::move(origin)),
      relations_(*state.definition, std::move(agency))
{
}

MergedTo StreamMerge::merged_to() const
{
    const auto& agency = state_->agencies.at(agency_);
    return {agency.end_lsn, agency.inside};
}

bool StreamMerge::is_echo(const SourceTransaction& transaction) const
{
    return transaction.origin && transaction.origin->name == origin_;
}

void StreamMerge::demand_net_row(const NetRow& row, KeysBefore& keys_before, Demand& demand) const
{
    const auto& records = state_->records;
    const auto& mapping = *row.relation->mapping;
    auto known_as = keys_before.end();
    if (!keys_before.empty())
        known_as = keys_before.find({row.row.table, row.previous_key.value_or(row.row.key)});
    const auto* previous =
        known_as == keys_before.end() ? previous_image(row) : last_image(*state_, known_as->second);
    if (row.previous_key) {
        const LinkKey before{row.row.table, *row.previous_key};
        const auto first = known_as == keys_before.end() ? before : known_as->second;
        keys_before.insert_or_assign(row.row, first);
        demand_match(*state_, first, demand);
        if (!records.knows(before)) {
            demand.links.push_back(before);
            return;
        }
        demand_base(*state_, before, demand);
    }
    if (!row.tuple) {
        const auto& gone = known_as == keys_before.end() ? row.row : known_as->second;
        if (!records.knows(gone))
            demand.links.push_back(gone);
        demand_base(*state_, gone, demand);
        return;
    }
    const auto image = mapping::read_row(mapping, row.relation->positions, *row.tuple, previous);
    if (image) {
        demand_row(*state_, row.row, *image, demand);
        return;
    }
    if (!records.knows(row.row))
        demand.links.push_back(row.row);  // Perhaps only the image is lacking.
    demand_base(*state_, row.row, demand);
}

const Image* StreamMerge::previous_image(const NetRow& row) const
{
    return last_image(*state_, {row.row.table, row.previous_key.value_or(row.row.key)});
}

Result<Demand> StreamMerge::demand(std::span<const SourceTransaction> batch)
{
    Demand demand;
    KeysBefore keys_before;
    auto checked = state_->agencies.at(agency_).seen;
    auto position = merged_to();
    for (const auto& transaction : batch) {
        const auto first = first_unmerged(position, transaction);
        if (!first)
            return first.error();
        if (!*first)
            continue;
        const auto effect = net_effect(relations_, transaction, **first);
        if (!effect)
            return effect.error();
        position = behind(position, transaction);
        for (const auto& row : effect->rows)
            demand_net_row(row, keys_before, demand);
        if (!is_echo(transaction))
            continue;
        const JournalSeq to{static_cast<std::int64_t>(transaction.origin->position.value())};
        checked = std::max(checked, to);
        for (const auto& row : effect->rows)
            if (const auto sent = lane().inserted_as(to, row.row); sent && !state_->records.knows(*sent))
                demand.records.push_back(*sent);
    }
    for (const auto id : lane().checks_up_to(checked)) {
        if (!state_->records.knows(id))
            demand.records.push_back(id);
        else if (const auto* record = state_->records.find(id))
            for (const auto& link : record->links)
                if (state_->definition->table(link.table).agency == agency_)
                    demand_base(*state_, {link.table, link.key}, demand);
    }
    return demand;
}

Result<StreamReport> StreamMerge::merge(std::span<const SourceTransaction> batch, EntryLog& log)
{
    StreamReport report;
    seen_ = state_->agencies.at(agency_).seen;
    auto position = merged_to();
    std::optional<BreakerTripped> tripped;
    for (const auto& transaction : batch) {
        const auto first = first_unmerged(position, transaction);
        if (!first)
            return first.error();
        report.held = state_->agencies.at(agency_).held();
        if (report.held)
            break;
        if (survey_ != nullptr) {
            // What was merged before counts as well: the survey's queries may not see it yet.
            const auto touched = net_effect(relations_, transaction, 0);
            if (!touched)
                return touched.error();
            survey_->touched(*touched, transaction.xid);
        }
        if (!*first) {
            ++report.repeated;
            continue;
        }
        const auto effect = net_effect(relations_, transaction, **first);
        if (!effect)
            return effect.error();
        const auto entries_before = log.entries().size();
        if (is_echo(transaction)) {
            CASEBRIDGE_ASSERT(transaction.portion == Portion::whole);  // never_split_origin
            merge_echo(*effect, transaction, log, report);
        } else {
            tripped = look_for_mass_change(*state_, agency_, *effect, transaction);
            report.held = tripped.has_value();
            if (report.held)
                break;
            merge_local(*effect, transaction, log);
            ++(transaction.portion == Portion::more_follows ? report.parts : report.transactions);
            report.changes += effect->rows.size();
            report.bytes += transaction.bytes;
            report.last_commit_time = transaction.commit_time;
        }
        inform_lanes(
            *state_, *lanes_, std::span{log.entries()}.subspan(entries_before), transaction.commit_time
        );
        position = behind(position, transaction);
    }
    if (position.inside)
        report.inside = position.inside->commit_lsn;
    if (position != merged_to())
        log.write(StreamPosition{agency_, position.end_lsn, seen_, position.inside});
    if (tripped)
        log.write(std::move(*tripped));
    return report;
}

void StreamMerge::merge_local(const NetEffect& effect, const SourceTransaction& transaction, EntryLog& log)
{
    for (const auto& [mapping, ordinal] : effect.truncated) {
        release_table(log, mapping->index);
        log.write(TableTruncated{
            agency_, mapping->index, {transaction.commit_lsn, ordinal}
        });
    }
    const auto renamed = renamed_rows(*state_, effect);
    release_taken(renamed, effect, log);
    coming_ = rows_before(effect);
    for (const auto& row : effect.rows) {
        merge_row_of(row, renamed, transaction, log, std::nullopt);
        if (const auto id = state_->records.linked(row.row))
            lane().forget_misses(*id);
    }
}

void StreamMerge::merge_row_of(
    const NetRow& row,
    const RenamedRows& renamed,
    const SourceTransaction& transaction,
    EntryLog& log,
    std::optional<JournalSeq> echo
)
{
    const auto& mapping = *row.relation->mapping;
    const SourcePosition position{transaction.commit_lsn, row.ordinal};
    const auto key_before = row.previous_key.value_or(row.row.key);
    coming_.erase({row.row.table, key_before});
    const auto before = renamed.find(row.row);
    const bool has_new_key = row.tuple && row.previous_key;
    const auto* previous = previous_image(row);
    if (has_new_key)
        previous = before->second.image ? &*before->second.image : nullptr;
    auto image = new_image(row, previous);
    if (previous != nullptr)
        for (const auto leaving : let_go(log, mapping, *previous, image && *image ? &**image : nullptr))
            lane().let_go(leaving, log.next_seq());
    auto id = has_new_key ? before->second.record : state_->records.linked({row.row.table, key_before});
    const bool back = row.replaced && row.tuple && id &&
                      (!*image || comes_back(*state_, row.row, row.previous_key, **image, *id));
    if (!row.tuple || row.replaced)
        merge_delete(
            log,
            {.mapping = &mapping,
             .key = key_before,
             .record = id,
             .position = position,
             .commit_time = transaction.commit_time,
             .seen = seen_,
             .by = back ? DeletedBy::agency_for_a_moment : deleted_by(id, lane(), echo),
             .approved =
                 approval_of(*state_, agency_, transaction.commit_lsn).value_or(ApprovedDeletions::follow),
             .in_echo = echo.has_value()}
        );
    if (!image)
        return;

    if (!id && echo)
        id = lane().inserted_as(*echo, row.row);  // A local row has taken the reservation's place.
    const auto* record = id ? state_->records.find(*id) : nullptr;
    RowInput input;
    input.source = echo ? RowSource::echo : RowSource::stream;
    input.mapping = &mapping;
    input.key = row.row.key;
    input.previous_key = row.previous_key;
    if (has_new_key) {
        input.record = before->second.record;
        input.previous_taken = before->second.taken;
    }
    input.position = position;
    input.commit_time = transaction.commit_time;
    if (!*image) {
        park_unreadable(log, input, image->error());
        return;
    }
    input.seen = seen_;
    input.seen_before = seen_before_;
    input.coming = &coming_;
    if (echo && record != nullptr)
        find_own_writes(input, *state_, lane(), *record, **image, *echo);
    input.image = std::move(**image);
    merge_row(log, std::move(input));
}

void StreamMerge::merge_echo(
    const NetEffect& effect, const SourceTransaction& transaction, EntryLog& log, StreamReport& report
)
{
    const JournalSeq to{static_cast<std::int64_t>(transaction.origin->position.value())};
    const auto old_seen = seen_;
    const auto first_entry = log.next_seq();
    seen_before_ = old_seen;
    seen_ = std::max(seen_, to);
    ++report.echoes;

    std::map<RecordId, std::vector<UnitIndex>> written;
    for (const auto record : lane().checks_up_to(to))
        written.try_emplace(record);
    std::unordered_set<RecordId> shown;
    std::set<MappingIndex> gave_up;
    const auto renamed = renamed_rows(*state_, effect);
    release_taken(renamed, effect, log);
    coming_ = rows_before(effect);
    for (const auto& row : effect.rows) {
        merge_row_of(row, renamed, transaction, log, to);
        const auto id = state_->records.linked(row.row);
        if (!id)
            continue;
        shown.insert(*id);
        auto& units = written[*id];
        if (const auto* sent = lane().pending_at(to, *id)) {
            units = sent->units;
            if (!sent->insert &&
                any_identifies(state_->definition->model.entity(row.relation->mapping->entity), units))
                gave_up.insert(row.row.table);
            if (sent->commit_time)
                report.confirmations.push_back({*sent->commit_time});
        }
        lane().forget_misses(*id);
    }
    for (const auto table : gave_up)
        try_blocked(*state_, lane(), table, state_->last_seq);
    move_marks(to, old_seen, first_entry, written, log);
    lane().checked_up_to(to);
    for (const auto record : lane().echo_read(to, shown))
        lane().enqueue({record, state_->last_seq, state_->last_seq, std::nullopt, false});
}

void StreamMerge::move_marks(
    JournalSeq to,
    JournalSeq old_seen,
    JournalSeq first_entry,
    const std::map<RecordId, std::vector<UnitIndex>>& written,
    EntryLog& log
)
{
    const StateResolver resolver{*state_};
    for (const auto& [id, written_units] : written) {
        const auto* record = state_->records.find(id);
        if (record == nullptr)
            continue;
        const auto* table = state_->definition->table_of(agency_, record->entity);
        const auto* link = table == nullptr ? nullptr : record->find_link(table->index);
        if (link == nullptr || state_->state_of(*link) != LinkState::live)
            continue;
        const auto& entity = state_->definition->model.entity(record->entity);
        MarksMoved moved{agency_, record->entity, id, {}};
        // While the row is parked its image is not what the database shows: nothing is proven by it.
        const bool parked = state_->parked.contains({link->table, link->key});
        for (const auto& unit : table->units) {
            const auto& history = record->units[unit.unit.value()];
            const auto mark = history.mark(agency_);
            // A row that this very echo linked may lack anything that was ever written.
            const auto fresh =
                lowest_fresh(history, agency_, link->since >= first_entry ? JournalSeq{0} : old_seen, to);
            if (!mark && !fresh)
                continue;
            bool had = std::ranges::count(written_units, unit.unit) > 0;
            if (!had && !parked) {
                const auto& rule = rule_of(*state_->definition, record->entity, unit.unit);
                const auto golden = conflict::golden_as_of(history, rule, agency_, to);
                had = golden && shows(*table, entity, unit, *golden, resolver, link->image);
            }
            if (had && mark)
                moved.marks.push_back({unit.unit, std::nullopt});
            else if (!had && !mark)
                moved.marks.push_back({unit.unit, *fresh});
        }
        if (!moved.marks.empty())
            log.write(std::move(moved));
    }
}

}  // namespace casebridge::pipeline
