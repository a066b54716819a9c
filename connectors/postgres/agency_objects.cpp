#include "connectors/postgres/agency_objects.hpp"

#include "connectors/libpq/identifier.hpp"
#include "model/assert.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace casebridge::postgres {
namespace {

using libpq::QueryResult;

constexpr auto server_sql = R"(
SELECT current_setting('server_version_num'), pg_is_in_recovery(), current_setting('wal_level'),
    current_setting('max_replication_slots'), (SELECT count(*) FROM pg_replication_slots))";

// The columns by which the server tells rows of table c apart: those of an index that it checks at once. A
// deferrable primary key is none.
constexpr auto identity_sql = R"(LATERAL (
    SELECT (x.indkey::int2[])[0:x.indnkeyatts - 1] AS attnums FROM pg_index x
    WHERE x.indrelid = c.oid AND x.indisvalid AND x.indisunique AND x.indimmediate
        AND CASE c.relreplident WHEN 'd' THEN x.indisprimary WHEN 'i' THEN x.indisreplident ELSE false END
    ) AS identity ON true)";

std::string tables_sql()
{
    return std::string{R"(
SELECT c.relkind, c.relpersistence = 'p',
    CASE WHEN c.relreplident = 'f' THEN 'full' WHEN identity.attnums IS NULL THEN 'none'
        WHEN k.attnum = ANY (identity.attnums) THEN 'with_key' ELSE 'without_key' END,
    EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid)
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(schema, name, key, i)
    LEFT JOIN pg_namespace n ON n.nspname = w.schema
    LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
    LEFT JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = w.key AND NOT k.attisdropped
    LEFT JOIN )"} +
           identity_sql + " ORDER BY w.i";
}

// The columns of a row filter are those that the entry depends on and that its list, if it has one, does not
// name: where both name a column the filter's use of it stays unseen.
std::string others_sql()
{
    return std::string{R"(
SELECT w.i - 1, p.pubname,
    CASE WHEN NOT (p.pubupdate OR p.pubdelete) THEN ''
        WHEN r.prattrs IS NOT NULL
            AND (c.relreplident = 'f' OR NOT coalesce(identity.attnums <@ r.prattrs::int2[], true)) THEN 'list'
        WHEN r.prqual IS NOT NULL AND c.relreplident <> 'f' AND EXISTS (SELECT FROM pg_depend d
            WHERE d.classid = 'pg_publication_rel'::regclass AND d.objid = r.oid
                AND d.refobjid = c.oid AND d.refobjsubid > 0
                AND NOT coalesce(d.refobjsubid = ANY (r.prattrs::int2[]), false)
                AND NOT coalesce(d.refobjsubid = ANY (identity.attnums), false)) THEN 'filter'
        ELSE '' END
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(schema, name, i)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
    CROSS JOIN pg_publication p
    LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
    LEFT JOIN )"} +
           identity_sql + R"(
WHERE p.pubname <> $3
    AND (p.puballtables OR r.oid IS NOT NULL
        OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = n.oid))
ORDER BY w.i, p.pubname)";
}

constexpr auto publication_sql = R"(
SELECT p.puballtables OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid),
    p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate
FROM pg_publication p WHERE p.pubname = $1)";

std::string published_sql()
{
    return std::string{R"(
SELECT n.nspname, c.relname, r.prqual IS NOT NULL OR r.prattrs IS NOT NULL,
    CASE WHEN c.relreplident = 'f' THEN 'full' WHEN identity.attnums IS NULL THEN 'none' ELSE 'with_key' END
FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
    JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN )"} +
           identity_sql + " WHERE p.pubname = $1 ORDER BY 1, 2";
}

constexpr auto slot_sql = R"(
SELECT plugin = 'pgoutput' AND NOT temporary AND NOT two_phase AND database = current_database(),
    wal_status IS DISTINCT FROM 'lost'
FROM pg_replication_slots WHERE slot_name = $1)";

bool is_true(const QueryResult& result, std::size_t row, std::size_t column)
{
    return result.value(row, column) == "t";
}

// A number that the server made out of a number.
std::int64_t number(const QueryResult& result, std::size_t row, std::size_t column)
{
    const auto text = result.text(row, column);
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    CASEBRIDGE_ASSERT(error == std::errc{} && stop == text.data() + text.size());
    return value;
}

ReplicaIdentity to_identity(std::string_view text)
{
    if (text == "full")
        return ReplicaIdentity::full;
    if (text == "with_key")
        return ReplicaIdentity::with_key;
    return text == "none" ? ReplicaIdentity::none : ReplicaIdentity::without_key;
}

OtherPublication::Uncovered to_uncovered(std::string_view text)
{
    if (text == "list")
        return OtherPublication::Uncovered::by_column_list;
    return text == "filter" ? OtherPublication::Uncovered::by_row_filter
                            : OtherPublication::Uncovered::nothing;
}

void read_server(const QueryResult& rows, AgencyObjects& objects)
{
    objects.server_version = static_cast<int>(number(rows, 0, 0));
    objects.recovery =
        is_true(rows, 0, 1) ? AgencyObjects::Recovery::standby : AgencyObjects::Recovery::primary;
    objects.wal_level = rows.text(0, 2);
    objects.slots_max = number(rows, 0, 3);
    objects.slots_used = number(rows, 0, 4);
}

PublishableTable read_table(const mapping::TableMapping& mapping, const QueryResult& rows, std::size_t row)
{
    PublishableTable table;
    table.schema = mapping.schema;
    table.table = mapping.table;
    if (rows.is_null(row, 0))
        return table;
    table.kind = rows.text(row, 0) == "r" ? PublishableTable::Kind::ordinary : PublishableTable::Kind::other;
    if (!is_true(rows, row, 1))
        table.persistence = PublishableTable::Persistence::not_logged;
    table.identity = to_identity(rows.text(row, 2));
    table.children = is_true(rows, row, 3) ? Presence::there : Presence::missing;
    return table;
}

std::optional<PublicationObject> read_publication(const QueryResult& rows, const QueryResult& tables)
{
    if (rows.rows() == 0)
        return std::nullopt;
    PublicationObject publication;
    if (is_true(rows, 0, 0))
        publication.extent = PublicationObject::Extent::schemas_or_all;
    if (!is_true(rows, 0, 1))
        publication.operations = PublicationObject::Operations::some;
    for (std::size_t row = 0; row < tables.rows(); ++row)
        publication.tables.push_back({
            .schema = std::string{tables.text(row, 0)},
            .table = std::string{tables.text(row, 1)},
            .extent = is_true(tables, row, 2) ? PublishedTable::Extent::part : PublishedTable::Extent::whole,
            .identity = to_identity(tables.text(row, 3)),
        });
    return publication;
}

std::optional<SlotObject> read_slot(const QueryResult& rows)
{
    if (rows.rows() == 0)
        return std::nullopt;
    return SlotObject{
        .kind = is_true(rows, 0, 0) ? SlotObject::Kind::ours : SlotObject::Kind::another,
        .wal = is_true(rows, 0, 1) ? SlotObject::Wal::kept : SlotObject::Wal::lost,
    };
}

}  // namespace

bool PublicationObject::publishes(std::string_view schema, std::string_view table) const
{
    return std::ranges::any_of(tables, [&](const PublishedTable& published) {
        return published.schema == schema && published.table == table;
    });
}

asio::awaitable<AgencyObjects> read_agency_objects(
    libpq::Connection& connection, std::string name, MappedTables tables
)
{
    std::vector<std::optional<std::string_view>> schemas;
    std::vector<std::optional<std::string_view>> names;
    std::vector<std::optional<std::string_view>> keys;
    for (const auto* mapping : tables) {
        schemas.emplace_back(mapping->schema);
        names.emplace_back(mapping->table);
        keys.emplace_back(mapping->key_column);
    }
    const auto schema_list = libpq::to_array_literal(schemas);
    const auto name_list = libpq::to_array_literal(names);
    std::vector<libpq::Statement> queries;
    queries.emplace_back(server_sql);
    queries.emplace_back(
        tables_sql(), libpq::parameters(schema_list, name_list, libpq::to_array_literal(keys))
    );
    queries.emplace_back(others_sql(), libpq::parameters(schema_list, name_list, name));
    queries.emplace_back(publication_sql, libpq::parameters(name));
    queries.emplace_back(published_sql(), libpq::parameters(name));
    queries.emplace_back(slot_sql, libpq::parameters(name));
    const auto results = co_await connection.execute_pipelined(std::move(queries));

    AgencyObjects objects;
    read_server(results[0], objects);
    for (std::size_t row = 0; row < tables.size(); ++row)
        objects.tables.push_back(read_table(*tables[row], results[1], row));
    for (std::size_t row = 0; row < results[2].rows(); ++row)
        objects.tables.at(static_cast<std::size_t>(number(results[2], row, 0)))
            .others.push_back({std::string{results[2].text(row, 1)}, to_uncovered(results[2].text(row, 2))});
    objects.publication = read_publication(results[3], results[4]);
    objects.slot = read_slot(results[5]);
    co_return objects;
}

}  // namespace casebridge::postgres
