#pragma once

#include "telemetry/metrics.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

// Asks the servers, twice a minute, what nobody else would notice: how much WAL an agency's server keeps for
// our slot, which grows while capture is stopped, and how the hub's database fares. Nothing depends on the
// answers but what operators see, so a server that does not answer is asked again and ends nothing.

namespace casebridge::daemon {

// Each keeps one ordinary session and runs until it is cancelled; after that its gauges say that nobody
// knows. `connection` is a libpq connection string. Probe and metrics outlive it.
[[nodiscard]] boost::asio::awaitable<void> watch_slot(
    std::string connection, std::string slot, telemetry::AgencyProbe& probe
);
[[nodiscard]] boost::asio::awaitable<void> watch_hub(std::string connection, telemetry::Metrics& metrics);

}  // namespace casebridge::daemon
