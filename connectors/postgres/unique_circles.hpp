#pragma once

#include "connectors/postgres/table_catalog.hpp"
#include "pipeline/delivery_plan.hpp"

#include <span>
#include <vector>

// Rows that take each other's unique values. A server checks most unique keys row by row, so that none of
// them can be written first: all have to give up what they have before any takes what it is to get. Pure: no
// connection.

namespace casebridge::postgres {

// Two updates or more, each of which takes what the next has, the last what the first has.
using Circle = std::vector<const pipeline::RowUpdate*>;

// The circles among updates that the server refused one by one for this key. Values are compared as texts:
// what is equal to the server only (`citext`) is no circle here, and what is one here may be refused all the
// same. Each update stands in one circle at most. Ascending by the first's place in `refused`.
[[nodiscard]] std::vector<Circle> find_circles(
    std::span<const pipeline::RowUpdate* const> refused, const UniqueKey& key, const TableCatalog& table
);

// The same rows as two writes: what each gives up first, and then what it is to get.
struct CircleWrites {
    // One column of the key is emptied, where all rows can do without; nothing where one cannot.
    std::vector<pipeline::RowUpdate> aside;
    std::vector<pipeline::RowUpdate> last;  // Expects what `aside` leaves.
};

[[nodiscard]] CircleWrites circle_writes(
    const Circle& circle, const UniqueKey& key, const TableCatalog& table
);

}  // namespace casebridge::postgres
