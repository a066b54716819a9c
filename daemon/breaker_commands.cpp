#include "daemon/breaker_commands.hpp"

#include "daemon/breaker_report.hpp"
#include "daemon/hub_reading.hpp"
#include "daemon/supervisor.hpp"
#include "hub/decision_payload.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

using Definition = pipeline::BridgeDefinition;

awaitable<void> read_breakers(std::string conninfo, std::vector<hub::StoppedStream>& stopped)
{
    auto connection = co_await open_hub(std::move(conninfo));
    stopped = co_await hub::list_breakers(connection);
}

int read_all(
    const std::filesystem::path& configuration,
    const std::optional<std::string>& hub,
    std::vector<hub::StoppedStream>& stopped
)
{
    return read_hub(configuration, hub, [&](std::string conninfo, const Definition&) {
        return read_breakers(std::move(conninfo), stopped);
    });
}

int find_breaker(
    const std::filesystem::path& configuration,
    const std::optional<std::string>& hub,
    const std::string& agency,
    std::optional<hub::StoppedStream>& found
)
{
    std::vector<hub::StoppedStream> stopped;
    const auto ended = read_all(configuration, hub, stopped);
    if (ended != exit_ok)
        return ended;
    const auto of_agency = std::ranges::find(stopped, agency, &hub::StoppedStream::agency);
    if (of_agency == stopped.end())
        return complain_of_usage(
            "no transaction of that agency is stopped; casebridge breakers list has those that are"
        );
    found = std::move(*of_agency);
    return exit_ok;
}

}  // namespace

int list_breakers(const CaseOptions& options)
{
    std::vector<hub::StoppedStream> stopped;
    const auto ended = read_all(options.configuration, options.hub, stopped);
    if (ended == exit_ok)
        std::cout << (options.format == OutputFormat::json ? breakers_json(stopped) : breakers_text(stopped));
    return ended;
}

int show_breaker(const CaseOptions& options, const std::string& agency)
{
    std::optional<hub::StoppedStream> found;
    const auto ended = find_breaker(options.configuration, options.hub, agency, found);
    if (found)
        std::cout << (options.format == OutputFormat::json ? breaker_json(*found) : breaker_text(*found));
    return ended;
}

int approve_breaker(
    const RequestOptions& options,
    const std::string& agency,
    std::optional<JournalSeq> breaker,
    ApprovedDeletions deletions
)
{
    if (!breaker) {
        std::optional<hub::StoppedStream> found;
        if (const auto ended = find_breaker(options.configuration, options.hub, agency, found);
            ended != exit_ok)
            return ended;
        breaker = found->breaker.since;
    }
    hub::NewRequest request;
    request.kind = pipeline::approve_breaker_kind;
    request.agency = agency;
    request.payload = hub::approval_payload({AgencyId{agency}, *breaker, deletions});
    return put_request(options, std::move(request));
}

}  // namespace casebridge::daemon
