#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/array_text.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Set-based statements over the projections' tables: the rows of a batch travel as one array a column.

namespace casebridge::hub {

enum class ColumnUse { key, data };

struct Column {
    std::string_view name;
    std::string_view type;
    ColumnUse use = ColumnUse::key;
    std::string_view expression = {};  // What is stored, over the row `n`; empty: the value as it is.
};

// Rows for one table of schema casebridge. The columns are constants of the program.
class RowSet {
public:
    RowSet(std::string_view table, std::span<const Column> columns)
        : table_(table), columns_(columns), arrays_(columns.size())
    {
    }

    // One value a column, in order; each a text, a 64-bit integer or an optional of one.
    template <class... Values>
    void add(const Values&... values)
    {
        std::size_t column = 0;
        (arrays_[column++].add(values), ...);
        ++rows_;
    }

    [[nodiscard]] bool empty() const noexcept { return rows_ == 0; }

    // Whether rows that are the same already are written all the same.
    enum class Unchanged { skip, write };

    // INSERT; a row that is there under the same key gets the data columns.
    // Precondition: the key columns have a unique index; to skip, the types of the data columns have
    // equality.
    // `guard`: a condition over the row there, `t`, and the new one, `excluded`; where it does not hold the
    // row there stays.
    [[nodiscard]] libpq::Statement upsert(
        Unchanged unchanged = Unchanged::skip, std::string_view guard = "true"
    );

    // INSERT of the rows that are not there, all columns compared. Precondition: a column `record`.
    [[nodiscard]] libpq::Statement insert_missing();

    [[nodiscard]] libpq::Statement insert();

    // DELETE of the rows with these keys.
    [[nodiscard]] libpq::Statement remove();

    // DELETE of the rows that belong to one of the records (an array literal) and whose key the set does not
    // hold for the same record.
    [[nodiscard]] libpq::Statement remove_others(const std::string& records) const;

private:
    [[nodiscard]] libpq::Parameters take();
    [[nodiscard]] std::string names() const;
    [[nodiscard]] std::string insert_selected() const;  // `INSERT INTO … SELECT … FROM …`.
    [[nodiscard]] std::string source(std::size_t first_parameter) const;  // `unnest(…) AS n(…)`.
    // `n.a = t.a AND …`, of all columns or of the key.
    enum class Compared { all, key };
    [[nodiscard]] std::string same(Compared compared) const;

    std::string_view table_;
    std::span<const Column> columns_;
    std::vector<ArrayText> arrays_;
    std::size_t rows_ = 0;
};

}  // namespace casebridge::hub
