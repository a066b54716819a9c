#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/case_queries.hpp"
#include "model/journal_entry.hpp"
#include "pipeline/bridge_definition.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// What the projections say of rows whose record is in doubt, for people. Keys and values are personal.

namespace casebridge::hub {

// A row that is parked because nobody can tell which record it is.
struct DoubtfulRow {
    std::string agency;
    std::string entity;
    LocalKey key;
    std::string code;
    std::vector<MatchCandidate> candidates;
};

struct ShownDoubt {
    DoubtfulRow row;
    std::optional<ShownValue> columns;  // Of the row, by column, as its agency has it; empty: no longer kept.
    // Golden values of each candidate, in the order of row.candidates; empty where there is none any more.
    std::vector<std::optional<ShownValue>> records;
};

// By agency, table and key; rows of tables that the configuration does not have are left out. Both functions
// throw libpq's DatabaseError; HubFailure for what they cannot read.
[[nodiscard]] boost::asio::awaitable<std::vector<DoubtfulRow>> list_doubts(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, std::size_t limit
);

// Nothing when no such row is in doubt.
[[nodiscard]] boost::asio::awaitable<std::optional<ShownDoubt>> show_doubt(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    std::string agency,
    std::string entity,
    LocalKey key
);

}  // namespace casebridge::hub
