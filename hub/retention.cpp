#include "hub/retention.hpp"

#include "hub/projection_tables.hpp"
#include "hub/row_texts.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace casebridge::hub {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t piece = 10'000;  // Seqs; each piece is a transaction.

constexpr auto horizon_sql = R"(
    WITH reach AS (
        SELECT least(casebridge.last_seq_before(now() - make_interval(days => $1::int)), p.projected_seq) AS journal_values,
               least(casebridge.last_seq_before(now() - make_interval(days => $2::int)), p.projected_seq) AS conflict_values,
               least(casebridge.last_seq_before(now() - make_interval(days => $3::int)), p.projected_seq,
                     (SELECT coalesce(min(a.seen), 0) FROM casebridge.agency_state a)) AS journal
        FROM casebridge.projection p)
    SELECT coalesce(journal_values, 0), coalesce(conflict_values, 0),
           (SELECT coalesce(max(j.to_seq) - 1, 0) FROM casebridge.journal_partition j WHERE j.to_seq - 1 <= reach.journal)
    FROM reach)";

// What shows values of versions beside one of its own, `member`; without that one all are erased.
struct Shown {
    const char* table;
    const char* member;
};
constexpr Shown conflicts{"conflict", "base"};
constexpr Shown decisions{"decision", "value"};

// A condition over its rows, `c`. Who has to decide needs the values.
std::string with_values(const Shown& shown)
{
    return std::string{" c.versions ? '"} + shown.member +
           "' AND NOT EXISTS (SELECT FROM casebridge.hold h WHERE h.record = c.record AND h.unit = c.unit)";
}

std::string count_of(const Shown& shown)
{
    return std::string{"(SELECT count(*) FROM casebridge."} + shown.table + " c WHERE" + with_values(shown) +
           " AND c.seq <= $2::bigint)";
}

std::string erase_values(const Shown& shown)
{
    return std::string{"UPDATE casebridge."} + shown.table +
           " c SET versions = jsonb_build_object('versions',"
           " (SELECT coalesce(jsonb_agg(v - 'value' ORDER BY n), '[]') FROM jsonb_array_elements(c.versions "
           "-> "
           "'versions') WITH ORDINALITY AS e (v, n))) WHERE" +
           with_values(shown) + " AND c.seq > $1::bigint AND c.seq <= $2::bigint";
}

constexpr auto take_snapshot_head =
    "BEGIN ISOLATION LEVEL REPEATABLE READ;"
    "SET LOCAL lock_timeout = '10s';"
    "TRUNCATE casebridge_snapshot.projection;"
    "INSERT INTO casebridge_snapshot.projection (projected_seq) SELECT projected_seq FROM "
    "casebridge.projection;";

std::string snapshot_script()
{
    std::string script = take_snapshot_head;
    for (const std::string table : projection_tables)
        script.append("TRUNCATE casebridge_snapshot.")
            .append(table)
            .append("; INSERT INTO casebridge_snapshot.")
            .append(table)
            .append(" SELECT * FROM casebridge.")
            .append(table)
            .append(";");
    return script + "COMMIT";
}

// Of a period that is not set: nothing is that old.
libpq::Parameters days_of(const Retention& retention)
{
    const auto text = [](std::optional<std::chrono::days> period) {
        return period ? std::optional{std::to_string(period->count())} : std::nullopt;
    };
    return libpq::parameters(
        text(retention.journal_values), text(retention.conflict_values), text(retention.journal)
    );
}

// The rest of a failed script runs in an aborted transaction otherwise.
asio::awaitable<void> run_transaction(libpq::Connection& connection, std::string script)
{
    std::exception_ptr failure;
    try {
        co_await connection.execute_script(std::move(script));
    } catch (const libpq::ServerError&) {
        failure = std::current_exception();
    }
    if (failure) {
        co_await connection.execute_script("ROLLBACK");
        std::rethrow_exception(failure);
    }
}

asio::awaitable<std::int64_t> first_seq(libpq::Connection& connection, std::string table)
{
    const auto first =
        co_await connection.execute("SELECT coalesce(min(seq), 1) FROM casebridge." + std::move(table));
    co_return to_int64(first.text(0, 0));
}

// Runs a statement over (from, to] of the seqs in `table`, up to `end`. Returns the rows that it changed.
asio::awaitable<std::int64_t> in_pieces(
    libpq::Connection& connection, std::string table, JournalSeq end, std::string statement
)
{
    std::int64_t changed = 0;
    auto from = co_await first_seq(connection, std::move(table)) - 1;
    while (from < end.value()) {
        const auto to = std::min(from + piece, end.value());
        const auto result = co_await connection.execute(
            statement, libpq::parameters(std::to_string(from), std::to_string(to))
        );
        changed += static_cast<std::int64_t>(result.affected_rows());
        from = to;
    }
    co_return changed;
}

asio::awaitable<std::int64_t> drop_partitions(libpq::Connection& connection, JournalSeq end)
{
    const auto old = co_await connection.execute(
        "SELECT quote_ident(name), from_seq FROM casebridge.journal_partition WHERE to_seq - 1 <= $1::bigint"
        " ORDER BY from_seq",
        libpq::parameters(std::to_string(end.value()))
    );
    for (std::size_t row = 0; row < old.rows(); ++row) {
        // The lock keeps appends waiting: it is asked for briefly.
        std::string script = "BEGIN; SET LOCAL lock_timeout = '2s'; DROP TABLE casebridge.";
        script.append(old.text(row, 0))
            .append("; DELETE FROM casebridge.journal_partition WHERE from_seq = ");
        script.append(old.text(row, 1)).append("; COMMIT");
        co_await run_transaction(connection, std::move(script));
    }
    co_return static_cast<std::int64_t>(old.rows());
}

}  // namespace

asio::awaitable<PruneHorizon> find_prune_horizon(libpq::Connection& connection, Retention retention)
{
    const auto found = co_await connection.execute(horizon_sql, days_of(retention));
    const auto seq = [&](std::size_t column) { return JournalSeq{to_int64(found.text(0, column))}; };
    co_return PruneHorizon{seq(0), seq(1), seq(2)};
}

asio::awaitable<PruneCounts> count_prunable(libpq::Connection& connection, PruneHorizon horizon)
{
    const auto counted = co_await connection.execute(
        std::string{"SELECT (SELECT count(*) FROM casebridge.journal WHERE seq <= $1::bigint AND payload IS "
                    "NOT NULL), "} +
            count_of(conflicts) + " + " + count_of(decisions) +
            ", (SELECT count(*) FROM casebridge.journal_partition WHERE to_seq - 1 "
            "<= $3::bigint)",
        libpq::parameters(
            std::to_string(horizon.journal_values.value()),
            std::to_string(horizon.conflict_values.value()),
            std::to_string(horizon.journal.value())
        )
    );
    co_return PruneCounts{
        to_int64(counted.text(0, 0)), to_int64(counted.text(0, 1)), to_int64(counted.text(0, 2))};
}

asio::awaitable<PruneCounts> prune(libpq::Connection& connection, PruneHorizon horizon)
{
    co_await connection.execute("SELECT pg_advisory_lock(hashtextextended('casebridge.prune', 0))");
    PruneCounts counts;
    counts.conflict_values =
        co_await in_pieces(connection, conflicts.table, horizon.conflict_values, erase_values(conflicts));
    counts.conflict_values +=
        co_await in_pieces(connection, decisions.table, horizon.conflict_values, erase_values(decisions));
    co_await run_transaction(connection, snapshot_script());
    const auto snapshot =
        co_await connection.execute("SELECT projected_seq FROM casebridge_snapshot.projection");
    const JournalSeq copied{to_int64(snapshot.text(0, 0))};
    counts.partitions = co_await drop_partitions(connection, std::min(horizon.journal, copied));
    counts.journal_values = co_await in_pieces(
        connection,
        "journal",
        std::min(horizon.journal_values, copied),
        "UPDATE casebridge.journal SET payload = NULL"
        " WHERE seq > $1::bigint AND seq <= $2::bigint AND payload IS NOT NULL"
    );
    co_await connection.execute("SELECT pg_advisory_unlock(hashtextextended('casebridge.prune', 0))");
    co_return counts;
}

}  // namespace casebridge::hub
