#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/case_queries.hpp"
#include "model/ids.hpp"
#include "pipeline/record.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// What the projections say of records of which an agency has deleted its row, for people. Keys and values are
// personal.

namespace casebridge::hub {

// Those that wait for a person: held, and somebody else has a row. Or also those whose other rows are deleted
// by a rule or a decision, and those where nobody has a row any more.
enum class DeletionWhich { held, all };

struct DeletionHead {
    RecordId record;
    std::string entity;
    std::string agency;  // Whose row was deleted, and where: there is a head for each such row.
    std::string table;
    std::optional<std::string> key;  // Empty when another record has it now.
    pipeline::DepartureState state = pipeline::DepartureState::held;
    JournalSeq since;  // The entry that brought it into this state: what a decision names.
    std::optional<std::string> when;
    std::vector<std::string> others;  // Agencies that have a row of the record, or are about to get one.
};

struct ShownDeletion {
    std::vector<DeletionHead> heads;  // At least one; they have state, since and record in common.
    JournalSeq seen;                  // The record's last entry: what a decision to remove it names.
    ShownValue values;                // Golden, by field.
};

// Oldest first. Both functions throw libpq's DatabaseError; HubFailure for what they cannot read.
[[nodiscard]] boost::asio::awaitable<std::vector<DeletionHead>> list_deletions(
    libpq::Connection& connection, DeletionWhich which, std::size_t limit
);

// Nothing when no agency has deleted its row of the record, or that is over.
[[nodiscard]] boost::asio::awaitable<std::optional<ShownDeletion>> show_deletion(
    libpq::Connection& connection, RecordId record
);

}  // namespace casebridge::hub
