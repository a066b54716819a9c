#include "daemon/unit_lookup.hpp"

#include "daemon/hub_reading.hpp"
#include "daemon/supervisor.hpp"

#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

using Definition = pipeline::BridgeDefinition;

awaitable<void> read_unit(
    std::string conninfo,
    const Definition& definition,
    RecordId record,
    std::string unit,
    std::optional<hub::ShownUnit>& found
)
{
    auto connection = co_await open_hub(std::move(conninfo));
    found = co_await hub::show_unit(connection, definition, record, std::move(unit));
}

}  // namespace

int find_unit(
    const std::filesystem::path& configuration,
    const std::optional<std::string>& hub,
    RecordId record,
    const std::string& unit,
    std::optional<hub::ShownUnit>& found
)
{
    const auto ended = read_hub(configuration, hub, [&](std::string conninfo, const Definition& definition) {
        return read_unit(std::move(conninfo), definition, record, unit, found);
    });
    if (ended == exit_ok && !found)
        return complain_of_usage("the hub has no such record, or its entity no such field or group");
    return ended;
}

}  // namespace casebridge::daemon
