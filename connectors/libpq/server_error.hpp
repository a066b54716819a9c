#pragma once

#include "connectors/libpq/sql_state.hpp"
#include "model/error.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

// Failures of the world: the server said no, or is not there. Thrown from this room upwards.
//
// None of them holds a personal value. A server's DETAIL, CONTEXT and most primary messages quote row values,
// so they are never read; names of schema objects are.

struct pg_result;

namespace casebridge::libpq {

// Base of all. `what()` is code and message, safe to log.
class DatabaseError : public std::runtime_error {
public:
    explicit DatabaseError(Error error);

    // Class, code, place, message and remedy, ready for the log and for Result.
    [[nodiscard]] const Error& error() const noexcept { return error_; }
    [[nodiscard]] ErrorClass kind() const noexcept { return error_.kind; }

private:
    Error error_;
};

// What a server's error response says, as far as it may be kept.
struct ServerReport {
    SqlState state;
    std::string severity = {};  // ERROR, FATAL or PANIC; never translated.
    std::string schema = {};    // The names are empty where the server gave none.
    std::string table = {};
    std::string column = {};
    std::string constraint = {};
    std::string message = {};  // Empty unless the class of the state is one whose texts quote no row values.
    // Position of the failed statement in a pipeline; nothing outside pipelines.
    std::optional<std::size_t> statement_index = std::nullopt;
};

// The server refused a statement or a connection. After a refused statement the connection can be used again.
// Its class is classify(state).
class ServerError : public DatabaseError {
public:
    explicit ServerError(ServerReport report);

    [[nodiscard]] SqlState state() const noexcept { return report_.state; }
    [[nodiscard]] const ServerReport& report() const noexcept { return report_; }

private:
    ServerReport report_;
};

// The connection is gone, or the server ended the session. Transient. What happened to a statement that was
// under way is unknown: a COMMIT may have been carried out.
class ConnectionLost : public DatabaseError {
public:
    explicit ConnectionLost(std::string message, std::optional<SqlState> state = std::nullopt);

    // Why the server ended the session, if it said so (57P01: an administrator's command).
    [[nodiscard]] std::optional<SqlState> state() const noexcept { return state_; }

private:
    std::optional<SqlState> state_;
};

// An operation took longer than its limit. Transient.
class Timeout : public DatabaseError {
public:
    // `what` names the operation: `connecting`.
    explicit Timeout(std::string what);
};

// The connection string or the server's settings can never work. Permanent.
class ConfigurationError : public DatabaseError {
public:
    explicit ConfigurationError(Error error);
};

// Reads what may be kept of an error result; nothing if it has no SQLSTATE, which means that libpq made it up
// because the connection broke.
[[nodiscard]] std::optional<ServerReport> read_report(const pg_result* result);

// What a server said before the connection broke, of which libpq keeps a text only.
struct TextReport {
    SqlState state;
    std::string message;  // Empty if the text has none. May quote values: see message_is_free_of_values().
};

// Reads `FATAL:  57P01` and `FATAL:  28000: role "x" does not exist`, libpq's texts at the verbosities
// SQLSTATE and VERBOSE. The severity may be translated, the two blanks are not. The last such line counts:
// each host that was tried has left one. Nothing if there is none.
[[nodiscard]] std::optional<TextReport> read_text_report(std::string_view text);

// Whether primary messages of this class may be kept.
[[nodiscard]] bool message_is_free_of_values(SqlState state) noexcept;

}  // namespace casebridge::libpq
