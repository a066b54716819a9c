#include "connectors/libpq/task_scope.hpp"
#include "daemon/server_watch.hpp"
#include "daemon/supervisor.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

// Keeps the two halves of an agency going, and the watch on its slot: tries again what failed, ends what an
// operator pauses, begins it anew afterwards.

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

// Ends work at one agency in good order.
struct Paused {};

awaitable<void> capture_until_ended(AgencyCapture& capture)
{
    co_await capture.run();
    throw libpq::ConnectionLost{"the server has ended the stream"};
}

}  // namespace

awaitable<void> Supervisor::end_at_pause(AgencyId agency)
{
    co_await work_->conductor->until_paused(std::move(agency));
    throw Paused{};
}

// Nothing is planned for a paused agency any more; what is on its way gets its answer.
awaitable<void> Supervisor::end_lane_at_pause(AgencyId agency, const AgencyLane& lane)
{
    co_await work_->conductor->until_paused(std::move(agency));
    co_await answered(lane);
    throw Paused{};
}

// A paused agency's server is left alone in this too: no session of ours is there.
awaitable<void> Supervisor::keep_watching(AgencyId agency, std::string connection, std::string slot)
{
    for (;;) {
        co_await work_->conductor->until_resumed(agency);
        try {
            co_await libpq::run_together(
                watch_slot(connection, slot, metrics_.agency(agency)), end_at_pause(agency)
            );
        } catch (const Paused&) {
            // Waited for above.
        }
    }
}

awaitable<void> Supervisor::answered(const AgencyLane& lane)
{
    boost::asio::steady_timer timer{io_};
    while (lane.delivering()) {
        timer.expires_after(std::chrono::milliseconds{5});
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

awaitable<void> Supervisor::while_paused(AgencyId agency, telemetry::Side side)
{
    if (!work_->conductor->paused(agency))
        co_return;
    observation_->paused(agency, side);
    co_await work_->conductor->until_resumed(agency);
    observation_->resumed(agency, side);
}

awaitable<void> Supervisor::keep_capturing(
    AgencyCapture& capture, AgencyId agency, pipeline::StreamLifecycle& life
)
{
    for (;;) {
        co_await while_paused(agency, telemetry::Side::capture);
        // Not connected meanwhile: a server that is shut down waits for whoever reads from it.
        if (work_->conductor->held(agency)) {
            observation_->held(agency);
            co_await work_->conductor->while_held(agency);
            continue;
        }
        std::optional<Error> cause;
        try {
            co_await libpq::run_together(capture_until_ended(capture), end_at_pause(agency));
        } catch (const libpq::DatabaseError& error) {
            cause = error.error();
        } catch (const Paused&) {
            // Waited for above.
        } catch (const StreamHeld&) {
            // The same.
        }
        if (cause)
            co_await after_failure(life.next(*cause), agency, telemetry::Side::capture, *cause);
    }
}

awaitable<void> Supervisor::keep_delivering(
    AgencyLane& lane, AgencyId agency, pipeline::StreamLifecycle& life
)
{
    for (;;) {
        co_await while_paused(agency, telemetry::Side::delivery);
        std::optional<Error> cause;
        try {
            co_await libpq::run_together(lane.run(), end_lane_at_pause(agency, lane));
        } catch (const libpq::DatabaseError& error) {
            cause = error.error();
        } catch (const Paused&) {
            // Waited for above.
        }
        work_->conductor->detach_lane(agency);
        if (cause)
            co_await after_failure(life.next(*cause), agency, telemetry::Side::delivery, *cause);
    }
}

// Returns when the half is to begin anew. One that has stopped for good does when its agency has been paused
// and resumed: the operator has acted.
awaitable<void> Supervisor::after_failure(
    pipeline::NextStep step, AgencyId agency, telemetry::Side side, Error cause
)
{
    if (std::holds_alternative<pipeline::Stop>(step)) {
        observation_->stopped(agency, side, cause);
        if (++stopped_ == 2 * settings_->agencies.size())
            throw NothingToRun{};
        co_await work_->conductor->until_paused(agency);
        --stopped_;
        co_return;
    }
    const auto after = std::get<pipeline::TryAgain>(step).after;
    observation_->retry(agency, side, cause, after);
    try {
        co_await libpq::within(after, "waiting", work_->conductor->until_paused(agency));
    } catch (const libpq::Timeout&) {
        // Time to try again.
    }
}

}  // namespace casebridge::daemon
