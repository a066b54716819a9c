#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/names.hpp"
#include "pipeline/record_history.hpp"

#include <boost/asio/awaitable.hpp>

// All that the journal still says of one record's versions and links, for taking it apart.

namespace casebridge::hub {

// Read by name and not by the whole of the present configuration: an entry that was written under another one
// tells of the units that there still are. A value that was erased, or is not of the unit's present form, is
// empty. Throws libpq's DatabaseError; HubFailure for what is no entry. Any session of the hub will do.
[[nodiscard]] boost::asio::awaitable<pipeline::RecordHistory> read_history(
    libpq::Connection& connection, const Names& names, RecordId record
);

}  // namespace casebridge::hub
