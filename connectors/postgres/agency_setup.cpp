#include "connectors/postgres/agency_setup.hpp"

#include "connectors/libpq/identifier.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace casebridge::postgres {
namespace {

using libpq::quote_identifier;
using libpq::quote_literal;

constexpr std::size_t name_length_max = 63;
constexpr auto published_operations = "publish = 'insert, update, delete, truncate'";
constexpr auto origin_functions =
    "pg_replication_origin_session_setup(text), pg_replication_origin_session_reset(), "
    "pg_replication_origin_session_is_setup(), pg_replication_origin_session_progress(boolean), "
    "pg_replication_origin_xact_setup(pg_lsn, timestamptz), pg_replication_origin_progress(text, boolean), "
    "pg_replication_origin_oid(text)";

std::string table_name(const mapping::TableMapping& mapping)
{
    return libpq::quote_qualified(mapping.schema, mapping.table);
}

SetupStep publication_step(const SetupRequest& request)
{
    std::string tables;
    for (const auto* mapping : request.tables)
        tables += (tables.empty() ? "" : ", ") + table_name(*mapping);
    return {
        "CREATE PUBLICATION " + quote_identifier(request.names.publication) + " FOR TABLE " + tables +
            " WITH (" + published_operations + ")",
        "publish the mapped tables"};
}

SetupStep slot_step(const AgencyNames& names)
{
    const auto slot = quote_literal(names.slot);
    return {
        "SELECT pg_create_logical_replication_slot(" + slot +
            ", 'pgoutput') WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = " + slot +
            ")",
        "keep the changes from now on until they have been read"};
}

SetupStep origin_step(const AgencyNames& names)
{
    const auto origin = quote_literal(names.origin);
    return {
        "SELECT pg_replication_origin_create(" + origin +
            ") WHERE NOT EXISTS (SELECT FROM pg_replication_origin WHERE roname = " + origin + ")",
        "mark the deliveries as ours and store their position with them"};
}

SetupStep grant_step(const SetupRequest& request)
{
    return {
        std::string{"GRANT EXECUTE ON FUNCTION "} + origin_functions + " TO " +
            quote_identifier(request.deliver_role),
        "let the delivering role use the origin"};
}

// What there is, as the catalogs say.
struct Found {
    enum class Presence { missing, there };
    Presence publication = Presence::missing;
    Presence slot = Presence::missing;
    Presence origin = Presence::missing;
    Presence grants = Presence::missing;
    bool publishes_everything_done = false;  // insert, update, delete and truncate
    std::set<std::pair<std::string, std::string>> published;
    std::vector<Error> mismatches;
};

void refuse(Found& found, std::string place, std::string code, std::string message, std::string remedy)
{
    found.mismatches.push_back(
        {ErrorClass::permanent, std::move(code), std::move(place), std::move(message), std::move(remedy)}
    );
}

constexpr auto tables_sql = R"(
SELECT c.oid IS NOT NULL, c.relkind = 'r', c.relpersistence = 'p',
    c.relreplident = 'f' OR EXISTS (SELECT FROM pg_index x
        JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = w.key AND k.attnum = ANY (x.indkey)
        WHERE x.indrelid = c.oid AND x.indisvalid
            AND CASE c.relreplident WHEN 'd' THEN x.indisprimary WHEN 'i' THEN x.indisreplident ELSE false END)
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(schema, name, key, i)
    LEFT JOIN pg_namespace n ON n.nspname = w.schema
    LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
ORDER BY w.i)";

constexpr auto publication_sql = R"(
SELECT p.puballtables OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid),
    p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate
FROM pg_publication p WHERE p.pubname = $1)";

constexpr auto published_sql = R"(
SELECT n.nspname, c.relname, r.prqual IS NOT NULL OR r.prattrs IS NOT NULL
FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
    JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE p.pubname = $1 ORDER BY 1, 2)";

constexpr auto slot_sql = R"(
SELECT plugin = 'pgoutput' AND NOT temporary AND NOT two_phase AND database = current_database(),
    wal_status IS DISTINCT FROM 'lost'
FROM pg_replication_slots WHERE slot_name = $1)";

bool is_true(const libpq::QueryResult& result, std::size_t row, std::size_t column)
{
    return result.value(row, column) == "t";
}

asio::awaitable<void> look_at_tables(libpq::Connection& connection, const MappedTables& tables, Found& found)
{
    std::vector<std::optional<std::string_view>> schemas;
    std::vector<std::optional<std::string_view>> names;
    std::vector<std::optional<std::string_view>> keys;
    for (const auto* mapping : tables) {
        schemas.emplace_back(mapping->schema);
        names.emplace_back(mapping->table);
        keys.emplace_back(mapping->key_column);
    }
    auto parameters = libpq::parameters(
        libpq::to_array_literal(schemas), libpq::to_array_literal(names), libpq::to_array_literal(keys)
    );
    const auto rows = co_await connection.execute(tables_sql, std::move(parameters));
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const auto place = tables[i]->name();
        if (!is_true(rows, i, 0))
            refuse(found, place, "table_missing", "there is no such table", "correct the mapping");
        else if (!is_true(rows, i, 1))
            refuse(
                found,
                place,
                "not_a_table",
                "a view or partitioned table is not supported",
                "map ordinary tables"
            );
        else if (!is_true(rows, i, 2))
            refuse(
                found,
                place,
                "not_logged",
                "an unlogged or temporary table has no change stream",
                "ALTER TABLE … SET LOGGED"
            );
        else if (!is_true(rows, i, 3))
            refuse(
                found,
                place,
                "no_replica_identity",
                "the key column is not part of a replica identity: published like this, the table would "
                "refuse "
                "its own application's updates or hide whose row was deleted",
                "add a primary key, or ALTER TABLE … REPLICA IDENTITY USING INDEX"
            );
    }
}

asio::awaitable<void> look_at_publication(
    libpq::Connection& connection, const AgencyNames& names, Found& found
)
{
    const auto publication =
        co_await connection.execute(publication_sql, libpq::parameters(names.publication));
    if (publication.rows() == 0)
        co_return;
    found.publication = Found::Presence::there;
    found.publishes_everything_done = is_true(publication, 0, 1);
    if (is_true(publication, 0, 0))
        refuse(
            found,
            names.publication,
            "publication_too_wide",
            "the publication publishes whole schemas or all tables",
            "drop the publication and the slot, then run setup again"
        );
    const auto tables = co_await connection.execute(published_sql, libpq::parameters(names.publication));
    for (std::size_t row = 0; row < tables.rows(); ++row) {
        const std::string schema{tables.text(row, 0)};
        const std::string table{tables.text(row, 1)};
        if (is_true(tables, row, 2))
            refuse(
                found,
                names.publication + ": " + schema + "." + table,
                "publication_filters",
                "the publication has a column list or row filter for the table",
                "ALTER PUBLICATION … SET TABLE without them"
            );
        found.published.emplace(schema, table);
    }
}

asio::awaitable<void> look_at_slot(libpq::Connection& connection, const AgencyNames& names, Found& found)
{
    const auto slot = co_await connection.execute(slot_sql, libpq::parameters(names.slot));
    if (slot.rows() == 0)
        co_return;
    found.slot = Found::Presence::there;
    if (!is_true(slot, 0, 0))
        refuse(
            found,
            names.slot,
            "slot_of_another_kind",
            "the slot belongs to another database or plugin, is temporary or decodes two-phase commits",
            "drop the slot if nobody uses it, then run setup again"
        );
    else if (!is_true(slot, 0, 1))
        refuse(
            found,
            names.slot,
            "slot_lost",
            "the server has removed WAL that the slot needed",
            "drop the slot, run setup again and survey the agency"
        );
    if (found.publication == Found::Presence::missing)
        refuse(
            found,
            names.slot,
            "slot_without_publication",
            "the slot is older than its publication would be and could never be read",
            "drop the slot, run setup again and survey the agency"
        );
}

// The origin, and whether the delivering role may use one.
asio::awaitable<void> look_at_origin(libpq::Connection& connection, const SetupRequest& request, Found& found)
{
    const auto origin = co_await connection.execute(
        "SELECT FROM pg_replication_origin WHERE roname = $1", libpq::parameters(request.names.origin)
    );
    if (origin.rows() > 0)
        found.origin = Found::Presence::there;
    const auto granted = co_await connection.execute(
        "SELECT bool_and(has_function_privilege($1, f::regprocedure, 'EXECUTE')) "
        "FROM regexp_split_to_table($2, ', (?=pg_)') f",
        libpq::parameters(request.deliver_role, origin_functions)
    );
    if (is_true(granted, 0, 0))
        found.grants = Found::Presence::there;
}

asio::awaitable<Found> look(libpq::Connection& connection, const SetupRequest& request)
{
    Found found;
    const auto wal_level = co_await connection.execute("SELECT current_setting('wal_level')");
    if (wal_level.text(0, 0) != "logical")
        refuse(
            found,
            "wal_level",
            "wal_level_too_low",
            "the server does not write what logical replication needs",
            "ALTER SYSTEM SET wal_level = logical, then restart the server"
        );
    co_await look_at_tables(connection, request.tables, found);
    co_await look_at_publication(connection, request.names, found);
    co_await look_at_slot(connection, request.names, found);
    co_await look_at_origin(connection, request, found);
    co_return found;
}

// What has to be executed, and in the report what need not.
std::vector<SetupStep> missing_steps(const SetupRequest& request, const Found& found, SetupReport& report)
{
    const auto& names = request.names;
    std::vector<SetupStep> steps;
    const auto alter = "ALTER PUBLICATION " + quote_identifier(names.publication);
    if (found.publication == Found::Presence::missing) {
        steps.push_back(publication_step(request));
    } else {
        report.found.push_back("publication " + names.publication);
        for (const auto* mapping : request.tables)
            if (!found.published.contains({mapping->schema, mapping->table}))
                steps.push_back({alter + " ADD TABLE " + table_name(*mapping), "publish " + mapping->name()});
        if (!found.publishes_everything_done)
            steps.push_back({alter + " SET (" + published_operations + ")", "publish every kind of change"});
    }
    const auto ensure = [&](Found::Presence presence, SetupStep step, std::string what) {
        if (presence == Found::Presence::missing)
            steps.push_back(std::move(step));
        else
            report.found.push_back(std::move(what));
    };
    ensure(found.slot, slot_step(names), "slot " + names.slot);
    ensure(found.origin, origin_step(names), "origin " + names.origin);
    ensure(found.grants, grant_step(request), "right of " + request.deliver_role + " to use the origin");
    return steps;
}

void notice_unmapped(const SetupRequest& request, const Found& found, SetupReport& report)
{
    for (const auto& [schema, table] : found.published) {
        const auto is_mapped = [&](const mapping::TableMapping* mapping) {
            return mapping->schema == schema && mapping->table == table;
        };
        if (std::ranges::none_of(request.tables, is_mapped))
            report.notices.push_back(
                "publication " + request.names.publication + " publishes " + schema + "." + table +
                ", which no mapping names"
            );
    }
}

asio::awaitable<void> drop_if(
    libpq::Connection& connection,
    std::string look_sql,
    std::string drop_sql,
    std::string name,
    std::string what,
    SetupReport& report
)
{
    const auto found = co_await connection.execute(std::move(look_sql), libpq::parameters(name));
    if (found.rows() == 0) {
        report.notices.push_back("there was no " + what + " " + name);
        co_return;
    }
    co_await connection.execute(std::move(drop_sql));
    report.done.push_back("dropped " + what + " " + name);
}

}  // namespace

Result<AgencyNames> agency_names(
    std::string_view bridge, const AgencyId& agency, std::string_view incarnation
)
{
    AgencyNames names;
    names.slot = "casebridge_" + std::string{bridge} + "_" + agency.value();
    names.publication = names.slot;
    names.origin = names.slot + "_" + std::string{incarnation};
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (names.slot.size() > name_length_max || !std::ranges::all_of(names.slot, allowed))
        return Error{
            ErrorClass::permanent,
            "bad_slot_name",
            names.slot,
            "the name of a replication slot has at most 63 characters of a-z, 0-9 and _",
            "give the bridge another name"};
    return names;
}

std::vector<SetupStep> setup_steps(const SetupRequest& request)
{
    return {
        publication_step(request), slot_step(request.names), origin_step(request.names), grant_step(request)};
}

asio::awaitable<SetupReport> set_up(libpq::Connection& connection, SetupRequest request)
{
    auto found = co_await look(connection, request);
    if (!found.mismatches.empty())
        throw AgencyMismatch{std::move(found.mismatches)};
    SetupReport report;
    for (const auto& step : missing_steps(request, found, report)) {
        co_await connection.execute(step.sql);
        report.done.push_back(step.purpose);
    }
    notice_unmapped(request, found, report);
    co_return report;
}

asio::awaitable<SetupReport> tear_down(libpq::Connection& connection, AgencyNames names)
{
    SetupReport report;
    co_await drop_if(
        connection,
        "SELECT FROM pg_replication_origin WHERE roname = $1",
        "SELECT pg_replication_origin_drop(" + quote_literal(names.origin) + ")",
        names.origin,
        "origin",
        report
    );
    co_await drop_if(
        connection,
        "SELECT FROM pg_replication_slots WHERE slot_name = $1",
        "SELECT pg_drop_replication_slot(" + quote_literal(names.slot) + ")",
        names.slot,
        "slot",
        report
    );
    co_await drop_if(
        connection,
        "SELECT FROM pg_publication WHERE pubname = $1",
        "DROP PUBLICATION " + quote_identifier(names.publication),
        names.publication,
        "publication",
        report
    );
    co_return report;
}

}  // namespace casebridge::postgres
