#pragma once

#include "config/settings.hpp"
#include "console/health_routes.hpp"
#include "daemon/agency_capture.hpp"
#include "daemon/agency_lane.hpp"
#include "daemon/conductor.hpp"
#include "daemon/observation.hpp"
#include "daemon/turn.hpp"
#include "pipeline/stream_lifecycle.hpp"
#include "telemetry/service_notifier.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// Composes the daemon and keeps it alive: one conductor, for each agency a capture and a lane with a life of
// their own, the HTTP endpoints, signals and systemd.

namespace casebridge::daemon {

// Exit codes, of sysexits.h.
inline constexpr int exit_ok = 0;
inline constexpr int exit_usage = 64;
inline constexpr int exit_unavailable = 69;
inline constexpr int exit_internal = 70;
inline constexpr int exit_configuration = 78;

// The HTTP address cannot be bound. The error is transient when it may become free by itself, such as that of
// a daemon that is just ending, and permanent when the configuration has to change.
class CannotListen : public std::runtime_error {
public:
    CannotListen(std::string address, Error error)
        : std::runtime_error(error.code), address_(std::move(address)), error_(std::move(error))
    {
    }

    [[nodiscard]] const std::string& address() const noexcept { return address_; }
    [[nodiscard]] const Error& error() const noexcept { return error_; }

private:
    std::string address_;  // As configured.
    Error error_;
};

class Supervisor {
public:
    // `settings` outlives it.
    explicit Supervisor(const config::Settings& settings);

    // Runs until SIGTERM or SIGINT has drained it, or nothing is left that could run. Returns the exit code.
    [[nodiscard]] int run();

private:
    // The parts that live as long as one lead of the hub.
    struct Work {
        std::unique_ptr<Conductor> conductor;
        std::vector<std::unique_ptr<AgencyCapture>> captures;
        std::vector<std::unique_ptr<AgencyLane>> lanes;
    };

    boost::asio::awaitable<void> run_all();
    boost::asio::awaitable<void> lead();
    boost::asio::awaitable<void> work_until_lost();
    boost::asio::awaitable<void> keep_capturing(
        AgencyCapture& capture, AgencyId agency, pipeline::StreamLifecycle& life
    );
    boost::asio::awaitable<void> keep_delivering(
        AgencyLane& lane, AgencyId agency, pipeline::StreamLifecycle& life
    );
    boost::asio::awaitable<void> pause(
        pipeline::NextStep step, AgencyId agency, telemetry::Side side, Error cause
    );
    boost::asio::awaitable<void> serve_http();
    [[nodiscard]] console::ReadyState ready_state() const;
    boost::asio::awaitable<void> feed_watchdog();
    boost::asio::awaitable<void> wait_for_signal();
    boost::asio::awaitable<void> drain();
    void compose();
    [[nodiscard]] postgres::MappedTables tables_of(const AgencyId& agency) const;
    [[nodiscard]] bool live() const;

    const config::Settings& settings_;
    boost::asio::io_context io_;
    telemetry::Metrics metrics_;
    telemetry::EventLog log_;
    telemetry::ServiceNotifier notifier_;
    Observation observation_;
    Wakeup listening_;  // Nothing else begins before HTTP is served.
    std::vector<std::unique_ptr<pipeline::StreamLifecycle>> lives_;
    std::unique_ptr<Work> work_;
    std::size_t stopped_ = 0;  // Captures and lanes that ended for good.
    int exit_code_ = exit_ok;
};

}  // namespace casebridge::daemon
