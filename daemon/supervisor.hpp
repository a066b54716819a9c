#pragma once

#include "config/settings.hpp"
#include "console/health_routes.hpp"
#include "daemon/agency_capture.hpp"
#include "daemon/agency_lane.hpp"
#include "daemon/conductor.hpp"
#include "daemon/observation.hpp"
#include "daemon/turn.hpp"
#include "hub/retention.hpp"
#include "pipeline/stream_lifecycle.hpp"
#include "telemetry/service_notifier.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

// Composes the daemon and keeps it alive: one conductor, for each agency a capture and a lane with a life of
// their own, the HTTP endpoints, signals and systemd.

namespace casebridge::daemon {

// Exit codes, of sysexits.h.
inline constexpr int exit_ok = 0;
inline constexpr int exit_refused = 1;  // The leader's answer to a request is no. Not of sysexits.h.
inline constexpr int exit_usage = 64;
inline constexpr int exit_unavailable = 69;
inline constexpr int exit_internal = 70;
inline constexpr int exit_unanswered = 75;
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

// Nothing is left that could run.
struct NothingToRun {};

class Supervisor {
public:
    // `source`: the bridge file from which `settings` were read, and from which they are read again.
    Supervisor(config::Settings settings, std::filesystem::path source);

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
    boost::asio::awaitable<void> after_failure(
        pipeline::NextStep step, AgencyId agency, telemetry::Side side, Error cause
    );
    boost::asio::awaitable<void> while_paused(AgencyId agency, telemetry::Side side);
    boost::asio::awaitable<void> end_at_pause(AgencyId agency);
    boost::asio::awaitable<void> end_lane_at_pause(AgencyId agency, const AgencyLane& lane);
    boost::asio::awaitable<void> keep_watching(AgencyId agency, std::string connection, std::string slot);
    // Returns when nothing is on its way to the lane's server.
    boost::asio::awaitable<void> answered(const AgencyLane& lane);

    // Requests of operators, and SIGHUP.
    boost::asio::awaitable<void> serve_requests();
    boost::asio::awaitable<void> take_hangups();
    boost::asio::awaitable<void> serve_hangups();
    boost::asio::awaitable<void> wait_or_hangup(std::chrono::milliseconds limit);
    boost::asio::awaitable<void> serve(pipeline::OperatorRequest request);
    boost::asio::awaitable<void> reload(std::optional<RequestNote> request);
    boost::asio::awaitable<void> begin_pruning(RequestNote request);
    boost::asio::awaitable<void> keep_pruning();
    boost::asio::awaitable<void> prune(RequestNote request);
    boost::asio::awaitable<std::string> prune_now(hub::Retention retention);
    boost::asio::awaitable<void> reply(
        std::optional<RequestNote> request, RequestOutcome outcome, std::string text
    );
    void end_reloading();
    // Ends all work in good order by throwing Reload.
    boost::asio::awaitable<void> exchange(config::Settings settings, std::optional<RequestAnswered> answer);
    // Why a configuration without mistakes cannot be applied while the process runs. `notes`: what its
    // operator should know besides.
    boost::asio::awaitable<std::vector<std::string>> obstacles(
        const config::Settings& next, std::vector<std::string>& notes
    );
    void adopt();
    void go_back(const Error& cause);
    void started();
    [[nodiscard]] bool leads() const { return work_ && !work_->captures.empty(); }

    boost::asio::awaitable<void> serve_http();
    [[nodiscard]] console::ReadyState ready_state() const;
    boost::asio::awaitable<void> feed_watchdog();
    boost::asio::awaitable<void> wait_for_signal();
    boost::asio::awaitable<void> drain();
    void compose();
    [[nodiscard]] static postgres::MappedTables tables_of(
        const config::Settings& settings, const AgencyId& agency
    );
    [[nodiscard]] bool live() const;

    // A configuration that is to be applied, and what is to be answered then.
    struct Next {
        std::unique_ptr<config::Settings> settings;
        std::optional<RequestAnswered> answer;
    };
    struct Reload {};  // All work has ended for next_.

    std::filesystem::path source_;
    std::unique_ptr<config::Settings> settings_;
    // To go back to, until the present ones have been started with.
    std::unique_ptr<config::Settings> before_;
    std::optional<Next> next_;
    std::optional<RequestAnswered> answer_;  // Due when the present settings have been started with.
    boost::asio::io_context io_;
    telemetry::Metrics metrics_;
    telemetry::EventLog log_;
    telemetry::ServiceNotifier notifier_;
    std::optional<Observation> observation_;  // Always there; made anew with each configuration.
    Wakeup listening_;                        // Nothing else begins before HTTP is served.
    Wakeup hangup_;
    bool reloading_ = false;              // systemd has been told so.
    std::optional<RequestNote> pruning_;  // Being carried out by keep_pruning().
    Wakeup pruning_wanted_;
    std::vector<std::unique_ptr<pipeline::StreamLifecycle>> lives_;
    std::shared_ptr<Work> work_;  // Shared with a drain, which may outlast it.
    std::size_t stopped_ = 0;     // Captures and lanes that ended for good.
    int exit_code_ = exit_ok;
};

}  // namespace casebridge::daemon
