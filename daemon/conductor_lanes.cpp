#include "daemon/conductor.hpp"

#include <algorithm>
#include <utility>

// What lanes ask for: plans, and what becomes of their deliveries.

namespace casebridge::daemon {

using boost::asio::awaitable;

awaitable<Result<JournalSeq>> Conductor::attach_lane(AgencyId agency, JournalSeq flushed)
{
    co_return co_await uninterrupted(attach_lane_now(std::move(agency), flushed));
}

awaitable<Result<JournalSeq>> Conductor::attach_lane_now(AgencyId agency, JournalSeq flushed)
{
    const auto turn = co_await take_turn();
    auto& lane = lanes_.at(agency);
    if (flushed > state_->last_seq)
        co_return Error{
            .kind = ErrorClass::permanent,
            .code = "hub_behind",
            .place = agency.value(),
            .message =
                "the agency has been written to from a journal that is further than the hub's: the hub lost "
                "its "
                "tail",
            .remedy = "find out what was restored; do not start another hub on these agencies",
        };
    if (state_->last_seq <= std::max(flushed, lane.last_to())) {
        pipeline::EntryLog log{*state_};
        log.write(LaneReason{agency});
        co_await append(log);
    }
    lane.attached(flushed, state_->last_seq);
    co_return state_->last_seq;
}

void Conductor::detach_lane(const AgencyId& agency)
{
    lanes_.at(agency).detached();
}

awaitable<pipeline::Planned> Conductor::plan(AgencyId agency, pipeline::KeyPool& keys)
{
    co_return co_await uninterrupted(plan_now(std::move(agency), keys));
}

awaitable<pipeline::Planned> Conductor::plan_now(AgencyId agency, pipeline::KeyPool& keys)
{
    const auto turn = co_await take_turn();
    auto& lane = lanes_.at(agency);
    if (lane.phase() != pipeline::Lane::Phase::ready || paused(agency))
        co_return pipeline::Planned{};
    const pipeline::PlanRequest request{agency, settings_.delivery_rows_max, today_()};
    for (;;) {
        auto demand = pipeline::plan_demand(*state_, lane, request);
        if (demand.empty())
            break;
        co_await load(std::move(demand));
    }
    pipeline::EntryLog log{*state_};
    auto planned = pipeline::plan_delivery(lane, request, keys, log);
    co_await append(log);
    state_->records.forget_questions();
    state_->records.shrink(settings_.records_cached_max);
    co_return planned;
}

awaitable<void> Conductor::settle(AgencyId agency, pipeline::DeliveryOutcome outcome)
{
    if (outcome.missed.empty() && outcome.refused.empty() && outcome.deferred.empty())
        co_return;
    co_await uninterrupted(settle_now(std::move(agency), std::move(outcome)));
}

awaitable<void> Conductor::settle_now(AgencyId agency, pipeline::DeliveryOutcome outcome)
{
    const auto turn = co_await take_turn();
    pipeline::Demand demand;
    for (const auto record : outcome.missed)
        if (!state_->records.knows(record))
            demand.records.push_back(record);
    for (const auto& refusal : outcome.refused)
        if (!state_->records.knows(refusal.record))
            demand.records.push_back(refusal.record);
    co_await load(std::move(demand));
    pipeline::EntryLog log{*state_};
    pipeline::settle_delivery(lanes_.at(agency), agency, outcome, log);
    co_await append(log);
    wakeups_.at(agency)->notify();
}

awaitable<void> Conductor::withdraw(AgencyId agency, pipeline::DeliveryPlan plan)
{
    co_return co_await uninterrupted(withdraw_now(std::move(agency), std::move(plan)));
}

awaitable<void> Conductor::withdraw_now(AgencyId agency, pipeline::DeliveryPlan plan)
{
    const auto turn = co_await take_turn();
    pipeline::withdraw_delivery(lanes_.at(agency), plan, *state_);
}

void Conductor::ask_for_marker(const AgencyId& agency)
{
    lanes_.at(agency).ask_for_marker();
    wakeups_.at(agency)->notify();
}

void Conductor::release_deferred(const AgencyId& agency)
{
    auto& lane = lanes_.at(agency);
    for (const auto record : lane.release_deferred())
        lane.enqueue({record, state_->last_seq, state_->last_seq, std::nullopt, true});
    wake_lanes();
}

}  // namespace casebridge::daemon
