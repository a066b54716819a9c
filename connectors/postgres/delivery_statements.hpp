#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/table_catalog.hpp"
#include "pipeline/delivery_plan.hpp"

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

// A delivery plan as SQL. Pure: text and parameters, no connection. Values are parameters always, names are
// quoted, and the expectation stands on the target table itself: on a join, a copy or a CTE the server would
// not look at it again after it has waited for a concurrent edit, and would overwrite that edit.

namespace casebridge::postgres {

inline constexpr std::size_t statement_rows_max = 5'000;

// Rows of one table that one statement writes; at least one, at most statement_rows_max. All updates of a
// batch write the same slots and expect the same slots, and no key stands in it twice. Points into the plan.
struct WriteBatch {
    using Inserts = std::vector<const pipeline::RowInsert*>;
    using Updates = std::vector<const pipeline::RowUpdate*>;
    using Deletes = std::vector<const pipeline::RowDelete*>;

    MappingIndex table;
    std::variant<Inserts, Updates, Deletes> rows;

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] RecordId record(std::size_t row) const;
    [[nodiscard]] const LocalKey& key(std::size_t row) const;
};

// In the order in which they have to be executed: the inserts of all tables, referenced tables first, then
// the updates, so that an update may point at a row of the same plan or leave one that goes, then the
// deletions, referenced tables last.
[[nodiscard]] std::vector<WriteBatch> write_batches(const pipeline::DeliveryPlan& plan);

// The two halves of a batch of two rows or more.
[[nodiscard]] std::pair<WriteBatch, WriteBatch> halves(const WriteBatch& batch);

// One statement; it answers one column, the keys of the rows that it wrote.
//
// An update writes a row only if it shows exactly what its expectations say, compared as the server renders
// values, NULL and empty text apart. Of a document only the mapped paths are read and written; objects on the
// way to them are created where they are missing, and other members stay as they are. NULL removes a member.
//
// A deletion deletes a row only if all of it is as expected. What another row points at stays, by the
// server's own foreign keys: connectors/postgres/table_catalog.hpp refuses tables whose keys would delete or
// change rows by themselves.
//
// An insert whose key or another unique value exists already writes nothing.
[[nodiscard]] libpq::Statement write_statement(const WriteBatch& batch, const TableCatalog& table);

}  // namespace casebridge::postgres
