#include "connectors/libpq/query_result.hpp"

#include "model/assert.hpp"

#include <libpq-fe.h>

#include <charconv>

namespace casebridge::libpq {

void ClearResult::operator()(pg_result* result) const noexcept
{
    PQclear(result);
}

std::size_t QueryResult::rows() const noexcept
{
    return static_cast<std::size_t>(PQntuples(result_.get()));
}

std::size_t QueryResult::columns() const noexcept
{
    return static_cast<std::size_t>(PQnfields(result_.get()));
}

void QueryResult::check(std::size_t row, std::size_t column) const
{
    CASEBRIDGE_ASSERT(row < rows() && column < columns());
}

std::string_view QueryResult::column_name(std::size_t column) const
{
    CASEBRIDGE_ASSERT(column < columns());
    return PQfname(result_.get(), static_cast<int>(column));
}

bool QueryResult::is_null(std::size_t row, std::size_t column) const
{
    check(row, column);
    return PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) != 0;
}

std::string_view QueryResult::text(std::size_t row, std::size_t column) const
{
    CASEBRIDGE_ASSERT(!is_null(row, column));
    const auto r = static_cast<int>(row);
    const auto c = static_cast<int>(column);
    return {PQgetvalue(result_.get(), r, c), static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
}

std::optional<std::string_view> QueryResult::value(std::size_t row, std::size_t column) const
{
    if (is_null(row, column))
        return std::nullopt;
    return text(row, column);
}

std::uint64_t QueryResult::affected_rows() const noexcept
{
    const std::string_view digits = PQcmdTuples(result_.get());
    std::uint64_t count = 0;
    // libpq gives an empty text for commands that count nothing.
    std::from_chars(digits.data(), digits.data() + digits.size(), count);
    return count;
}

}  // namespace casebridge::libpq
