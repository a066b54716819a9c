#include "connectors/libpq/server_error.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace casebridge::libpq {
namespace {

std::string field(const pg_result* result, int code)
{
    const auto* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string{} : std::string{text};
}

std::string place_of(const ServerReport& report)
{
    std::string place = report.schema;
    for (const auto* part : {&report.table, &report.column})
        if (!part->empty())
            place += (place.empty() ? "" : ".") + *part;
    if (!report.constraint.empty())
        place += (place.empty() ? "constraint " : " constraint ") + report.constraint;
    if (report.statement_index)
        place += (place.empty() ? "statement " : " statement ") + std::to_string(*report.statement_index);
    return place;
}

Error describe(const ServerReport& report)
{
    return {
        .kind = classify(report.state),
        .code = "sqlstate_" + std::string{report.state.text()},
        .place = place_of(report),
        .message = report.message.empty() ? "the server refused the statement" : report.message,
        .remedy = std::string{remedy(report.state)},
    };
}

Error describe_loss(std::string message, std::optional<SqlState> state)
{
    if (state)
        message += " (SQLSTATE " + std::string{state->text()} + ")";
    return {
        .kind = ErrorClass::transient,
        .code = "connection_lost",
        .place = {},
        .message = std::move(message),
        .remedy = "check the network and that the server runs",
    };
}

std::string sentence(const Error& error)
{
    return error.code + (error.place.empty() ? "" : " at " + error.place) + ": " + error.message;
}

}  // namespace

DatabaseError::DatabaseError(Error error) : std::runtime_error(sentence(error)), error_(std::move(error)) {}

ServerError::ServerError(ServerReport report) : DatabaseError(describe(report)), report_(std::move(report)) {}

ConnectionLost::ConnectionLost(std::string message, std::optional<SqlState> state)
    : DatabaseError(describe_loss(std::move(message), state)), state_(state)
{
}

Timeout::Timeout(std::string what)
    : DatabaseError({
          .kind = ErrorClass::transient,
          .code = "timeout",
          .place = {},
          .message = what + " took longer than its limit",
          .remedy = "check the network and the server's load",
      })
{
}

ConfigurationError::ConfigurationError(Error error) : DatabaseError(std::move(error)) {}

std::optional<ServerReport> read_report(const pg_result* result)
{
    const auto state = SqlState::parse(field(result, PG_DIAG_SQLSTATE));
    if (!state)
        return std::nullopt;
    return ServerReport{
        .state = *state,
        .severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED),
        .schema = field(result, PG_DIAG_SCHEMA_NAME),
        .table = field(result, PG_DIAG_TABLE_NAME),
        .column = field(result, PG_DIAG_COLUMN_NAME),
        .constraint = field(result, PG_DIAG_CONSTRAINT_NAME),
        .message = message_is_free_of_values(*state) ? field(result, PG_DIAG_MESSAGE_PRIMARY) : std::string{},
    };
}

std::optional<TextReport> read_text_report(std::string_view text)
{
    static constexpr std::string_view mark = ":  ";
    static constexpr std::size_t state_size = 5;
    std::optional<TextReport> report;
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
        auto line = text.substr(at + mark.size());
        line = line.substr(0, line.find('\n'));
        const auto state = SqlState::parse(line.substr(0, state_size));
        if (!state)
            continue;
        line.remove_prefix(state_size);
        if (line.empty() || line.starts_with(": "))
            report = TextReport{*state, std::string{line.substr(line.empty() ? 0 : 2)}};
    }
    return report;
}

bool message_is_free_of_values(SqlState state) noexcept
{
    // Their texts name objects, roles, settings and resources. Classes 22, 23, 44 and P0 quote values; any
    // other may.
    static constexpr std::array<std::string_view, 11> classes{
        "08", "0A", "25", "28", "3D", "40", "42", "53", "55", "57", "58"};
    return std::find(classes.begin(), classes.end(), state.class_text()) != classes.end();
}

}  // namespace casebridge::libpq
