#include "connectors/postgres/agency_setup.hpp"
#include "daemon/conductor.hpp"
#include "hub/entity_views.hpp"
#include "hub/failure.hpp"
#include "hub/overview.hpp"
#include "model/assert.hpp"
#include "pipeline/entry_demand.hpp"
#include "pipeline/lane_restore.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

// How a conductor comes to its state: the hub's projections, the tail of the journal behind them, and the
// lanes' work.

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

constexpr std::size_t replay_chunk = 2'000;
constexpr std::size_t load_chunk = 5'000;
constexpr std::size_t journal_chunk = 50'000;

// Why an erased payload stops a replay: the state that it would lead to is not known any more.
Error erased_in_tail(const hub::ErasedEntry& entry)
{
    return {
        .kind = ErrorClass::permanent,
        .code = "erased_behind_projection",
        .place = "journal entry " + std::to_string(entry.seq.value()),
        .message = "the payload of an entry that the projections do not hold yet was erased",
        .remedy = "restore the hub from a backup taken before the erasure, or survey the agencies again",
    };
}

}  // namespace

awaitable<void> Conductor::connect()
{
    libpq::ConnectionOptions options{settings_.hub_connection};
    options.application_name = "casebridge:journal";
    journal_.emplace(co_await hub::Journal::open(options, codec_));
    leadership_ = co_await journal_->lead(settings_.holder, observer_.waiting_for_leader);
    if (observer_.leading)
        observer_.leading(leadership_);
    options.application_name = "casebridge:records";
    reading_.emplace(co_await libpq::Connection::open(options));
    options.application_name = "casebridge:projector";
    projecting_.emplace(co_await libpq::Connection::open(options));
    options.application_name = "casebridge:inbox";
    listening_.emplace(co_await libpq::Connection::open(options));
    co_await hub::listen_to_requests(*listening_);
    co_await hub::refresh_views(*projecting_, definition_->model);
}

awaitable<void> Conductor::load_state()
{
    hub::RecordStore store{*reading_, codec_};
    auto loaded = co_await store.load_state();
    auto& state = *state_;
    for (auto& [agency, known] : loaded.agencies)
        state.agencies[agency] = known;
    for (auto& [table, known] : loaded.tables) {
        state.tables[table.value()] = known;
        if (known.truncated_at)
            state.records.truncated(table, *known.truncated_at);
    }
    for (auto& parked : loaded.parked)
        state.restore_parked(std::move(parked));
    for (auto& [row, matches] : loaded.matches)
        state.matches.emplace(row, std::move(matches));
    for (const auto& [table, count] : loaded.linked_rows)
        state.linked_rows[table.value()] = count;
    state.blocked.insert(loaded.blocked.begin(), loaded.blocked.end());
    state.last_seq = loaded.projected_seq;
    projected_seq_ = loaded.projected_seq;

    pipeline::Demand demand;
    for (const auto& waiting : loaded.waiting)
        demand.records.push_back(waiting.record);
    co_await load(std::move(demand));
    for (const auto& waiting : loaded.waiting) {
        const auto* record = state.records.find(waiting.record);
        CASEBRIDGE_ASSERT(record != nullptr);
        const auto& agency = definition_->table(waiting.waits_for.table).agency;
        const auto* table = definition_->table_of(agency, record->entity);
        const auto* link = table == nullptr ? nullptr : record->find_link(table->index);
        if (link != nullptr)
            state.waiting[waiting.waits_for].push_back({link->table, link->key});
    }
}

awaitable<std::vector<Entry>> Conductor::stored_entries(JournalSeq after)
{
    auto stored = co_await journal_->read(after, replay_chunk);
    std::vector<Entry> entries;
    entries.reserve(stored.size());
    for (auto& one : stored) {
        if (const auto* erased = std::get_if<hub::ErasedEntry>(&one))
            throw hub::HubFailure{erased_in_tail(*erased)};
        entries.push_back(std::move(std::get<Entry>(one)));
    }
    co_return entries;
}

awaitable<void> Conductor::apply_stored(std::vector<Entry> entries)
{
    co_await load(pipeline::demand_of(*state_, entries));
    for (const auto& entry : entries)
        pipeline::apply(*state_, entry);
    state_->records.forget_questions();
    std::ranges::move(entries, std::back_inserter(unprojected_entries_));
}

awaitable<void> Conductor::replay_tail()
{
    for (;;) {
        auto entries = co_await stored_entries(state_->last_seq);
        if (entries.empty())
            break;
        co_await apply_stored(std::move(entries));
    }
    CASEBRIDGE_ASSERT(state_->last_seq == journal_->last_seq());
    if (!unprojected_entries_.empty())
        something_to_project_.notify();
}

awaitable<std::size_t> Conductor::rebuild()
{
    std::optional<Error> failure;
    try {
        co_return co_await rebuild_now();
    } catch (const libpq::DatabaseError& error) {
        failure = error.error();
    }
    throw HubLost{*failure};
}

awaitable<std::size_t> Conductor::rebuild_now()
{
    co_await connect();
    hub::Projector projector{*projecting_, codec_, *definition_, leadership_};
    co_await projector.reset_projections();
    co_await load_state();
    std::size_t count = 0;
    for (;;) {
        auto entries = co_await stored_entries(state_->last_seq);
        if (entries.empty())
            co_return count;
        count += entries.size();
        co_await apply_stored(std::move(entries));
        co_await project_once(projector);
        state_->records.shrink(settings_.records_cached_max);
    }
}

// What a lane of a process before this one may have left undone: everything that changed behind what its
// database is known to have, and every record that it is known to lack something of. Records without a row
// there follow by sweep().
awaitable<void> Conductor::rebuild_lanes()
{
    hub::RecordStore store{*reading_, codec_};
    for (auto& [agency, lane] : lanes_) {
        // Memory is asked before the projections: what leaves it meanwhile is found there.
        const auto in_memory = pipeline::unprojected_lacking(*state_, agency);
        std::set<RecordId> ids{in_memory.begin(), in_memory.end()};
        RecordId after{0};
        for (;;) {
            const auto lacking = co_await store.records_lacking(agency, after, load_chunk);
            ids.insert(lacking.begin(), lacking.end());
            if (lacking.size() < load_chunk)
                break;
            after = lacking.back();
        }
        auto read_to = state_->agencies.at(agency).seen;
        for (;;) {
            const auto changed = co_await store.records_changed_since(read_to, journal_chunk);
            for (const auto& [id, seq] : changed.records)
                ids.insert(id);
            if (changed.read_to == read_to)
                break;
            read_to = changed.read_to;
        }
        const std::vector<RecordId> records{ids.begin(), ids.end()};
        for (std::size_t begin = 0; begin < records.size(); begin += load_chunk) {
            pipeline::Demand demand;
            for (std::size_t i = begin; i < std::min(begin + load_chunk, records.size()); ++i)
                if (!state_->records.knows(records[i]))
                    demand.records.push_back(records[i]);
            co_await load(std::move(demand));
        }
        pipeline::restore_lane(lane, *state_, agency, records);
        state_->records.forget_questions();
    }
}

// An unchanged configuration is no news: the journal holds its text once, however often the daemon starts.
awaitable<void> Conductor::record_configuration()
{
    pipeline::EntryLog log{*state_};
    const auto last = co_await hub::last_configuration(*reading_);
    if (last != settings_.configuration_hash)
        log.write(ConfigurationApplied{settings_.configuration_hash, settings_.configuration_text});
    // An append whose answer was lost may have answered already, as may another daemon that led meanwhile.
    if (settings_.answer && !co_await hub::is_answered(*reading_, settings_.answer->request.id))
        log.write(*settings_.answer);
    co_await append(log);
}

}  // namespace casebridge::daemon
