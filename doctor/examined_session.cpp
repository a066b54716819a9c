#include "doctor/examined_session.hpp"

#include "connectors/libpq/identifier.hpp"
#include "model/assert.hpp"

#include <charconv>
#include <utility>

namespace casebridge::doctor {
namespace {

constexpr std::size_t clock_samples = 8;

constexpr auto session_sql = R"(
SELECT current_database(), (SELECT system_identifier FROM pg_control_system()),
    (SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()),
    coalesce(NOT inet_server_addr() <<= '127.0.0.0/8' AND host(inet_server_addr()) <> '::1', false),
    r.rolname, r.rolsuper, r.rolcreatedb, r.rolcreaterole, r.rolreplication, r.rolbypassrls,
    nullif(r.rolconnlimit, -1),
    CASE WHEN isfinite(r.rolvaliduntil)
        THEN floor(extract(epoch FROM r.rolvaliduntil - clock_timestamp()))::bigint END,
    (SELECT string_agg(m.rolname, E'\n' ORDER BY m.rolname) FROM pg_roles m
        WHERE m.oid <> r.oid AND NOT r.rolsuper AND m.rolname <> 'pg_database_owner' AND pg_has_role(r.oid, m.oid, 'MEMBER'))
FROM pg_roles r WHERE r.rolname = current_user)";

constexpr auto settings_sql = "SELECT name, setting FROM pg_settings";

constexpr auto server_sql = R"(
SELECT current_setting('server_version_num'), pg_is_in_recovery(),
    (SELECT pg_encoding_to_char(d.encoding) FROM pg_database d WHERE d.datname = current_database()),
    (SELECT count(*) FROM pg_stat_replication),
    (SELECT count(*) FROM pg_stat_replication s WHERE NOT EXISTS (SELECT FROM pg_replication_slots l
        WHERE l.active_pid = s.pid AND l.slot_type = 'logical')),
    (SELECT count(*) FROM pg_replication_origin),
    (SELECT o.roname FROM pg_replication_origin o WHERE o.roname = $2),
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END,
    s.active_pid, (SELECT a.usename FROM pg_stat_activity a WHERE a.pid = s.active_pid), s.safe_wal_size,
    s.wal_status, age(s.catalog_xmin), s.slot_name IS NOT NULL, s.confirmed_flush_lsn
FROM (VALUES (true)) AS always(b) LEFT JOIN pg_replication_slots s ON s.slot_name = $1)";

constexpr auto inactive_slots_sql = R"(
SELECT slot_name, pg_wal_lsn_diff(
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)::bigint
FROM pg_replication_slots
WHERE slot_name <> $1 AND NOT active AND NOT temporary AND restart_lsn IS NOT NULL ORDER BY 1)";

constexpr auto clock_sql = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

// A transaction that has written has an id, and only such a one is waited for when a slot is made or a survey
// begins. Somebody else's session shows its query as a fixed text where the role may not look.
constexpr auto transactions_sql = R"(
SELECT coalesce(bool_or(a.query = '<insufficient privilege>'), false),
    floor(max(extract(epoch FROM clock_timestamp() - a.xact_start)) FILTER (WHERE a.backend_xid IS NOT NULL))::bigint,
    (array_agg(a.pid ORDER BY a.xact_start) FILTER (WHERE a.backend_xid IS NOT NULL))[1],
    (SELECT floor(max(extract(epoch FROM clock_timestamp() - p.prepared)))::bigint FROM pg_prepared_xacts p),
    (SELECT setting FROM pg_settings WHERE name = 'output_plugin_libraries'),
    (SELECT pg_has_role(current_user, 'pg_read_all_settings', 'USAGE'))
FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid() AND (a.backend_type IS NULL OR a.backend_type <> 'walsender'))";

std::chrono::microseconds our_clock()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch()
    );
}

std::int64_t to_number(std::string_view text)
{
    std::int64_t value = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    CASEBRIDGE_ASSERT(failure == std::errc{} && stop == text.data() + text.size());
    return value;
}

SessionFacts to_session(const libpq::QueryResult& answer)
{
    CASEBRIDGE_ASSERT(answer.rows() == 1);
    const AnswerRow row{answer, 0};
    SessionFacts facts;
    facts.database = row.text(0);
    facts.system_identifier = row.text(1);
    facts.encrypted = row.flag(2);
    facts.remote = row.flag(3);
    facts.role = {
        .name = row.text(4),
        .superuser = row.flag(5),
        .createdb = row.flag(6),
        .createrole = row.flag(7),
        .replication = row.flag(8),
        .bypassrls = row.flag(9),
        .connection_limit = row.number_if_any(10),
        .valid_for_seconds = row.number_if_any(11),
        .memberships = row.lines(12),
    };
    return facts;
}

Lsn to_lsn(const std::string& text)
{
    const auto lsn = parse_lsn(text);
    CASEBRIDGE_ASSERT(lsn.has_value());
    return *lsn;
}

}  // namespace

std::string AnswerRow::text(std::size_t column) const
{
    return std::string{answer_->value(row_, column).value_or("")};
}

bool AnswerRow::is_null(std::size_t column) const
{
    return answer_->is_null(row_, column);
}

bool AnswerRow::flag(std::size_t column) const
{
    return answer_->value(row_, column) == "t";
}

std::int64_t AnswerRow::number(std::size_t column) const
{
    return to_number(answer_->text(row_, column));
}

std::optional<std::int64_t> AnswerRow::number_if_any(std::size_t column) const
{
    const auto value = answer_->value(row_, column);
    return value ? std::optional{to_number(*value)} : std::nullopt;
}

std::vector<std::string> AnswerRow::lines(std::size_t column) const
{
    std::vector<std::string> lines;
    auto rest = answer_->value(row_, column).value_or("");
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        lines.emplace_back(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    return lines;
}

// The settings are read first: afterwards default_transaction_read_only says what we have set.
TableNames array_literals(const std::vector<TableUse>& uses)
{
    std::vector<std::optional<std::string_view>> schemas;
    std::vector<std::optional<std::string_view>> tables;
    std::vector<std::optional<std::string_view>> keys;
    for (const auto& use : uses) {
        schemas.emplace_back(use.mapping->schema);
        tables.emplace_back(use.mapping->table);
        keys.emplace_back(use.mapping->key_column);
    }
    return {libpq::to_array_literal(schemas), libpq::to_array_literal(tables), libpq::to_array_literal(keys)};
}

asio::awaitable<ExaminedSession> ExaminedSession::open(std::string connection, std::string conninfo)
{
    libpq::ConnectionOptions options{conninfo};
    options.application_name = "casebridge:doctor";
    options.settings.emplace_back("statement_timeout", "30s");
    options.settings.emplace_back("lock_timeout", "5s");
    auto opened = co_await libpq::Connection::open(std::move(options));
    const auto settings = co_await opened.execute(settings_sql);
    co_await opened.execute("SET default_transaction_read_only = on");
    const auto session = co_await opened.execute(session_sql);
    auto facts = to_session(session);
    facts.connection = std::move(connection);
    if (auto mode = libpq::effective_sslmode(conninfo))
        facts.sslmode = *mode;
    for (std::size_t row = 0; row < settings.rows(); ++row)
        facts.settings.emplace(settings.text(row, 0), settings.value(row, 1).value_or(""));
    co_return ExaminedSession{std::move(opened), std::move(facts)};
}

asio::awaitable<ServerFacts> read_server(libpq::Connection& connection, std::string slot, std::string origin)
{
    const auto answer = co_await connection.execute(server_sql, libpq::parameters(slot, origin));
    const AnswerRow row{answer, 0};
    ServerFacts facts;
    facts.version = static_cast<int>(row.number(0));
    facts.standby = row.flag(1);
    facts.encoding = row.text(2);
    facts.wal_senders_used = row.number(3);
    facts.standbys = row.number(4);
    facts.origins = row.number(5);
    if (!row.is_null(6))
        facts.origin = row.text(6);
    facts.flushed = to_lsn(row.text(7));
    if (row.flag(13))
        facts.slot = SlotUse{
            .active_pid = row.number_if_any(8),
            .reader = row.text(9),
            .safe_wal_size = row.number_if_any(10),
            .wal_status = row.text(11),
            .catalog_xmin_age = row.number_if_any(12).value_or(0),
            .confirmed = row.is_null(14) ? std::nullopt : std::optional{to_lsn(row.text(14))},
        };
    const auto slots = co_await connection.execute(inactive_slots_sql, libpq::parameters(slot));
    for (std::size_t i = 0; i < slots.rows(); ++i) {
        const AnswerRow held{slots, i};
        facts.inactive_slots.push_back({held.text(0), held.number(1)});
    }
    for (std::size_t i = 0; i < clock_samples; ++i) {
        ClockSample sample;
        sample.before = our_clock();
        const auto time = co_await connection.execute(clock_sql);
        sample.after = our_clock();
        sample.server = std::chrono::microseconds{to_number(time.text(0, 0))};
        facts.clock.push_back(sample);
    }
    co_return facts;
}

asio::awaitable<TransactionFacts> read_transactions(libpq::Connection& connection)
{
    const auto answer = co_await connection.execute(transactions_sql);
    const AnswerRow row{answer, 0};
    TransactionFacts facts;
    if (row.flag(0))
        facts.view = TransactionFacts::View::own_sessions_only;
    facts.oldest_seconds = row.number_if_any(1);
    if (facts.oldest_seconds)
        facts.oldest_pid = row.number_if_any(2);
    if (const auto prepared = row.number_if_any(3); prepared && prepared > facts.oldest_seconds) {
        facts.oldest_seconds = prepared;
        facts.oldest_pid.reset();
    }
    if (!row.is_null(4))
        facts.output_plugins = row.text(4);
    facts.output_plugins_hidden = !row.flag(5);
    co_return facts;
}

}  // namespace casebridge::doctor
