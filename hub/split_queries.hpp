#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/case_queries.hpp"
#include "pipeline/link_split.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// What taking a false link apart would do, for people to look at before they ask for it. Values are personal.

namespace casebridge::hub {

// A unit of the record that changes, or that the row shows otherwise then.
struct SplitField {
    std::string unit;
    std::optional<ShownValue> now;  // What stands in the record; empty: nothing, or a person decides.
    // What is open in the record then, and the rule judges; nothing: it stays as it is. None: it is emptied.
    std::optional<std::vector<ShownVersion>> then;
    std::optional<ShownValue> row;  // What the row's people entered last; empty: nothing, and it is emptied.
};

struct ShownSplit {
    pipeline::SplitLink wanted;    // With what was seen.
    std::optional<RecordId> into;  // Empty: a record of its own.
    std::size_t references = 0;    // Of the same agency's rows, which mean the row's record then.
    std::vector<SplitField> fields;
};

struct SplitAnswer {
    std::optional<ShownSplit> split;
    std::string fault;  // Otherwise: why it would be refused. Holds no value.
};

// As the projections have it. What is wanted counts as seen now unless it says since when. Throws libpq's
// DatabaseError; HubFailure for what the configuration cannot read.
[[nodiscard]] boost::asio::awaitable<SplitAnswer> show_split(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, pipeline::SplitLink wanted
);

}  // namespace casebridge::hub
