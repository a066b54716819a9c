#pragma once

#include "connectors/libpq/connection.hpp"
#include "doctor/facts.hpp"
#include "doctor/table_use.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The questions of an examination. Every session is switched to read-only before it asks anything else than
// what this would hide, so none can change a database, and none reads a table but the hub's own positions.

namespace casebridge::doctor {

namespace asio = boost::asio;

// One row of an answer whose columns the question vouches for.
class AnswerRow {
public:
    AnswerRow(const libpq::QueryResult& answer, std::size_t row) : answer_(&answer), row_(row) {}

    [[nodiscard]] std::string text(std::size_t column) const;  // Empty for NULL.
    [[nodiscard]] bool is_null(std::size_t column) const;
    [[nodiscard]] bool flag(std::size_t column) const;
    [[nodiscard]] std::int64_t number(std::size_t column) const;
    [[nodiscard]] std::optional<std::int64_t> number_if_any(std::size_t column) const;
    [[nodiscard]] std::vector<std::string> lines(std::size_t column) const;  // string_agg(…, E'\n').

private:
    const libpq::QueryResult* answer_;
    std::size_t row_;
};

// Names of tables as PostgreSQL's text[] literals, in the order of the uses.
struct TableNames {
    std::string schemas;
    std::string tables;
    std::string keys;
};
[[nodiscard]] TableNames array_literals(const std::vector<TableUse>& uses);

class ExaminedSession {
public:
    // Connects, reads what the session is like and makes it read-only. Throws what Connection::open throws.
    // `connection` is the key in the configuration.
    [[nodiscard]] static asio::awaitable<ExaminedSession> open(std::string connection, std::string conninfo);

    [[nodiscard]] const SessionFacts& facts() const noexcept { return facts_; }
    [[nodiscard]] libpq::Connection& connection() noexcept { return connection_; }

private:
    ExaminedSession(libpq::Connection connection, SessionFacts facts)
        : connection_(std::move(connection)), facts_(std::move(facts))
    {
    }

    libpq::Connection connection_;
    SessionFacts facts_;
};

// `slot` and `origin` are looked for by name; empty names find nothing.
[[nodiscard]] asio::awaitable<ServerFacts> read_server(
    libpq::Connection& connection, std::string slot, std::string origin
);

[[nodiscard]] asio::awaitable<TransactionFacts> read_transactions(libpq::Connection& connection);

// What the session's own role may do. `functions` are signatures, as in GRANT, separated by `, `.
[[nodiscard]] asio::awaitable<GrantFacts> read_grants(
    libpq::Connection& connection, std::vector<TableUse> uses, std::string functions
);

[[nodiscard]] asio::awaitable<std::vector<std::optional<TableFacts>>> read_tables(
    libpq::Connection& connection, std::vector<TableUse> uses
);

// Fills all of HubFacts that follows `server`.
[[nodiscard]] asio::awaitable<void> read_hub(libpq::Connection& connection, HubFacts& facts);

}  // namespace casebridge::doctor
