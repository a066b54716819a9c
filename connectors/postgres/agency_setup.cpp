#include "connectors/postgres/agency_setup.hpp"

#include "connectors/libpq/identifier.hpp"
#include "connectors/postgres/agency_objects.hpp"

#include <algorithm>

namespace casebridge::postgres {
namespace {

using libpq::quote_identifier;
using libpq::quote_literal;

constexpr std::size_t name_length_max = 63;
constexpr auto published_operations = "publish = 'insert, update, delete, truncate'";

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
        "GRANT EXECUTE ON FUNCTION " + std::string{origin_functions} + " TO " +
            quote_identifier(request.deliver_role),
        "let the delivering role use the origin"};
}

// What there is, as the catalogs say.
struct Found {
    AgencyObjects objects;
    Presence origin = Presence::missing;
    Presence grants = Presence::missing;
};

bool is_true(const libpq::QueryResult& result, std::size_t row, std::size_t column)
{
    return result.value(row, column) == "t";
}

// The origin, and whether the delivering role may use one.
asio::awaitable<void> look_at_origin(libpq::Connection& connection, const SetupRequest& request, Found& found)
{
    const auto origin = co_await connection.execute(
        "SELECT FROM pg_replication_origin WHERE roname = $1", libpq::parameters(request.names.origin)
    );
    if (origin.rows() > 0)
        found.origin = Presence::there;
    const auto granted = co_await connection.execute(
        "SELECT bool_and(has_function_privilege($1, f::regprocedure, 'EXECUTE')) "
        "FROM regexp_split_to_table($2, ', (?=pg_)') f",
        libpq::parameters(request.deliver_role, std::string{origin_functions})
    );
    if (is_true(granted, 0, 0))
        found.grants = Presence::there;
}

asio::awaitable<Found> look(libpq::Connection& connection, const SetupRequest& request)
{
    Found found;
    found.objects = co_await read_agency_objects(connection, request.names.slot, request.tables);
    co_await look_at_origin(connection, request, found);
    co_return found;
}

// What has to be executed, and in the report what need not.
std::vector<SetupStep> missing_steps(const SetupRequest& request, const Found& found, SetupReport& report)
{
    const auto& names = request.names;
    std::vector<SetupStep> steps;
    const auto alter = "ALTER PUBLICATION " + quote_identifier(names.publication);
    if (const auto& publication = found.objects.publication; !publication) {
        steps.push_back(publication_step(request));
    } else {
        report.found.push_back("publication " + names.publication);
        for (const auto* mapping : request.tables)
            if (!publication->publishes(mapping->schema, mapping->table))
                steps.push_back({alter + " ADD TABLE " + table_name(*mapping), "publish " + mapping->name()});
        if (publication->operations == PublicationObject::Operations::some)
            steps.push_back({alter + " SET (" + published_operations + ")", "publish every kind of change"});
    }
    const auto ensure = [&](Presence presence, SetupStep step, std::string what) {
        if (presence == Presence::missing)
            steps.push_back(std::move(step));
        else
            report.found.push_back(std::move(what));
    };
    ensure(found.objects.slot ? Presence::there : Presence::missing, slot_step(names), "slot " + names.slot);
    ensure(found.origin, origin_step(names), "origin " + names.origin);
    ensure(found.grants, grant_step(request), "right of " + request.deliver_role + " to use the origin");
    return steps;
}

void notice_unmapped(const SetupRequest& request, const Found& found, SetupReport& report)
{
    if (!found.objects.publication)
        return;
    for (const auto& published : found.objects.publication->tables) {
        const auto is_mapped = [&](const mapping::TableMapping* mapping) {
            return mapping->schema == published.schema && mapping->table == published.table;
        };
        if (std::ranges::none_of(request.tables, is_mapped))
            report.notices.push_back(
                "publication " + request.names.publication + " publishes " + published.name() +
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
    const auto found = co_await look(connection, request);
    if (auto mismatches = hindrances(found.objects, request.names.slot); !mismatches.empty())
        throw AgencyMismatch{std::move(mismatches)};
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
