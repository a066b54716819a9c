#include "pipeline/lane_informer.hpp"
#include "tests/simulation/sim_daemon.hpp"

#include <algorithm>
#include <utility>

// The faults of broken cores that lie in what becomes of entries. docs/simulation.md says who catches them.

namespace casebridge::simulation {

void SimDaemon::forget_marks(std::vector<Entry>& entries)
{
    const auto forget = [&](RecordId id, const AgencyId& agency) {
        state_->records.change(id, [&](pipeline::Record& record) {
            for (auto& unit : record.units)
                unit.set_mark(agency, std::nullopt);
        });
    };
    for (auto& entry : entries) {
        if (auto* read = std::get_if<RowRead>(&entry.body); read != nullptr && !read->marks.empty()) {
            read->marks.clear();
            forget(read->record, read->agency);
        }
        if (const auto* moved = std::get_if<MarksMoved>(&entry.body)) {
            forget(moved->record, moved->agency);
            entry.body = LaneReason{AgencyId{moved->agency}};
        }
    }
}

// All but the agency itself and the first other one: none where there are two.
std::vector<AgencyId> SimDaemon::further_agencies(const AgencyId& agency) const
{
    auto others = world_.definition.agencies;
    std::erase(others, agency);
    others.erase(others.begin());
    return others;
}

void SimDaemon::keep_parked(std::vector<Entry>& entries)
{
    for (auto& entry : entries)
        if (const auto* released = std::get_if<ParkedReleased>(&entry.body)) {
            const LinkKey row{released->table, released->key};
            if (const auto before = parked_before_.find(row); before != parked_before_.end())
                state_->parked.insert(*before);
            entry.body = LaneReason{AgencyId{released->agency}};
        }
}

// Of every second deletion nothing follows.
void SimDaemon::forget(RowDeleted& deleted)
{
    if (!deleted.record || deleted.effect == DeleteEffect::confirmed || world_.dice.one_in(2))
        return;
    deleted.effect = DeleteEffect::none;
    deleted.conflicts.clear();
    state_->records.change(*deleted.record, [](pipeline::Record& record) { record.departure.reset(); });
}

// What the journal does not say, memory remembers: the rows of a record go, by rule or as a person said.
void SimDaemon::let_go(RecordId id, pipeline::Departure departure)
{
    if (state_->records.find(id) == nullptr)
        return;
    state_->records.change(id, [&](pipeline::Record& record) { record.departure = std::move(departure); });
    for (auto& [agency, lane] : lanes_)
        lane.enqueue({id, state_->last_seq, state_->last_seq, std::nullopt, false});
}

void SimDaemon::delete_more(const Entry& entry)
{
    using pipeline::DepartureState;
    const auto* deleted = std::get_if<RowDeleted>(&entry.body);
    if (world_.broken == BrokenCore::deletes_what_is_held && deleted != nullptr &&
        deleted->effect == DeleteEffect::held)
        let_go(*deleted->record, {{deleted->table}, entry.seq, DepartureState::ruled});
    const auto* decided = std::get_if<DeletionDecided>(&entry.body);
    if (world_.broken == BrokenCore::removes_what_is_kept && decided != nullptr &&
        decided->choice == DeletionChoice::keep)
        for (const auto& link : world_.hub.replayed().records.find(decided->record)->links)
            if (link.state == pipeline::LinkState::ended)
                let_go(decided->record, {{link.table}, entry.seq, DepartureState::decided});
    const auto* emptied = std::get_if<TableTruncated>(&entry.body);
    if (world_.broken == BrokenCore::passes_truncations_on && emptied != nullptr)
        for (const auto id : world_.hub.replayed().records.unprojected())
            if (const auto* link = world_.hub.replayed().records.find(id)->find_link(emptied->table);
                link != nullptr && link->state == pipeline::LinkState::live)
                let_go(id, {{emptied->table}, entry.seq, DepartureState::ruled});
}

// What lost when the newest version won is gone.
void SimDaemon::forget_losers(RowRead& read, JournalSeq seq)
{
    for (const auto& note : read.conflicts) {
        if (note.verdict != Verdict::stands || note.winner != seq)
            continue;
        const auto added = std::ranges::find(read.versions, note.unit, &VersionAdded::unit);
        added->superseded.clear();
        for (const auto& version : note.versions)
            if (version.seq != seq)
                added->superseded.push_back(version.seq);
        state_->records.change(read.record, [&](pipeline::Record& record) {
            std::erase_if(record.units[note.unit.value()].open, [&](const Version& version) {
                return version.seq != seq;
            });
        });
    }
}

// Only echoes of rows tell what an agency had: where nothing has to be written it stands still.
void SimDaemon::stand_still(std::vector<Entry>& entries)
{
    const bool shows_rows = std::ranges::any_of(entries, [](const Entry& entry) {
        const auto* read = std::get_if<RowRead>(&entry.body);
        return read != nullptr && read->source == RowSource::echo;
    });
    for (auto& entry : entries)
        if (auto* position = std::get_if<StreamPosition>(&entry.body); position != nullptr && !shows_rows) {
            position->seen = world_.hub.replayed().agencies.at(position->agency).seen;
            state_->agencies.at(position->agency).seen = position->seen;
        }
}

// Forgets that the agency has deleted the row itself: it gets one again.
void SimDaemon::bring_back(pipeline::EntryLog& log)
{
    const auto decided = log.entries();
    for (const auto& entry : decided) {
        const auto* deleted = std::get_if<RowDeleted>(&entry.body);
        if (deleted == nullptr || !deleted->record || deleted->effect == DeleteEffect::confirmed)
            continue;
        const auto* link = state_->records.find(*deleted->record)->find_link(deleted->table);
        if (link == nullptr || link->state != pipeline::LinkState::ended)
            continue;
        const auto before = log.entries().size();
        log.write(LinkDissolved{deleted->agency, deleted->table, deleted->key, *deleted->record});
        pipeline::inform_lanes(*state_, lanes_, std::span{log.entries()}.subspan(before), std::nullopt);
    }
}

// Before they are sent to the hub.
void SimDaemon::spoil_decided(std::vector<Entry>& entries)
{
    if (world_.broken == BrokenCore::forgets_marks)
        forget_marks(entries);
    if (world_.broken == BrokenCore::keeps_rows_parked)
        keep_parked(entries);
    if (world_.broken == BrokenCore::seen_stands_still)
        stand_still(entries);
}

void SimDaemon::lose_conflicts(Entry& entry) const
{
    const bool all = world_.broken == BrokenCore::journal_loses_conflicts;
    auto* deleted = std::get_if<RowDeleted>(&entry.body);
    if (deleted != nullptr && (all || world_.broken == BrokenCore::loses_deletion_conflicts))
        deleted->conflicts.clear();
    auto* read = std::get_if<RowRead>(&entry.body);
    if (read != nullptr && all)
        read->conflicts.clear();
    if (read != nullptr && world_.broken == BrokenCore::loses_conflicts_behind_deletions)
        std::erase_if(read->conflicts, [](const ConflictNote& note) {
            return note.type == ConflictType::update_deleted;
        });
}

// When they become durable.
void SimDaemon::spoil_kept(std::vector<Entry>& entries)
{
    if (world_.broken == BrokenCore::none)
        return;
    for (auto& entry : entries) {
        lose_conflicts(entry);
        delete_more(entry);
        if (auto* deleted = std::get_if<RowDeleted>(&entry.body);
            deleted != nullptr && world_.broken == BrokenCore::forgets_deletions)
            forget(*deleted);
        auto* read = std::get_if<RowRead>(&entry.body);
        if (read == nullptr)
            continue;
        if (world_.broken == BrokenCore::loses_tallies)
            for (auto& added : read->versions)
                if (added.tally)
                    added.tally->added = Value{"0"};
        if (world_.broken == BrokenCore::forgets_losers)
            forget_losers(*read, entry.seq);
        if (world_.broken == BrokenCore::remembers_otherwise && world_.dice.one_in(20))
            state_->records.change(read->record, [&](pipeline::Record& record) {
                record.units.front().set_mark(read->agency, entry.seq);
            });
    }
}

}  // namespace casebridge::simulation
