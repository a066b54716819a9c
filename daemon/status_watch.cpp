#include "connectors/libpq/connection.hpp"
#include "connectors/libpq/task_scope.hpp"
#include "daemon/command_shell.hpp"
#include "daemon/commands.hpp"
#include "daemon/status_report.hpp"
#include "daemon/supervisor.hpp"
#include "hub/overview.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <iostream>
#include <unistd.h>

// `casebridge status`, once or again and again.

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

constexpr auto clear_screen = "\x1b[H\x1b[2J";
constexpr std::chrono::seconds look_max{15};

// Ends the watch in good order.
struct Interrupted {};

awaitable<hub::Overview> look(std::string conninfo)
{
    libpq::ConnectionOptions options{std::move(conninfo)};
    options.application_name = "casebridge:status";
    auto connection = co_await libpq::Connection::open(options);
    co_return co_await hub::read_overview(connection);
}

std::string painted(const config::Settings& settings, const hub::Overview& overview, OutputFormat format)
{
    switch (format) {
        case OutputFormat::json:
            return status_json(settings.definition.name, overview, JsonLayout::one_line);
        case OutputFormat::text:
            return status_text(settings.definition.name, overview);
    }
    return {};
}

std::string painted(const config::Settings& settings, const Error& error, OutputFormat format)
{
    switch (format) {
        case OutputFormat::json: {
            nlohmann::json json;
            json["bridge"] = settings.definition.name;
            json["error"] = {
                {"code",    error.code   },
                {"message", error.message}
            };
            return json.dump() + "\n";
        }
        case OutputFormat::text:
            return "bridge " + settings.definition.name + ": the hub does not answer: " + error.message +
                   " (" + error.code + ")\n";
    }
    return {};
}

awaitable<void> watch(const config::Settings& settings, OutputFormat format, std::chrono::seconds interval)
{
    const bool repaints = format == OutputFormat::text && ::isatty(STDOUT_FILENO) == 1;
    boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor};
    for (bool first = true;; first = false) {
        std::string text;
        try {
            const auto overview = co_await libpq::within(look_max, "the hub", look(settings.hub_connection));
            text = painted(settings, overview, format);
        } catch (const libpq::DatabaseError& error) {
            text = painted(settings, error.error(), format);
        }
        if (repaints)
            std::cout << clear_screen;
        else if (!first && format == OutputFormat::text)
            std::cout << '\n';
        std::cout << text << std::flush;
        if (!std::cout)
            throw Interrupted{};  // Nobody reads it any more.
        timer.expires_after(interval);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

awaitable<void> until_interrupted()
{
    boost::asio::signal_set signals{co_await boost::asio::this_coro::executor, SIGINT, SIGTERM};
    co_await signals.async_wait(boost::asio::use_awaitable);
    throw Interrupted{};
}

awaitable<void> watch_until_interrupted(
    const config::Settings& settings, OutputFormat format, std::chrono::seconds interval
)
{
    try {
        co_await libpq::run_together(watch(settings, format, interval), until_interrupted());
    } catch (const Interrupted&) {
        co_return;
    }
}

awaitable<void> print_status(const config::Settings& settings, OutputFormat format)
{
    const auto overview = co_await look(settings.hub_connection);
    std::cout
        << (format == OutputFormat::json ? status_json(settings.definition.name, overview)
                                         : status_text(settings.definition.name, overview));
}

}  // namespace

int status(
    const std::filesystem::path& configuration,
    OutputFormat format,
    std::optional<std::chrono::seconds> interval
)
{
    const auto settings = load(configuration);
    if (!settings)
        return exit_configuration;
    return run_to_end([&](const boost::asio::any_io_executor&) {
        return interval ? watch_until_interrupted(*settings, format, *interval)
                        : print_status(*settings, format);
    });
}

}  // namespace casebridge::daemon
