#pragma once

#include "connectors/libpq/connection.hpp"
#include "pipeline/bridge_definition.hpp"

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

// How commands read the hub: with its address, or another role's, and the bridge that the configuration
// describes.

namespace casebridge::daemon {

// A connection that the hub's server shows as a command's.
[[nodiscard]] boost::asio::awaitable<libpq::Connection> open_hub(std::string conninfo);

using HubReading =
    std::function<boost::asio::awaitable<void>(std::string conninfo, const pipeline::BridgeDefinition&)>;

// Runs one reading to its end. `hub` connects with that instead of the configuration's string. exit_ok when
// it has ended well; what failed was told on standard error.
[[nodiscard]] int read_hub(
    const std::filesystem::path& configuration,
    const std::optional<std::string>& hub,
    const HubReading& reading
);

// Tells what is said wrongly, or does not exist. Returns exit_usage.
int complain_of_usage(const std::string& text);

}  // namespace casebridge::daemon
