#include "connectors/postgres/publication_check.hpp"

#include <set>
#include <utility>

namespace casebridge::postgres {

asio::awaitable<std::vector<Error>> unpublished_tables(
    libpq::Connection& connection, std::string publication, MappedTables tables
)
{
    const auto rows = co_await connection.execute(
        "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = $1",
        libpq::parameters(publication)
    );
    std::set<std::pair<std::string, std::string>> published;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        published.emplace(rows.text(row, 0), rows.text(row, 1));
    std::vector<Error> missing;
    for (const auto* table : tables)
        if (!published.contains({table->schema, table->table}))
            missing.push_back(Error{
                .kind = ErrorClass::permanent,
                .code = "table_not_published",
                .place = publication + ": " + table->name(),
                .message = "the publication does not have the table: its changes would never be read",
                .remedy = "run casebridge setup",
            });
    co_return missing;
}

}  // namespace casebridge::postgres
