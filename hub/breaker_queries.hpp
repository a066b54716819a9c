#pragma once

#include "connectors/libpq/connection.hpp"
#include "pipeline/record.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

// What the projections say of transactions that the breaker has stopped, for people. No personal value.

namespace casebridge::hub {

struct StoppedStream {
    std::string agency;
    pipeline::Breaker breaker;
    std::string commit_time;          // By the agency's clock, as the server renders it.
    std::optional<std::string> when;  // It was stopped, by the hub's clock.
};

// One at most for each agency, ascending; those that a person has approved as well, until the stream is past
// them. Throws libpq's DatabaseError; HubFailure `hub_unreadable` for what this program cannot read.
[[nodiscard]] boost::asio::awaitable<std::vector<StoppedStream>> list_breakers(libpq::Connection& connection);

}  // namespace casebridge::hub
