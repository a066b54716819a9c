#pragma once

#include "connectors/libpq/connection.hpp"
#include "model/ids.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What an operator asks first, read from leader and projections. Counts and positions only.

namespace casebridge::hub {

// A maintenance window that is open. Times as the server renders them.
struct PauseOverview {
    std::string requested_by;
    std::string reason;
    std::string since;
    std::optional<std::string> until;  // Nothing: until it is resumed.
};

// A transaction that the breaker has stopped, and nobody has approved.
struct BreakerOverview {
    std::int64_t entry = 0;
    std::string since;
};

struct AgencyOverview {
    std::string agency;
    std::string end_lsn;    // Merged up to here.
    std::int64_t seen = 0;  // Journal seq that its database is known to have been dealt with up to.
    std::int64_t tables = 0;
    std::int64_t tables_surveyed = 0;
    std::int64_t linked_rows = 0;
    std::int64_t ended_rows = 0;   // Deleted at the agency; the records are kept.
    std::int64_t parked_keys = 0;  // Rows that cannot be translated; not those set aside.
    std::int64_t refusals = 0;     // Deliveries that the agency refuses; the same.
    std::optional<PauseOverview> pause = std::nullopt;
    std::optional<BreakerOverview> breaker = std::nullopt;
};

struct Overview {
    std::int64_t epoch = 0;
    std::string holder;
    std::string incarnation;
    std::int64_t last_seq = 0;
    std::int64_t projected_seq = 0;
    std::int64_t records = 0;
    std::int64_t holds = 0;
    std::int64_t proposals = 0;
    std::int64_t conflicts = 0;
    std::int64_t requests = 0;             // In the inbox, without an answer.
    std::vector<AgencyOverview> agencies;  // Ascending.
};

// Throws HubFailure `hub_empty` when no daemon has led this hub yet.
[[nodiscard]] boost::asio::awaitable<Overview> read_overview(libpq::Connection& connection);

// The hash of the configuration that the journal names last; nothing before the first.
[[nodiscard]] boost::asio::awaitable<std::optional<std::string>> last_configuration(
    libpq::Connection& connection
);

// What waits for persons, as projected.
struct WaitingCounts {
    std::uint64_t holds = 0;  // Fields and groups.
    std::uint64_t proposals = 0;
};
[[nodiscard]] boost::asio::awaitable<WaitingCounts> count_waiting(libpq::Connection& connection);

// Records that an agency refuses, as projected. Agencies that refuse none are not in it.
[[nodiscard]] boost::asio::awaitable<std::map<AgencyId, std::uint64_t>> count_refusals(
    libpq::Connection& connection
);

}  // namespace casebridge::hub
