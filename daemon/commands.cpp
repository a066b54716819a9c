#include "daemon/commands.hpp"

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/agency_setup.hpp"
#include "daemon/command_shell.hpp"
#include "daemon/conductor.hpp"
#include "daemon/supervisor.hpp"
#include "doctor/doctor.hpp"
#include "doctor/report.hpp"
#include "hub/failure.hpp"
#include "hub/migrations.hpp"
#include "hub/overview.hpp"

#include <algorithm>
#include <iostream>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

// Migrates the hub's schema; nothing is said when only SQL is asked for, because that is all there is to see
// then.
awaitable<hub::Overview> prepare_hub(std::string conninfo, SetupAction action)
{
    libpq::ConnectionOptions options{std::move(conninfo)};
    options.application_name = "casebridge:setup";
    auto connection = co_await libpq::Connection::open(options);
    const auto before = co_await hub::schema_version(connection);
    co_await hub::migrate(connection);
    const auto after = co_await hub::schema_version(connection);
    if (action == SetupAction::set_up)
        std::cout << "hub: " << (before == after ? "already there" : "done")
                  << ": schema casebridge, version " << after << '\n';
    co_return co_await hub::read_overview(connection);
}

// The role as which a connection string logs in, asked from the server.
awaitable<std::string> role_of(std::string conninfo)
{
    const libpq::ConnectionOptions options{std::move(conninfo)};
    auto connection = co_await libpq::Connection::open(options);
    const auto answer = co_await connection.execute("SELECT current_user");
    co_return std::string{answer.text(0, 0)};
}

void print_steps(const AgencyId& agency, const std::vector<postgres::SetupStep>& steps)
{
    std::cout << "-- " << agency.value()
              << ": run in this order, each statement in a transaction of its own, as a role that owns the "
                 "tables and "
                 "may create slots and origins\n";
    for (const auto& step : steps)
        std::cout << "-- " << step.purpose << '\n' << step.sql << ";\n";
    std::cout << '\n';
}

void print_report(const AgencyId& agency, const postgres::SetupReport& report)
{
    for (const auto& line : report.done)
        std::cout << agency.value() << ": done: " << line << '\n';
    for (const auto& line : report.found)
        std::cout << agency.value() << ": already there: " << line << '\n';
    for (const auto& line : report.notices)
        std::cout << agency.value() << ": note: " << line << '\n';
}

awaitable<void> set_up_agency(
    const config::Settings& settings,
    const config::AgencyConnections& connections,
    SetupAction action,
    std::string incarnation
)
{
    const auto names = postgres::agency_names(settings.definition.name, connections.agency, incarnation);
    if (!names)
        throw libpq::ConfigurationError{names.error()};
    postgres::MappedTables tables;
    for (const auto& table : settings.definition.tables)
        if (table.agency == connections.agency)
            tables.push_back(&table);
    if (action == SetupAction::tear_down) {
        const libpq::ConnectionOptions options{connections.setup.value_or(connections.deliver)};
        auto connection = co_await libpq::Connection::open(options);
        const auto report = co_await postgres::tear_down(connection, *names);
        print_report(connections.agency, report);
        co_return;
    }
    const auto role = co_await role_of(connections.deliver);
    const postgres::SetupRequest request{*names, tables, role};
    if (action == SetupAction::print) {
        print_steps(connections.agency, postgres::setup_steps(request));
        co_return;
    }
    libpq::ConnectionOptions options{connections.setup.value_or(connections.deliver)};
    options.settings.emplace_back("lock_timeout", "60s");
    auto connection = co_await libpq::Connection::open(options);
    const auto report = co_await postgres::set_up(connection, request);
    print_report(connections.agency, report);
}

awaitable<void> set_up_all(
    const config::Settings& settings, SetupAction action, const std::optional<std::string>& agency
)
{
    const auto hub = co_await prepare_hub(settings.hub_connection, action);
    for (const auto& connections : settings.agencies)
        if (!agency || *agency == connections.agency.value())
            co_await set_up_agency(settings, connections, action, hub.incarnation);
}

awaitable<void> examine_servers(const config::Settings& settings, std::optional<doctor::Report>& report)
{
    report = co_await doctor::examine_bridge(settings);
}

doctor::Detail detail_of(const DoctorRequest& request)
{
    switch (request.detail) {
        case DoctorRequest::Detail::findings:
            return doctor::Detail::findings;
        case DoctorRequest::Detail::everything:
            break;
    }
    return doctor::Detail::everything;
}

awaitable<void> rebuild_projections(const config::Settings& settings, boost::asio::any_io_executor executor)
{
    ConductorSettings conductor_settings;
    conductor_settings.hub_connection = settings.hub_connection;
    conductor_settings.holder = "casebridge hub rebuild";
    const auto day = [] { return std::chrono::year_month_day{}; };
    Conductor conductor{executor, settings.definition, conductor_settings, {}, day};
    const auto entries = co_await conductor.rebuild();
    std::cout << "rebuilt the projections from " << entries << " journal entries\n";
}

}  // namespace

int check(const std::filesystem::path& configuration)
{
    const auto settings = load(configuration);
    if (!settings)
        return exit_configuration;
    std::cout << "configuration is good: bridge " << settings->definition.name << ", "
              << settings->definition.agencies.size() << " agencies, " << settings->definition.tables.size()
              << " tables, hash " << settings->source_hash << '\n';
    return exit_ok;
}

int run(const std::filesystem::path& configuration)
{
    auto settings = load(configuration);
    if (!settings)
        return exit_configuration;
    Supervisor supervisor{std::move(*settings), configuration};
    return supervisor.run();
}

int setup(
    const std::filesystem::path& configuration, SetupAction action, const std::optional<std::string>& agency
)
{
    const auto settings = load(configuration);
    if (!settings)
        return exit_configuration;
    const bool known = !agency || std::ranges::count(settings->definition.agencies, AgencyId{*agency}) > 0;
    if (!known) {
        std::cerr << "casebridge: the configuration has no agency of that name\n";
        return exit_usage;
    }
    return run_to_end([&](const boost::asio::any_io_executor&) {
        return set_up_all(*settings, action, agency);
    });
}

int examine(const std::filesystem::path& configuration, DoctorRequest request)
{
    const auto settings = load(configuration);
    if (!settings)
        return exit_configuration;
    std::optional<doctor::Report> report;
    const auto ended =
        run_to_end([&](const boost::asio::any_io_executor&) { return examine_servers(*settings, report); });
    if (!report)
        return ended;
    std::cout
        << (request.format == OutputFormat::json ? doctor::report_json(*report)
                                                 : doctor::report_text(*report, detail_of(request)));
    if (report->only_unreachable())
        return exit_unavailable;
    const bool warned = request.strictness == DoctorRequest::Strictness::warnings_count &&
                        report->count(doctor::Severity::warning) > 0;
    return warned || report->count(doctor::Severity::error) > 0 ? exit_configuration : exit_ok;
}

int rebuild(const std::filesystem::path& configuration)
{
    const auto settings = load(configuration);
    if (!settings)
        return exit_configuration;
    return run_to_end([&](boost::asio::any_io_executor executor) {
        return rebuild_projections(*settings, executor);
    });
}

}  // namespace casebridge::daemon
