#pragma once

#include "connectors/libpq/connection.hpp"
#include "model/ids.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// What agencies propose for fields of which another is the authority, from the projections. One of them with
// its values is part of its unit: show_unit() in hub/case_queries.hpp.

namespace casebridge::hub {

struct ProposalHead {
    RecordId record;
    std::string entity;
    std::string unit;
    std::string agency;  // Who proposes.
    JournalSeq proposal;
    std::optional<std::string> since;  // When the journal took it; empty when it does not have it any more.
};

// Those that wait, oldest first; no values. Throws libpq's DatabaseError.
[[nodiscard]] boost::asio::awaitable<std::vector<ProposalHead>> list_proposals(
    libpq::Connection& connection, std::size_t limit
);

}  // namespace casebridge::hub
