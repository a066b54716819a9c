#include "daemon/supervisor.hpp"

#include "connectors/libpq/task_scope.hpp"
#include "connectors/postgres/agency_setup.hpp"
#include "daemon/server_watch.hpp"
#include "daemon/today.hpp"
#include "daemon/version.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <csignal>
#include <cstdlib>
#include <unistd.h>

namespace casebridge::daemon {

using boost::asio::awaitable;
using telemetry::Event;
using telemetry::EventCode;

namespace {

// Ends everything in good order; not a failure.
struct Drained {};

std::string this_process()
{
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0)
        host[0] = '?';
    return std::string{host.data()} + ":" + std::to_string(getpid());
}

telemetry::EventLogSettings log_settings(const config::LogSettings& settings)
{
    telemetry::EventLogSettings result;
    result.format = settings.format == config::LogFormat::json ? telemetry::LogFormat::json
                                                               : telemetry::LogFormat::logfmt;
    switch (settings.level) {
        case config::LogLevel::debug:
            result.level_min = telemetry::Level::debug;
            break;
        case config::LogLevel::info:
            result.level_min = telemetry::Level::info;
            break;
        case config::LogLevel::warning:
            result.level_min = telemetry::Level::warning;
            break;
        case config::LogLevel::error:
            result.level_min = telemetry::Level::error;
            break;
    }
    result.prefix = telemetry::prefix_for(STDERR_FILENO, std::getenv("JOURNAL_STREAM"));
    return result;
}

}  // namespace

Supervisor::Supervisor(config::Settings settings, std::filesystem::path source)
    : source_(std::move(source)),
      settings_(std::make_unique<config::Settings>(std::move(settings))),
      io_(1),
      metrics_(version),
      log_(log_settings(settings_->log), metrics_, telemetry::descriptor_sink(STDERR_FILENO)),
      observation_(std::in_place, settings_->definition, metrics_, log_),
      listening_(io_.get_executor()),
      hangup_(io_.get_executor()),
      pruning_wanted_(io_.get_executor())
{
    metrics_.started_at(std::chrono::system_clock::now());
    metrics_.configuration_applied(std::chrono::system_clock::now().time_since_epoch());
}

int Supervisor::run()
{
    log_.write(Event{EventCode::started}
                   .with("version", telemetry::ConfiguredName{version})
                   .with("configuration", telemetry::ConfiguredName{settings_->source_hash}));
    std::exception_ptr end;
    boost::asio::co_spawn(io_, run_all(), [&](std::exception_ptr failure) { end = std::move(failure); });
    io_.run();
    try {
        if (end)
            std::rethrow_exception(end);
    } catch (const Drained&) {
        log_.write(Event{EventCode::drain_finished});
    } catch (const NothingToRun&) {
        exit_code_ = exit_configuration;
    } catch (const CannotListen& failure) {
        log_.write(Event{EventCode::http_not_listening}
                       .with("address", telemetry::ConfiguredName{failure.address()})
                       .because(failure.error()));
        exit_code_ = failure.error().kind == ErrorClass::transient ? exit_unavailable : exit_configuration;
    }
    log_.write(Event{EventCode::stopped}.with("exit_code", exit_code_));
    return exit_code_;
}

awaitable<void> Supervisor::run_all()
{
    co_await libpq::run_together(wait_for_signal(), take_hangups(), serve_http(), feed_watchdog(), lead());
}

void Supervisor::compose()
{
    ConductorSettings settings;
    settings.hub_connection = settings_->hub_connection;
    settings.holder = this_process();
    settings.configuration_text = settings_->source;
    settings.configuration_hash = settings_->source_hash;
    settings.unprojected_max = static_cast<std::size_t>(settings_->limits.unprojected_max);
    settings.records_cached_max = static_cast<std::size_t>(settings_->limits.records_cached_max);
    settings.delivery_rows_max = static_cast<std::size_t>(settings_->limits.delivery_rows_max);
    settings.answer = answer_;
    work_ = std::make_shared<Work>();
    work_->conductor = std::make_unique<Conductor>(
        io_.get_executor(), settings_->definition, std::move(settings), observation_->for_conductor(), today
    );
    lives_.clear();
    stopped_ = 0;
}

awaitable<void> Supervisor::lead()
{
    co_await listening_.wait();
    pipeline::StreamLifecycle life{{}};
    for (;;) {
        end_reloading();
        std::optional<Error> cause;
        try {
            compose();
            co_await libpq::run_together(work_until_lost(), serve_hangups());
        } catch (const HubLost& lost) {
            cause = lost.error();
        } catch (const Reload&) {
            // What it brings is adopted below.
        }
        work_.reset();
        if (next_) {
            adopt();
            continue;
        }
        if (!cause)
            continue;
        observation_->hub_lost(*cause);
        const auto step = life.next(*cause);
        if (std::holds_alternative<pipeline::TryAgain>(step))
            co_await wait_or_hangup(std::get<pipeline::TryAgain>(step).after);
        else if (!before_)
            throw NothingToRun{};
        else
            go_back(*cause);
    }
}

awaitable<void> Supervisor::work_until_lost()
{
    auto& work = *work_;
    notifier_.status("waiting for the hub or for the lead");
    co_await work.conductor->start();
    started();
    std::vector<awaitable<void>> tasks;
    tasks.push_back(work.conductor->serve_streams());
    tasks.push_back(work.conductor->project());
    tasks.push_back(serve_requests());
    tasks.push_back(keep_pruning());
    tasks.push_back(watch_hub(settings_->hub_connection, metrics_));
    for (const auto& connections : settings_->agencies) {
        const auto& agency = connections.agency;
        auto& capture_life =
            *lives_.emplace_back(std::make_unique<pipeline::StreamLifecycle>(pipeline::RetryLimits{}));
        auto& lane_life =
            *lives_.emplace_back(std::make_unique<pipeline::StreamLifecycle>(pipeline::RetryLimits{}));
        const auto names =
            postgres::agency_names(settings_->definition.name, agency, work.conductor->incarnation()).value();

        CaptureSettings capture;
        capture.agency = agency;
        capture.connection = connections.capture;
        capture.slot = names.slot;
        capture.publication = names.publication;
        capture.batch_transactions_max = static_cast<std::size_t>(settings_->limits.batch_transactions_max);
        capture.transaction_rows_max =
            static_cast<std::size_t>(settings_->limits.transaction_rows_atomic_max);
        capture.transaction_bytes_max = static_cast<std::size_t>(settings_->limits.transaction_bytes_max);
        capture.survey_chunk_rows = static_cast<std::size_t>(settings_->limits.survey_chunk_rows);
        tasks.push_back(keep_watching(agency, connections.capture, names.slot));
        auto capture_progress = [&capture_life] { capture_life.progress_made(); };
        work.captures.push_back(std::make_unique<AgencyCapture>(
            io_.get_executor(),
            *work.conductor,
            std::move(capture),
            observation_->for_capture(agency, capture_progress)
        ));

        libpq::ConnectionOptions deliver{connections.deliver};
        deliver.application_name = "casebridge:deliver";
        postgres::LaneOptions options{std::move(deliver), names.origin, tables_of(*settings_, agency)};
        options.lock_timeout = settings_->limits.lock_timeout;
        options.statement_timeout = settings_->limits.statement_timeout;
        auto lane_progress = [&lane_life] { lane_life.progress_made(); };
        work.lanes.push_back(std::make_unique<AgencyLane>(
            io_.get_executor(),
            *work.conductor,
            agency,
            std::move(options),
            settings_->limits.heartbeat,
            observation_->for_lane(agency, lane_progress)
        ));
        tasks.push_back(keep_capturing(*work.captures.back(), agency, capture_life));
        tasks.push_back(keep_delivering(*work.lanes.back(), agency, lane_life));
    }
    co_await libpq::run_together(std::move(tasks));
}

postgres::MappedTables Supervisor::tables_of(const config::Settings& settings, const AgencyId& agency)
{
    postgres::MappedTables tables;
    for (const auto& table : settings.definition.tables)
        if (table.agency == agency)
            tables.push_back(&table);
    return tables;
}

// A turn that does not end means that nothing is decided any more: a restart would help. An agency or a hub
// that is down does not; their operations fail and are tried again.
bool Supervisor::live() const
{
    constexpr std::chrono::seconds turn_max{60};
    if (!work_ || !work_->conductor)
        return true;
    const auto lasts = work_->conductor->turn_lasts();
    return !lasts || *lasts < turn_max;
}

awaitable<void> Supervisor::feed_watchdog()
{
    const auto interval = notifier_.watchdog_interval();
    if (!interval)
        co_return;
    boost::asio::steady_timer timer{io_};
    for (;;) {
        timer.expires_after(*interval);
        co_await timer.async_wait(boost::asio::use_awaitable);
        if (live())
            notifier_.watchdog();
    }
}

awaitable<void> Supervisor::wait_for_signal()
{
    boost::asio::signal_set signals{io_, SIGTERM, SIGINT};
    co_await signals.async_wait(boost::asio::use_awaitable);
    log_.write(Event{EventCode::stopping});
    notifier_.stopping();
    log_.write(Event{EventCode::drain_started});
    try {
        co_await libpq::within(settings_->limits.drain_timeout, "draining", drain());
    } catch (const libpq::Timeout&) {
        // A decision that has begun cannot be cancelled, and may wait for a hub that does not answer. The
        // next start settles it, as after any crash; nothing may be destroyed beneath it, so this is the end.
        log_.write(Event{EventCode::drain_timed_out});
        log_.write(Event{EventCode::stopped}.with("exit_code", exit_ok));
        std::_Exit(exit_ok);
    }
    throw Drained{};
}

// Lets what is being decided become durable and what is being delivered be answered; nothing new begins
// meanwhile.
awaitable<void> Supervisor::drain()
{
    if (!leads())
        co_return;
    const auto work = work_;  // The hub may be lost, or the configuration exchanged, while this waits.
    const auto turn = co_await work->conductor->quiet();
    for (const auto& lane : work->lanes)
        co_await answered(*lane);
}

}  // namespace casebridge::daemon
