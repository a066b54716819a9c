#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/table_catalog.hpp"
#include "model/error.hpp"

#include <string>
#include <vector>

namespace casebridge::postgres {

// One error for each mapped table that the publication does not have, so that its changes would never come;
// the remedy is set-up. Reads the system catalogs only, which every role may.
[[nodiscard]] asio::awaitable<std::vector<Error>> unpublished_tables(
    libpq::Connection& connection, std::string publication, MappedTables tables
);

}  // namespace casebridge::postgres
