#include "daemon/link_commands.hpp"

#include "daemon/command_shell.hpp"
#include "daemon/link_report.hpp"
#include "daemon/supervisor.hpp"
#include "hub/decision_payload.hpp"

#include <iostream>
#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

using Definition = pipeline::BridgeDefinition;

libpq::ConnectionOptions options_for(std::string conninfo)
{
    libpq::ConnectionOptions options{std::move(conninfo)};
    options.application_name = "casebridge:cases";
    return options;
}

awaitable<void> read_doubts(
    std::string conninfo,
    const Definition& definition,
    std::size_t limit,
    std::vector<hub::DoubtfulRow>& doubts
)
{
    auto connection = co_await libpq::Connection::open(options_for(std::move(conninfo)));
    doubts = co_await hub::list_doubts(connection, definition, limit);
}

awaitable<void> read_doubt(
    std::string conninfo, const Definition& definition, NamedRow row, std::optional<hub::ShownDoubt>& found
)
{
    auto connection = co_await libpq::Connection::open(options_for(std::move(conninfo)));
    LocalKey key{row.key};
    found = co_await hub::show_doubt(connection, definition, row.agency, row.entity, std::move(key));
}

}  // namespace

int list_links(const CaseOptions& options, std::size_t limit)
{
    const auto settings = load(options.configuration);
    if (!settings)
        return exit_configuration;
    const auto hub = options.hub.value_or(settings->hub_connection);
    std::vector<hub::DoubtfulRow> doubts;
    const auto ended = run_to_end([&](const boost::asio::any_io_executor&) {
        return read_doubts(hub, settings->definition, limit, doubts);
    });
    if (ended == exit_ok)
        std::cout << (options.format == OutputFormat::json ? doubts_json(doubts) : doubts_text(doubts));
    return ended;
}

int show_link(const CaseOptions& options, const NamedRow& row)
{
    const auto settings = load(options.configuration);
    if (!settings)
        return exit_configuration;
    const auto hub = options.hub.value_or(settings->hub_connection);
    std::optional<hub::ShownDoubt> found;
    const auto ended = run_to_end([&](const boost::asio::any_io_executor&) {
        return read_doubt(hub, settings->definition, row, found);
    });
    if (ended == exit_ok && !found) {
        std::cerr << "casebridge: no such row is in doubt; casebridge links list has those that are\n";
        return exit_usage;
    }
    if (found)
        std::cout << (options.format == OutputFormat::json ? doubt_json(*found) : doubt_text(*found));
    return ended;
}

int decide_link(const RequestOptions& options, const NamedRow& row, RecordId record, MatchVerdict verdict)
{
    hub::NewRequest request;
    request.kind = pipeline::match_kind;
    request.agency = row.agency;
    request.payload =
        hub::match_payload({AgencyId{row.agency}, row.entity, LocalKey{row.key}, record, verdict});
    return put_request(options, std::move(request));
}

}  // namespace casebridge::daemon
