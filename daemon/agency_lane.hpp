#pragma once

#include "connectors/postgres/lane_session.hpp"
#include "daemon/conductor.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>

// Writes to one agency: sends what the conductor plans and reports what became of it.

namespace casebridge::daemon {

struct LaneObserver {
    std::function<void()> ready = {};
    std::function<void(std::size_t rows, double seconds)> delivered = {};
    std::function<void(std::size_t rows)> missed = {};
    std::function<void()> marker = {};
    std::function<void(std::size_t units)> without_agreement = {};
};

class AgencyLane {
public:
    AgencyLane(
        boost::asio::any_io_executor executor,
        Conductor& conductor,
        AgencyId agency,
        postgres::LaneOptions options,
        std::chrono::steady_clock::duration heartbeat,  // Between two transactions of an idle lane.
        LaneObserver observer
    );

    // One session's life. Ends by an exception only: libpq's DatabaseError, or cancellation.
    [[nodiscard]] boost::asio::awaitable<void> run();

    // Whether a transaction is on its way to the server right now.
    [[nodiscard]] bool delivering() const noexcept { return delivering_; }

private:
    boost::asio::awaitable<void> attach(postgres::LaneSession& session);
    boost::asio::awaitable<void> deliver(postgres::LaneSession& session, pipeline::DeliveryPlan plan);
    boost::asio::awaitable<void> deliver_all(postgres::LaneSession& session);
    boost::asio::awaitable<void> release_deferred();
    boost::asio::awaitable<void> beat();

    boost::asio::any_io_executor executor_;
    Conductor& conductor_;
    AgencyId agency_;
    postgres::LaneOptions options_;
    std::chrono::steady_clock::duration heartbeat_;
    std::chrono::steady_clock::time_point last_transaction_;
    LaneObserver observer_;
    pipeline::KeyPool keys_;
    bool delivering_ = false;
};

}  // namespace casebridge::daemon
