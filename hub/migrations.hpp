#pragma once

#include "connectors/libpq/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string_view>

// The schema of the hub's database, made and brought up to date by the daemon.

namespace casebridge::hub {

struct Migration {
    int version = 0;  // Ascending without gaps from 1.
    std::string_view name;
    std::string_view sql;
};

// All that this program knows, from hub/migrations/*.sql.
[[nodiscard]] std::span<const Migration> migrations();

// Version of the schema in the database; 0 where there is none.
[[nodiscard]] boost::asio::awaitable<int> schema_version(libpq::Connection& connection);

// Runs what is missing, each step in one transaction together with its entry in casebridge.schema_version.
// Any number of daemons may try at once. Throws HubFailure `newer_schema` (permanent) if the database is
// ahead of this program, and leaves it untouched.
[[nodiscard]] boost::asio::awaitable<void> migrate(libpq::Connection& connection);

}  // namespace casebridge::hub
