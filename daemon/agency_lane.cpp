#include "daemon/agency_lane.hpp"

#include "connectors/libpq/task_scope.hpp"
#include "hub/failure.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

// Unechoed transactions. More means that the agency's stream is not being read: writing on would only pile
// up.
constexpr std::size_t pending_max = 64;
constexpr std::chrono::milliseconds deferred_pause{1'000};
constexpr std::size_t keys_at_least = 16;

// However it ends: nobody may wait for an answer that cannot come any more.
class WhileItLasts {
public:
    explicit WhileItLasts(bool& flag) : flag_(flag) { flag_ = true; }
    WhileItLasts(const WhileItLasts&) = delete;
    WhileItLasts& operator=(const WhileItLasts&) = delete;
    ~WhileItLasts() { flag_ = false; }

private:
    bool& flag_;
};

class LaneStopped : public libpq::DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

}  // namespace

AgencyLane::AgencyLane(
    boost::asio::any_io_executor executor,
    Conductor& conductor,
    AgencyId agency,
    postgres::LaneOptions options,
    std::chrono::steady_clock::duration heartbeat,
    LaneObserver observer
)
    : executor_(std::move(executor)),
      conductor_(conductor),
      agency_(std::move(agency)),
      options_(std::move(options)),
      heartbeat_(heartbeat),
      observer_(std::move(observer))
{
}

awaitable<void> AgencyLane::run()
{
    conductor_.detach_lane(agency_);
    delivering_ = false;
    keys_.clear();
    auto session = co_await postgres::LaneSession::open(options_);
    co_await attach(session);
    co_await libpq::run_together(deliver_all(session), release_deferred(), beat());
}

awaitable<void> AgencyLane::attach(postgres::LaneSession& session)
{
    const auto marker = co_await conductor_.attach_lane(agency_, session.progress());
    if (!marker)
        throw LaneStopped{marker.error()};
    co_await session.send_marker(*marker);
    if (observer_.marker)
        observer_.marker();
    if (observer_.ready)
        observer_.ready();
}

awaitable<void> AgencyLane::deliver_all(postgres::LaneSession& session)
{
    auto& work = conductor_.lane_work(agency_);
    for (;;) {
        const auto& lane = conductor_.lane(agency_);
        const bool something = !lane.queue().empty() || !lane.newly_linked.empty() || lane.marker_asked();
        const bool may = lane.phase() == pipeline::Lane::Phase::ready && lane.pending_count() < pending_max &&
                         !conductor_.paused(agency_);
        if (!something || !may) {
            co_await work.wait();
            continue;
        }
        auto planned = co_await conductor_.plan(agency_, keys_);
        if (planned.without_agreement > 0 && observer_.without_agreement)
            observer_.without_agreement(planned.without_agreement);
        if (planned.plan)
            co_await deliver(session, std::move(*planned.plan));
        for (const auto& [table, count] : planned.wanted) {
            auto keys = co_await session.allocate_keys(table, std::max(count, keys_at_least));
            std::ranges::move(keys, std::back_inserter(keys_[table]));
        }
    }
}

awaitable<void> AgencyLane::deliver(postgres::LaneSession& session, pipeline::DeliveryPlan plan)
{
    const auto begin = std::chrono::steady_clock::now();
    std::optional<pipeline::DeliveryOutcome> outcome;
    std::exception_ptr failure;
    last_transaction_ = begin;
    try {
        const WhileItLasts delivering{delivering_};
        outcome = co_await session.deliver(plan);
    } catch (const postgres::DeliveryRolledBack&) {
        failure = std::current_exception();
    }
    if (failure) {
        co_await conductor_.withdraw(agency_, std::move(plan));
        std::rethrow_exception(failure);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (plan.marker_only) {
        if (observer_.marker)
            observer_.marker();
    } else if (observer_.delivered) {
        observer_.delivered(
            plan.row_count() - outcome->missed.size() - outcome->refused.size(), took.count()
        );
    }
    if (!outcome->missed.empty() && observer_.missed)
        observer_.missed(outcome->missed.size());
    co_await conductor_.settle(agency_, std::move(*outcome));
}

// Rows that somebody held locked are tried again after a pause, without stopping the lane.
awaitable<void> AgencyLane::release_deferred()
{
    boost::asio::steady_timer timer{executor_};
    for (;;) {
        timer.expires_after(deferred_pause);
        co_await timer.async_wait(boost::asio::use_awaitable);
        if (conductor_.lane(agency_).has_deferred())
            conductor_.release_deferred(agency_);
    }
}

// A session, a hub or a stream that is gone would otherwise be noticed with the next change only, perhaps
// hours later: the marker needs all of them. Nothing is added while one is still on its way.
awaitable<void> AgencyLane::beat()
{
    last_transaction_ = std::chrono::steady_clock::now();
    boost::asio::steady_timer timer{executor_};
    for (;;) {
        timer.expires_at(last_transaction_ + heartbeat_);
        co_await timer.async_wait(boost::asio::use_awaitable);
        if (std::chrono::steady_clock::now() < last_transaction_ + heartbeat_)
            continue;
        const auto& lane = conductor_.lane(agency_);
        if (lane.phase() == pipeline::Lane::Phase::ready && lane.idle())
            conductor_.ask_for_marker(agency_);
        last_transaction_ = std::chrono::steady_clock::now();
    }
}

}  // namespace casebridge::daemon
