#include "tests/simulation/checkers/departures.hpp"

#include "tests/simulation/checkers/told_deletions.hpp"

#include <algorithm>
#include <limits>

namespace casebridge::simulation {
namespace {

// The last of a timeline that is not behind the seq.
template <class Timeline>
auto last_until(const Timeline& timeline, JournalSeq seq)
{
    const auto behind =
        std::ranges::upper_bound(timeline, seq, {}, [](const auto& one) { return one.first; });
    return behind == timeline.begin() ? timeline.end() : std::prev(behind);
}

}  // namespace

Departures::Departures(const World& world) : world_(world)
{
    for (const auto& [agency, site] : world.sites)
        for (const auto& transaction : site.agency.wal())
            transactions_.emplace(std::pair{agency, transaction.commit_lsn}, &transaction);
    find_positions();
    for (const auto& entry : world.hub.journal())
        std::visit([&](const auto& body) { take(body, entry.seq); }, entry.body);
}

void Departures::find_positions()
{
    for (const auto& entry : world_.hub.journal())
        if (const auto* position = std::get_if<StreamPosition>(&entry.body))
            positions_[position->agency].emplace_back(entry.seq, position->inside);
}

std::optional<Departures::Departing> Departures::at(RecordId record, JournalSeq seq) const
{
    const auto found = departing_.find(record);
    if (found == departing_.end())
        return std::nullopt;
    const auto last = last_until(found->second, seq);
    return last == found->second.end() ? std::nullopt : last->second;
}

std::optional<Departures::Departing> Departures::at_end(RecordId record) const
{
    return at(record, JournalSeq{std::numeric_limits<std::int64_t>::max()});
}

bool Departures::deleted_by_its_agency(RecordId record, MappingIndex table, JournalSeq seq) const
{
    const auto found = deleted_.find({record, table});
    if (found == deleted_.end())
        return false;
    const auto last = last_until(found->second, seq);
    return last != found->second.end() && last->second;
}

std::optional<Departures::Departing> Departures::now(RecordId record) const
{
    return at_end(record);
}

void Departures::become(RecordId record, JournalSeq seq, std::optional<Departing> departing)
{
    departing_[record].emplace_back(seq, std::move(departing));
}

void Departures::join(RecordId record, JournalSeq seq, MappingIndex table, State state)
{
    auto departing = now(record).value_or(Departing{});
    departing.state = state;
    departing.since = seq;
    departing.tables.insert(table);
    become(record, seq, std::move(departing));
}

void Departures::set_deleted(const Place& place, JournalSeq seq, bool deleted)
{
    deleted_[place].emplace_back(seq, deleted);
}

void Departures::take(const LinkReserved& link, JournalSeq seq)
{
    rows_[{link.record, link.table}] = {Row::State::reserved, seq, false};
}

void Departures::take(const LinkDissolved& link, JournalSeq)
{
    rows_.erase({link.record, link.table});
}

void Departures::take(const BreakerTripped& tripped, JournalSeq)
{
    stopped_[tripped.agency] = tripped.commit_lsn;
}

void Departures::take(const BreakerApproved& approved, JournalSeq)
{
    if (approved.deletions == ApprovedDeletions::hold)
        held_.emplace(approved.agency, stopped_.at(approved.agency));
}

// That a table was emptied says nothing of the others' rows, nor of one that we are about to insert.
void Departures::take(const TableTruncated& table, JournalSeq seq)
{
    for (auto& [place, row] : rows_)
        if (place.second == table.table && row.state == Row::State::live) {
            row = {Row::State::ended, seq, row.entered};
            set_deleted(place, seq, true);
        }
}

void Departures::take(const RowDeleted& deleted, JournalSeq seq)
{
    if (!deleted.record)
        return;
    const auto record = *deleted.record;
    const auto effect = judge(deleted, seq);
    effects_.emplace(seq, effect);
    auto& row = rows_[{record, deleted.table}];
    row.state = Row::State::ended;
    row.since = seq;
    if (effect == DeleteEffect::confirmed) {
        rows_.erase({record, deleted.table});
        return;
    }
    set_deleted({record, deleted.table}, seq, true);
    const auto* transaction = transaction_at(deleted.agency, deleted.position.commit_lsn);
    if (const auto* before =
            world_.ledger.state_at({deleted.table, deleted.key}, deleted.position.commit_lsn))
        deleted_keys_.emplace(record, natural_key(deleted.table, *before));
    if (transaction != nullptr)
        for (const auto& change : transaction->changes)
            if (change.row == LinkKey{deleted.table, deleted.key} && !change.after.empty())
                deleted_keys_.emplace(record, natural_key(deleted.table, change.after));
    if (effect == DeleteEffect::held)
        join(record, seq, deleted.table, State::asked);
    if (effect == DeleteEffect::propagated)
        join(record, seq, deleted.table, State::by_rule);
}

DeleteEffect Departures::judge(const RowDeleted& deleted, JournalSeq seq) const
{
    const auto* ours =
        world_.ledger.own_write(deleted.agency, deleted.position.commit_lsn, {deleted.table, deleted.key});
    if (ours != nullptr && ours->erased)
        return DeleteEffect::confirmed;
    const auto departing = now(*deleted.record);
    // Of a record that goes anyway a deletion says nothing new.
    if (is_back(deleted, seq) || (departing && departing->leaves()) ||
        !anybody_else_has(*deleted.record, deleted.table))
        return DeleteEffect::none;
    // What a person is asked about already is one question about all.
    if (departing || held_.contains({deleted.agency, deleted.position.commit_lsn}))
        return DeleteEffect::held;
    switch (world_.rules.on_delete(deleted.entity)) {
        case DeleteKind::hold:
            return DeleteEffect::held;
        case DeleteKind::detach:
            return DeleteEffect::detached;
        case DeleteKind::propagate:
            return entered_untold(deleted) ? DeleteEffect::held : DeleteEffect::propagated;
    }
    return DeleteEffect::held;
}

// The changes of a transaction that were read together with what the entry tells of.
Departures::Part Departures::part_of(const AgencyId& agency, Lsn commit_lsn, JournalSeq seq) const
{
    Part part{transaction_at(agency, commit_lsn), 0, std::numeric_limits<std::uint32_t>::max()};
    const auto ends = positions_.find(agency);
    if (ends == positions_.end())
        return part;
    const auto before = last_until(ends->second, seq);
    const auto next = before == ends->second.end() ? ends->second.begin() : std::next(before);
    if (before != ends->second.end() && before->second && before->second->commit_lsn == commit_lsn)
        part.first = before->second->ordinal + 1;
    if (next != ends->second.end() && next->second && next->second->commit_lsn == commit_lsn)
        part.last = next->second->ordinal;
    return part;
}

// Whether the transaction, as far as it was read at once, has inserted the row again.
bool Departures::is_back(const RowDeleted& deleted, JournalSeq seq) const
{
    const auto part = part_of(deleted.agency, deleted.position.commit_lsn, seq);
    if (part.transaction == nullptr)
        return false;
    LinkKey row{deleted.table, deleted.key};
    bool gone = false;
    std::uint32_t ordinal = 0;
    for (const auto& change : part.transaction->changes) {
        const bool here = ordinal >= part.first && ordinal <= part.last;
        ++ordinal;
        if (!here || change.row.table != row.table)
            continue;
        if (change.old_key && *change.old_key == row.key)
            row.key = change.row.key;
        if (change.row == row)
            gone = change.operation == RowOperation::erase;
    }
    return !gone;
}

bool Departures::anybody_else_has(RecordId record, MappingIndex table) const
{
    return std::ranges::any_of(rows_, [&](const auto& row) {
        return row.first.first == record && row.first.second != table &&
               row.second.state != Row::State::ended;
    });
}

// Whether another agency had entered a row of its own that the deleting one had not been told of.
bool Departures::entered_untold(const RowDeleted& deleted) const
{
    const auto told = told_before(world_, deleted.agency, deleted.position.commit_lsn);
    return std::ranges::any_of(rows_, [&](const auto& row) {
        return row.first.first == *deleted.record && row.first.second != deleted.table &&
               row.second.state == Row::State::live && row.second.entered && row.second.since > told;
    });
}

void Departures::take(const RowRead& read, JournalSeq seq)
{
    auto& row = rows_[{read.record, read.table}];
    const bool comes = row.state == Row::State::ended;
    if (row.state != Row::State::live)
        row = {Row::State::live, seq, comes};
    if (comes)
        set_deleted({read.record, read.table}, seq, false);
    auto departing = now(read.record);
    if (!departing)
        return;
    if (comes && returns(read, *departing)) {
        if (departing->leaves()) {
            give_back(read.record, *departing, seq);
            return become(read.record, seq, std::nullopt);
        }
        departing->tables.erase(read.table);
        departing->since = seq;
        return become(read.record, seq, departing->tables.empty() ? std::nullopt : std::optional{*departing});
    }
    // The person had not seen this.
    if (departing->state == State::by_person && !read.versions.empty()) {
        departing->state = State::asked;
        departing->since = seq;
        become(read.record, seq, departing);
    }
}

// Who lost its row with the record may get one again; not who had deleted its own before.
void Departures::give_back(RecordId record, const Departing& departing, JournalSeq seq)
{
    for (auto& [place, timeline] : deleted_)
        if (place.first == record && timeline.back().second &&
            (timeline.back().first >= departing.since || departing.tables.contains(place.second)))
            timeline.emplace_back(seq, false);
}

// The agency that had deleted its row has one again, or another one, that had been told, a new one.
bool Departures::returns(const RowRead& read, const Departing& departing) const
{
    if (read.source == RowSource::echo)
        return false;
    return departing.tables.contains(read.table) ||
           (departing.leaves() && departing.since <= entered_knowing(read));
}

JournalSeq Departures::entered_knowing(const RowRead& read) const
{
    return entered_knowing({read.table, read.key}, read.image, read.source, read.position.commit_lsn);
}

JournalSeq Departures::entered_knowing(const RowParked& parked) const
{
    const LinkKey row{parked.table, parked.key};
    return parked.image ? entered_knowing(row, *parked.image, parked.source, parked.position.commit_lsn)
                        : JournalSeq{0};
}

JournalSeq Departures::entered_knowing(
    const LinkKey& row, const Image& image, RowSource source, Lsn commit_lsn
) const
{
    const auto& agency = agency_of(row.table);
    const auto* transaction = transaction_at(agency, commit_lsn);
    if (source == RowSource::survey || transaction == nullptr)
        return JournalSeq{0};
    const auto subject = text_of(image[natural_key_slot(row.table)]);
    const bool entered_there = std::ranges::any_of(transaction->changes, [&](const WalChange& change) {
        return change.row.table == row.table && change.operation == RowOperation::insert &&
               Text{natural_key(row.table, change.after)} == subject;
    });
    return entered_there ? told_before(world_, agency, commit_lsn) : JournalSeq{0};
}

void Departures::take(const DeletionDecided& decided, JournalSeq seq)
{
    auto departing = now(decided.record);
    if (!departing)
        throw Violation{
            "deletion_followed",
            "a person was asked about record " + std::to_string(decided.record.value()) + " for no reason"};
    switch (decided.choice) {
        case DeletionChoice::keep:
            return become(decided.record, seq, std::nullopt);
        case DeletionChoice::remove:
            departing->state = State::by_person;
            departing->since = seq;
            return become(decided.record, seq, departing);
        case DeletionChoice::restore:
            for (const auto table : departing->tables)
                set_deleted({decided.record, table}, seq, false);
            return become(decided.record, seq, std::nullopt);
    }
}

const WalTransaction* Departures::transaction_at(const AgencyId& agency, Lsn commit_lsn) const
{
    const auto found = transactions_.find({agency, commit_lsn});
    return found == transactions_.end() ? nullptr : found->second;
}

}  // namespace casebridge::simulation
