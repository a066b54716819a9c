#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

// What a statement answered.

struct pg_result;

namespace casebridge::libpq {

struct ClearResult {
    void operator()(pg_result* result) const noexcept;
};

using ResultPtr = std::unique_ptr<pg_result, ClearResult>;

// Owns the rows of one statement, all in text format. Cheap to move. Texts it hands out live as long as it
// does. Row and column numbers start at 0; one out of range is a failure of the programmer. The texts are
// personal values.
class QueryResult {
public:
    explicit QueryResult(ResultPtr result) noexcept : result_(std::move(result)) {}

    [[nodiscard]] std::size_t rows() const noexcept;
    [[nodiscard]] std::size_t columns() const noexcept;
    [[nodiscard]] std::string_view column_name(std::size_t column) const;

    [[nodiscard]] bool is_null(std::size_t row, std::size_t column) const;

    // The server's rendering of a value that is not NULL; asking for the text of a NULL is a failure of the
    // programmer.
    [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const;

    // The same with NULL as nothing.
    [[nodiscard]] std::optional<std::string_view> value(std::size_t row, std::size_t column) const;

    // Rows inserted, updated, deleted, copied or selected; 0 for statements that count none.
    [[nodiscard]] std::uint64_t affected_rows() const noexcept;

private:
    void check(std::size_t row, std::size_t column) const;

    ResultPtr result_;
};

}  // namespace casebridge::libpq
