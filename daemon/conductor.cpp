#include "daemon/conductor.hpp"

#include "connectors/postgres/agency_setup.hpp"
#include "model/assert.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

constexpr std::size_t sweep_chunk = 2'000;

}  // namespace

awaitable<Turn::Held> Conductor::take_turn()
{
    auto turn = co_await turn_.take();
    if (lost_)
        throw HubLost{*lost_};
    co_return turn;
}

std::optional<std::chrono::steady_clock::duration> Conductor::hub_silent_for() const
{
    if (!asking_hub_since_)
        return std::nullopt;
    return std::chrono::steady_clock::now() - *asking_hub_since_;
}

Conductor::Conductor(
    boost::asio::any_io_executor executor,
    const pipeline::BridgeDefinition& definition,
    ConductorSettings settings,
    ConductorObserver observer,
    std::function<std::chrono::year_month_day()> today
)
    : executor_(executor),
      definition_(&definition),
      settings_(std::move(settings)),
      observer_(std::move(observer)),
      today_(std::move(today)),
      codec_(definition),
      turn_(executor),
      state_(std::make_unique<pipeline::BridgeState>(definition)),
      pause_changed_(executor),
      something_to_project_(executor),
      gathering_(executor),
      projected_(executor),
      handed_over_(executor)
{
    for (const auto& agency : definition.agencies) {
        lanes_.try_emplace(agency);
        wakeups_.emplace(agency, std::make_unique<Wakeup>(executor));
    }
}

std::string Conductor::origin_of(const AgencyId& agency) const
{
    const auto names = postgres::agency_names(definition_->name, agency, leadership_.incarnation);
    CASEBRIDGE_ASSERT(names.has_value());  // config refuses names that no slot could have.
    return names->origin;
}

awaitable<void> Conductor::start()
{
    std::optional<Error> failure;
    try {
        co_await start_now();
    } catch (const libpq::DatabaseError& error) {
        failure = error.error();
    }
    if (failure)
        throw HubLost{*failure};
}

awaitable<void> Conductor::start_now()
{
    co_await connect();
    co_await load_state();
    for (const auto& agency : definition_->agencies)
        streams_.try_emplace(agency, *state_, lanes_, agency, origin_of(agency));
    co_await replay_tail();
    co_await rebuild_lanes();
    co_await record_configuration();
}

awaitable<void> Conductor::load(pipeline::Demand demand)
{
    if (demand.empty())
        co_return;
    hub::RecordStore store{*reading_, codec_};
    asking_hub_since_ = std::chrono::steady_clock::now();
    try {
        auto records = co_await store.load(demand);
        state_->records.answer(demand, std::move(records));
    } catch (const libpq::DatabaseError& error) {
        lost_ = error.error();
        throw;
    }
    asking_hub_since_.reset();
}

awaitable<void> Conductor::append(pipeline::EntryLog& log)
{
    if (log.entries().empty())
        co_return;
    const auto begin = std::chrono::steady_clock::now();
    asking_hub_since_ = begin;
    try {
        co_await journal_->append(log.entries());
    } catch (const libpq::DatabaseError& error) {
        // Known before the turn is free: nobody may decide on what was perhaps not kept.
        lost_ = error.error();
        throw;
    }
    asking_hub_since_.reset();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (observer_.append_time)
        observer_.append_time(state_->last_seq, took.count());
    if (observer_.appended)
        observer_.appended(log.entries());
    std::ranges::copy(log.entries(), std::back_inserter(unprojected_entries_));
    state_->records.forget_questions();
    something_to_project_.notify();
    if (unprojected_entries_.size() >= gathered_max())
        gathering_.cancel();
    wake_lanes();
}

void Conductor::wake_lanes()
{
    for (auto& [agency, lane] : lanes_)
        if (!lane.queue().empty() || !lane.newly_linked.empty())
            wakeups_.at(agency)->notify();
}

awaitable<void> Conductor::room_for_projection(AgencyId agency)
{
    if (unprojected_entries_.size() > settings_.unprojected_max && observer_.waiting_for_projection)
        observer_.waiting_for_projection(agency, unprojected_entries_.size());
    while (unprojected_entries_.size() > settings_.unprojected_max)
        co_await projected_.wait();
    projected_.notify();  // Others may wait for the same room.
}

awaitable<void> Conductor::serve_streams()
{
    for (;;) {
        auto work = co_await handed_over_.next();
        co_await uninterrupted(std::move(work));
    }
}

awaitable<void> Conductor::stream_settled(AgencyId agency)
{
    co_await handed_over_.finished(std::move(agency));
}

awaitable<Result<Merged>> Conductor::merge(AgencyId agency, std::vector<SourceTransaction> batch)
{
    co_await room_for_projection(agency);
    auto work = merge_now(agency, std::move(batch));
    co_return co_await handed_over_.hand_over(std::move(agency), std::move(work));
}

awaitable<Result<Merged>> Conductor::merge_now(AgencyId agency, std::vector<SourceTransaction> batch)
{
    const auto turn = co_await take_turn();
    auto& stream = streams_.at(agency);
    for (;;) {
        auto demand = stream.demand(batch);
        if (!demand)
            co_return demand.error();
        if (demand->empty())
            break;
        co_await load(std::move(*demand));
    }
    pipeline::EntryLog log{*state_};
    const auto report = stream.merge(batch, log);
    CASEBRIDGE_ASSERT(report.has_value());  // demand() has found every error that merge() could.
    co_await append(log);
    state_->records.forget_questions();
    wakeups_.at(agency)->notify();  // An echo may have made the lane ready.
    if (observer_.merged)
        observer_.merged(agency, *report);
    co_return report->held ? Merged::held : Merged::all;
}

void Conductor::begin_survey(const AgencyId& agency)
{
    auto& window = windows_[agency];
    window = {};
    streams_.at(agency).observe(&window);
}

void Conductor::low_watermark(const AgencyId& agency)
{
    windows_.at(agency).open();
}

void Conductor::end_survey(const AgencyId& agency)
{
    streams_.at(agency).observe(nullptr);
}

awaitable<void> Conductor::merge_chunk(AgencyId agency, pipeline::SurveyChunk chunk)
{
    co_await room_for_projection(agency);
    auto work = merge_chunk_now(agency, std::move(chunk));
    co_await handed_over_.hand_over(std::move(agency), std::move(work));
}

awaitable<void> Conductor::merge_chunk_now(AgencyId agency, pipeline::SurveyChunk chunk)
{
    const auto turn = co_await take_turn();
    for (;;) {
        auto demand = pipeline::survey_demand(*state_, chunk);
        if (demand.empty())
            break;
        co_await load(std::move(demand));
    }
    pipeline::EntryLog log{*state_};
    const auto report = pipeline::merge_survey(chunk, windows_.at(agency), log);
    pipeline::inform_lanes(*state_, lanes_, log.entries(), std::nullopt);
    co_await append(log);
    if (observer_.surveyed)
        observer_.surveyed(agency, report, chunk.table);
}

awaitable<void> Conductor::record_position(AgencyId agency, Lsn end)
{
    auto work = record_position_now(agency, end);
    co_await handed_over_.hand_over(std::move(agency), std::move(work));
}

awaitable<void> Conductor::record_position_now(AgencyId agency, Lsn end)
{
    const auto turn = co_await take_turn();
    const auto& known = state_->agencies.at(agency);
    if (end <= known.end_lsn)
        co_return;
    pipeline::EntryLog log{*state_};
    log.write(StreamPosition{agency, end, known.seen, known.inside});
    co_await append(log);
}

awaitable<void> Conductor::sweep(AgencyId agency)
{
    std::vector<std::string> entities;
    for (const auto& table : definition_->tables)
        if (table.agency == agency && !std::holds_alternative<mapping::CreateNever>(table.create_when))
            entities.push_back(definition_->model.entity(table.entity).name);
    const auto surveys_done = state_->last_seq;
    const auto& lane = lanes_.at(agency);
    boost::asio::steady_timer timer{executor_};
    std::optional<RecordId> after{RecordId{0}};
    while (after) {
        if (projected_seq_ >= surveys_done && lane.queue().size() <= sweep_chunk) {
            auto work = sweep_some(agency, entities, *after);
            after = co_await handed_over_.hand_over(agency, std::move(work));
            continue;
        }
        // Not on the path of a change: looking now and then is good enough.
        timer.expires_after(std::chrono::milliseconds{20});
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

awaitable<std::optional<RecordId>> Conductor::sweep_some(
    AgencyId agency, std::vector<std::string> entities, RecordId after
)
{
    const auto turn = co_await take_turn();
    hub::RecordStore store{*reading_, codec_};
    const auto ids = co_await store.records_without_row(agency, std::move(entities), after, sweep_chunk);
    for (const auto id : ids)
        lanes_.at(agency).enqueue({id, state_->last_seq, state_->last_seq, std::nullopt, false});
    wake_lanes();
    if (ids.size() == sweep_chunk)
        co_return ids.back();
    if (!state_->agencies.at(agency).swept) {
        pipeline::EntryLog log{*state_};
        log.write(AgencySwept{agency});
        co_await append(log);
    }
    co_return std::nullopt;
}

}  // namespace casebridge::daemon
