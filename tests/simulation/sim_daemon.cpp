#include "tests/simulation/sim_daemon.hpp"

#include "pipeline/entry_demand.hpp"
#include "pipeline/lane_restore.hpp"
#include "pipeline/record_values.hpp"
#include "tests/simulation/show_entry.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace casebridge::simulation {
namespace {

// Far fewer than the real one takes at once, so that there is a next time.
constexpr std::size_t sweep_chunk = 3;

}  // namespace

std::string origin_of(const AgencyId& agency)
{
    return "casebridge_" + agency.value();
}

SimDaemon::SimDaemon(World& world) : world_(world), cold_(world.seed % 2 == 0)
{
    start();
}

// As Conductor::start_now(): projections, the tail behind them, the lanes' work.
void SimDaemon::start()
{
    state_ = world_.hub.load_state();
    for (const auto& agency : world_.definition.agencies) {
        lanes_.try_emplace(agency);
        auto& capture = captures_[agency];
        // Also after a crash inside a transaction: its parts may be cut elsewhere.
        if (world_.dice.one_in(3))
            capture.rows_max = 1 + world_.dice.below(3);
        if (world_.dice.one_in(2))
            capture.flush_limits = {
                1 + world_.dice.below(400), std::chrono::milliseconds{world_.dice.below(2'000)}};
        capture.assembler.emplace(pgoutput::AssemblyLimits{capture.rows_max, 1U << 20U, origin_of(agency)});
        auto& client = clients_[agency];
        client.rows_max = world_.dice.one_in(2) ? 1 + world_.dice.below(3) : 500;
    }
    for (const auto& agency : world_.definition.agencies)
        streams_.try_emplace(agency, *state_, lanes_, agency, origin_of(agency));
    projected_seq_ = world_.hub.projected_seq();
    const auto tail = world_.hub.entries_behind(projected_seq_);
    const auto chunk = 1 + world_.dice.below(40);
    for (std::size_t begin = 0; begin < tail.size(); begin += chunk) {
        const auto part = tail.subspan(begin, std::min(chunk, tail.size() - begin));
        load(pipeline::demand_of(*state_, part));
        for (const auto& entry : part)
            pipeline::apply(*state_, entry);
        state_->records.forget_questions();
    }
    check_against_replay();
    if (world_.broken == BrokenCore::seen_from_progress)
        for (auto& [agency, known] : state_->agencies)
            known.seen = std::max(known.seen, world_.sites.at(agency).agency.progress);
    if (world_.broken != BrokenCore::forgets_lane_work)
        rebuild_lanes();
    record_configuration();
    world_.trace("daemon", [&] { return "starts at seq " + std::to_string(state_->last_seq.value()); });
}

// The journal holds it once, however often the daemon starts.
void SimDaemon::record_configuration()
{
    if (world_.hub.has_configuration())
        return;
    pipeline::EntryLog log{*state_};
    log.write(ConfigurationApplied{"simulated", "{}"});
    keep(log.entries());
    end_turn();
}

void SimDaemon::rebuild_lanes()
{
    for (auto& [agency, lane] : lanes_) {
        auto ids = world_.hub.records_changed_since(state_->agencies.at(agency).seen);
        for (const auto id : world_.hub.records_lacking(agency))
            ids.insert(id);
        for (const auto id : pipeline::unprojected_lacking(*state_, agency))
            ids.insert(id);
        pipeline::Demand demand;
        for (const auto id : ids)
            if (!state_->records.knows(id))
                demand.records.push_back(id);
        load(demand);
        const std::vector<RecordId> records{ids.begin(), ids.end()};
        pipeline::restore_lane(lane, *state_, agency, records);
        state_->records.forget_questions();
    }
}

void SimDaemon::load(const pipeline::Demand& demand)
{
    if (demand.empty())
        return;
    auto found = world_.hub.load(demand);
    if (world_.broken == BrokenCore::hub_finds_nobody && !demand.identities.empty())
        found.clear();
    state_->records.answer(demand, std::move(found));
}

void SimDaemon::decide(const pipeline::EntryLog& log, std::function<void()> then)
{
    CASEBRIDGE_ASSERT(!turn_);
    if (log.entries().empty()) {
        then();
        end_turn();
        return;
    }
    turn_ = Turn{log.entries(), std::move(then)};
    if (world_.broken == BrokenCore::forgets_marks)
        forget_marks(turn_->entries);
    if (world_.broken == BrokenCore::keeps_rows_parked)
        keep_parked(turn_->entries);
}

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

void SimDaemon::keep(std::vector<Entry> entries)
{
    spoil(entries);
    for (const auto& entry : entries)
        world_.trace("hub", [&] { return "keeps " + show(entry); });
    world_.hub.append(entries);
    world_.ledger.appended(world_, entries);
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

void SimDaemon::spoil(std::vector<Entry>& entries)
{
    if (world_.broken == BrokenCore::journal_loses_conflicts)
        for (auto& entry : entries) {
            if (auto* read = std::get_if<RowRead>(&entry.body))
                read->conflicts.clear();
            if (auto* deleted = std::get_if<RowDeleted>(&entry.body))
                deleted->conflicts.clear();
        }
    if (world_.broken == BrokenCore::forgets_deletions)
        for (auto& entry : entries)
            if (auto* deleted = std::get_if<RowDeleted>(&entry.body))
                forget(*deleted);
    if (world_.broken == BrokenCore::loses_tallies)
        for (auto& entry : entries)
            if (auto* read = std::get_if<RowRead>(&entry.body))
                for (auto& added : read->versions)
                    if (added.tally)
                        added.tally->added = Value{"0"};
}

bool SimDaemon::finish_append()
{
    if (!turn_)
        return false;
    auto turn = std::move(*turn_);
    turn_.reset();
    keep(std::move(turn.entries));
    turn.then();
    end_turn();
    return true;
}

void SimDaemon::append_and_die()
{
    if (turn_)
        keep(std::move(turn_->entries));
}

bool SimDaemon::project_and_die()
{
    if (!projecting_)
        return false;
    world_.hub.project(*projecting_);
    return true;
}

void SimDaemon::end_turn()
{
    state_->records.forget_questions();
    if (cold_)
        state_->records.shrink(0);
}

void SimDaemon::retry_later(pipeline::StreamLifecycle& life, std::int64_t& at_us, const char* code)
{
    const auto next = life.next(Error{ErrorClass::transient, code, "simulated", "", ""});
    const auto* again = std::get_if<pipeline::TryAgain>(&next);
    if (again == nullptr)
        throw Violation{"falls_silent", "a transient error stops a stream for good"};
    at_us = world_.time.now_us + std::chrono::microseconds{again->after}.count();
}

bool SimDaemon::begin_projection()
{
    const auto entries = world_.hub.entries_behind(projected_seq_);
    if (turn_ || projecting_ || entries.empty())
        return false;
    auto& projection = projecting_.emplace();
    projection.to = state_->last_seq;
    for (const auto id : state_->records.unprojected())
        projection.records.push_back({*state_->records.find(id), state_->records.projection_need(id)});
    projection.agencies = state_->agencies;
    projection.tables = state_->tables;
    projection.matches = state_->matches;
    std::set<LinkKey> rows;
    for (const auto& entry : entries) {
        if (const auto* parked = std::get_if<RowParked>(&entry.body))
            rows.insert({parked->table, parked->key});
        if (const auto* released = std::get_if<ParkedReleased>(&entry.body))
            rows.insert({released->table, released->key});
    }
    for (const auto& row : rows) {
        if (const auto parked = state_->parked.find(row); parked != state_->parked.end())
            projection.parked.push_back(parked->second);
        else
            projection.released.push_back(row);
    }
    return true;
}

bool SimDaemon::end_projection()
{
    if (!projecting_)
        return false;
    world_.hub.project(*projecting_);
    projected_seq_ = projecting_->to;
    state_->records.projected(projecting_->to);
    world_.trace("hub", [&] { return "projects up to seq " + std::to_string(projecting_->to.value()); });
    projecting_.reset();
    return true;
}

bool SimDaemon::sweep(const AgencyId& agency)
{
    auto& capture = captures_.at(agency);
    if (capture.swept || !capture.sender || !state_->surveyed(agency))
        return false;
    if (world_.broken == BrokenCore::never_sweeps)
        return false;
    if (!capture.sweeps_from) {
        capture.sweeps_from = state_->last_seq;
        capture.swept_to = RecordId{0};
        return true;
    }
    if (turn_ || projected_seq_ < *capture.sweeps_from)
        return false;
    const auto ids = world_.hub.records_without_row(agency, capture.swept_to, sweep_chunk);
    world_.trace("daemon", [&] {
        return "sweeps " + std::to_string(ids.size()) + " records for " + agency.value();
    });
    for (const auto id : ids)
        lanes_.at(agency).enqueue({id, state_->last_seq, state_->last_seq, std::nullopt, false});
    if (ids.size() == sweep_chunk) {
        capture.swept_to = ids.back();
        return true;
    }
    capture.swept = true;
    pipeline::EntryLog log{*state_};
    if (!state_->agencies.at(agency).swept)
        log.write(AgencySwept{agency});
    decide(log, [] {});
    return true;
}

void SimDaemon::vanish()
{
    for (auto& [agency, site] : world_.sites)
        if (site.session)
            site.session->client_vanishes();
}

bool SimDaemon::idle() const
{
    if (turn_ || projecting_)
        return false;
    return std::ranges::all_of(lanes_, [](const auto& lane) {
        return lane.second.idle() && lane.second.newly_linked.empty() && !lane.second.has_deferred();
    });
}

void SimDaemon::forget_backoff()
{
    for (auto& [agency, capture] : captures_)
        capture.retry_at_us = 0;
    for (auto& [agency, client] : clients_)
        client.retry_at_us = 0;
}

void SimDaemon::check_against_replay() const
{
    // A broken core may differ from its journal on purpose; it has to be caught by what follows from that.
    if (world_.broken != BrokenCore::none)
        return;
    const auto& replayed = world_.hub.replayed();
    if (turn_ || state_->last_seq != replayed.last_seq)
        throw Violation{"replay_equals_live", "live and replayed state end at different seqs"};
    if (state_->agencies != replayed.agencies || state_->tables != replayed.tables)
        throw Violation{"replay_equals_live", "positions or surveys differ from those of a replay"};
    if (state_->linked_rows != replayed.linked_rows)
        throw Violation{"replay_equals_live", "rows are not linked as often as in a replay"};
    for (const auto id : replayed.records.unprojected())
        if (const auto* live = state_->records.find(id);
            live != nullptr && *live != *replayed.records.find(id))
            throw Violation{
                "replay_equals_live", "record " + std::to_string(id.value()) + " differs from its replay"};
    if (state_->parked.size() != replayed.parked.size() ||
        !std::ranges::all_of(replayed.parked, [&](const auto& row) {
            return state_->parked.contains(row.first);
        }))
        throw Violation{"replay_equals_live", "parked rows differ from those of a replay"};
    if (state_->matches != replayed.matches || state_->in_doubt != replayed.in_doubt)
        throw Violation{"replay_equals_live", "doubtful matches differ from those of a replay"};
}

}  // namespace casebridge::simulation
