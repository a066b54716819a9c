#include "connectors/postgres/survey_reader.hpp"

#include "connectors/libpq/identifier.hpp"
#include "connectors/postgres/document_sql.hpp"
#include "model/assert.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace casebridge::postgres {
namespace {

constexpr std::chrono::milliseconds visibility_poll_interval{100};

// The snapshot is the query's own, and it must be there when no row is.
libpq::Statement chunk_statement(
    const TableCatalog& table, const std::optional<LocalKey>& after, std::size_t rows_max
)
{
    const auto key = "t." + libpq::quote_identifier(table.mapping->key_column);
    const auto order = key + table.key_collation;
    std::string columns = order + " AS place, concat(" + key + ") AS k";
    std::string names = ", c.k";
    for (std::size_t slot = 0; slot < table.mapping->slots.size(); ++slot) {
        const auto name = "s" + std::to_string(slot);
        columns += ", " + slot_text(table.mapping->slots[slot]) + " AS " + name;
        names += ", c." + name;
    }
    auto parameters = libpq::parameters(std::to_string(rows_max));
    std::string behind;
    if (after) {
        behind = " WHERE " + order + " > $2::" + table.key_type;
        parameters.emplace_back(after->value());
    }
    return libpq::Statement{
        "SELECT pg_current_snapshot()" + names +
            " FROM (VALUES (true)) AS always(b) LEFT JOIN LATERAL (SELECT " + columns + " FROM " +
            table.name + " AS t" + behind + " ORDER BY " + order +
            " LIMIT $1::bigint) AS c ON true ORDER BY c.place",
        std::move(parameters)};
}

FieldValue field_value(std::optional<std::string_view> text)
{
    if (!text)
        return std::nullopt;
    return Value{std::string{*text}};
}

}  // namespace

asio::awaitable<SurveyReader> SurveyReader::open(libpq::ConnectionOptions capture_role, MappedTables tables)
{
    auto connection = co_await libpq::Connection::open(std::move(capture_role));
    auto catalog = co_await read_catalog(connection, std::move(tables));
    co_return SurveyReader{std::move(connection), std::move(catalog)};
}

asio::awaitable<void> SurveyReader::wait_until_visible()
{
    // An id of our own is above those of all transactions in progress; a snapshot's xmax is not, it only
    // passes those that have ended.
    const auto answer = co_await connection_.execute("SELECT pg_current_xact_id()");
    const std::string last_awaited{answer.text(0, 0)};
    asio::steady_timer timer{co_await asio::this_coro::executor};
    while (true) {
        const auto ended = co_await connection_.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8", libpq::parameters(last_awaited)
        );
        if (ended.text(0, 0) == "t")
            co_return;
        timer.expires_after(visibility_poll_interval);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<pipeline::SurveyChunk> SurveyReader::read_chunk(
    MappingIndex table, std::optional<LocalKey> after, std::size_t rows_max, std::string token
)
{
    CASEBRIDGE_ASSERT(rows_max > 0);
    const auto found = catalog_.find(table);
    CASEBRIDGE_ASSERT(found != catalog_.end());
    auto statement = chunk_statement(found->second, after, rows_max);

    co_await emit_watermark(token + " low");
    const auto answer =
        co_await connection_.execute(std::move(statement.sql), std::move(statement.parameters));
    co_await emit_watermark(token + " high");

    pipeline::SurveyChunk chunk;
    chunk.table = table;
    chunk.last_key = std::move(after);
    chunk.snapshot = pipeline::Snapshot::parse(answer.text(0, 0));
    CASEBRIDGE_ASSERT(chunk.snapshot.has_value());
    for (std::size_t row = 0; row < answer.rows() && !answer.is_null(row, 1); ++row) {
        pipeline::SurveyedRow surveyed;
        surveyed.key = LocalKey{std::string{answer.text(row, 1)}};
        for (std::size_t column = 2; column < answer.columns(); ++column)
            surveyed.image.push_back(field_value(answer.value(row, column)));
        chunk.rows.push_back(std::move(surveyed));
    }
    if (!chunk.rows.empty())
        chunk.last_key = chunk.rows.back().key;
    chunk.last = chunk.rows.size() < rows_max;
    co_return chunk;
}

asio::awaitable<void> SurveyReader::emit_watermark(std::string content)
{
    co_await connection_.execute(
        "SELECT pg_logical_emit_message(true, $1::text, $2::text)",
        libpq::parameters(std::string{survey_prefix}, std::move(content))
    );
}

}  // namespace casebridge::postgres
