#include "doctor/examined_session.hpp"

#include <utility>

namespace casebridge::doctor {
namespace {

constexpr auto tables_sql = R"(
SELECT coalesce(pg_has_role(current_user, c.relowner, 'MEMBER'), false),
    coalesce(has_schema_privilege(n.oid, 'USAGE'), false),
    (SELECT string_agg(p, E'\n') FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',
        'REFERENCES', 'TRIGGER']) AS p WHERE has_table_privilege(c.oid, p)),
    s.name, s.privileges
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(schema, name, key, i)
    LEFT JOIN pg_namespace n ON n.nspname = w.schema
    LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
    LEFT JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = w.key AND NOT k.attisdropped
    LEFT JOIN LATERAL (
        SELECT format('%I.%I', qn.nspname, q.relname) AS name,
            (SELECT string_agg(p, E'\n') FROM unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS p
                WHERE has_sequence_privilege(q.oid, p)) AS privileges
        FROM pg_depend d JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S'
            JOIN pg_namespace qn ON qn.oid = q.relnamespace
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid = c.oid AND d.refobjsubid = k.attnum AND d.deptype IN ('a', 'i')
        LIMIT 1) AS s ON true
ORDER BY w.i)";

constexpr auto columns_sql = R"(
SELECT w.i - 1, p, a.attname
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(schema, name, i)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS p
WHERE has_column_privilege(c.oid, a.attnum, p))";

// Every relation that is neither mapped nor the sequence of a mapped key, and what else a grant can open. Who
// granted it decides what may be revoked: a grant to PUBLIC serves the agency's own application, perhaps.
constexpr auto others_sql = R"(
WITH mapped AS (
    SELECT c.oid, k.attnum
    FROM unnest($1::text[], $2::text[], $3::text[]) AS w(schema, name, key)
        JOIN pg_namespace n ON n.nspname = w.schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
        LEFT JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = w.key
), held AS (
    SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
        format('%I.%I', n.nspname, c.relname) AS name, p AS privilege,
        c.relacl || (SELECT array_agg(item) FROM pg_attribute a, unnest(a.attacl) AS item
            WHERE a.attrelid = c.oid) AS acl
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN unnest(CASE c.relkind WHEN 'S' THEN ARRAY['USAGE', 'SELECT', 'UPDATE']
            ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'] END) AS p
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname <> 'information_schema'
        AND n.nspname !~ '^pg_' AND NOT EXISTS (SELECT FROM mapped m WHERE m.oid = c.oid)
        AND NOT EXISTS (SELECT FROM mapped m JOIN pg_depend d ON d.refobjid = m.oid AND d.refobjsubid = m.attnum
            WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                AND d.objid = c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i'))
        AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, p)
            WHEN p IN ('SELECT', 'INSERT', 'UPDATE') THEN has_any_column_privilege(c.oid, p)
            ELSE has_table_privilege(c.oid, p) END
    UNION ALL
    SELECT 'SCHEMA', quote_ident(n.nspname), 'CREATE', n.nspacl FROM pg_namespace n
    WHERE n.nspname !~ '^pg_' AND has_schema_privilege(n.oid, 'CREATE')
    UNION ALL
    SELECT 'DATABASE', quote_ident(d.datname), 'CREATE', d.datacl FROM pg_database d
    WHERE d.datname = current_database() AND has_database_privilege(d.oid, 'CREATE')
    UNION ALL
    SELECT 'FUNCTION', f.oid::regprocedure::text, 'EXECUTE', coalesce(f.proacl, acldefault('f', f.proowner))
    FROM pg_proc f
    WHERE f.pronamespace = 'pg_catalog'::regnamespace AND f.proname ~ '^pg_replication_origin_'
        AND has_function_privilege(f.oid, 'EXECUTE')
        AND f.oid NOT IN (SELECT g::regprocedure::oid FROM regexp_split_to_table($4, ', (?=pg_)') AS g)
    UNION ALL
    SELECT 'PARAMETER', 'session_replication_role', 'SET',
        (SELECT a.paracl FROM pg_parameter_acl a WHERE a.parname = 'session_replication_role')
    WHERE has_parameter_privilege('session_replication_role', 'SET')
), judged AS (
    SELECT h.kind, h.name, h.privilege, CASE
        WHEN EXISTS (SELECT FROM aclexplode(h.acl) AS g
            WHERE g.privilege_type = h.privilege AND g.grantee = (SELECT oid FROM pg_roles WHERE rolname = current_user))
            THEN 'grant'
        WHEN EXISTS (SELECT FROM aclexplode(h.acl) AS g WHERE g.privilege_type = h.privilege AND g.grantee = 0)
            THEN 'everybody'
        ELSE 'other' END AS through
    FROM held h
)
SELECT kind, name, string_agg(privilege, ', '), through FROM judged GROUP BY kind, name, through ORDER BY 1, 2, 4)";

constexpr auto functions_sql = R"(
SELECT f FROM regexp_split_to_table($1, ', (?=pg_)') AS f
WHERE NOT has_function_privilege(f::regprocedure, 'EXECUTE') ORDER BY 1)";

OtherObject::Through to_through(std::string_view text)
{
    if (text == "grant")
        return OtherObject::Through::grant;
    return text == "everybody" ? OtherObject::Through::everybody : OtherObject::Through::other;
}

std::set<std::string, std::less<>> to_set(std::vector<std::string> lines)
{
    return {std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end())};
}

TableGrants to_table(const AnswerRow& row)
{
    TableGrants grants;
    grants.owner = row.flag(0);
    grants.schema_usage = row.flag(1);
    grants.on_table = to_set(row.lines(2));
    if (!row.is_null(3))
        grants.key_sequence = row.text(3);
    grants.on_sequence = to_set(row.lines(4));
    return grants;
}

}  // namespace

asio::awaitable<GrantFacts> read_grants(
    libpq::Connection& connection, std::vector<TableUse> uses, std::string functions
)
{
    const auto [schemas, names, keys] = array_literals(uses);
    std::vector<libpq::Statement> queries;
    queries.emplace_back(tables_sql, libpq::parameters(schemas, names, keys));
    queries.emplace_back(columns_sql, libpq::parameters(schemas, names));
    queries.emplace_back(others_sql, libpq::parameters(schemas, names, keys, functions));
    queries.emplace_back(functions_sql, libpq::parameters(functions));
    const auto answers = co_await connection.execute_pipelined(std::move(queries));

    GrantFacts facts;
    for (std::size_t i = 0; i < answers[0].rows(); ++i)
        facts.tables.push_back(to_table(AnswerRow{answers[0], i}));
    for (std::size_t i = 0; i < answers[1].rows(); ++i) {
        const AnswerRow row{answers[1], i};
        facts.tables.at(static_cast<std::size_t>(row.number(0))).columns[row.text(1)].insert(row.text(2));
    }
    for (std::size_t i = 0; i < answers[2].rows(); ++i) {
        const AnswerRow row{answers[2], i};
        facts.others.push_back({row.text(0), row.text(1), row.text(2), to_through(row.text(3))});
    }
    for (std::size_t i = 0; i < answers[3].rows(); ++i)
        facts.functions_missing.push_back(AnswerRow{answers[3], i}.text(0));
    co_return facts;
}

}  // namespace casebridge::doctor
