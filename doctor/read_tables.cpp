#include "doctor/examined_session.hpp"

#include <functional>
#include <utility>

namespace casebridge::doctor {
namespace {

// The mapped tables that exist, each with its position as the first column of every answer.
constexpr std::string_view from_mapped = R"(
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(schema, name, key, i)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p')
)";

// A survey orders keys of types with collations by "C".
constexpr std::string_view tables_select = R"(
SELECT w.i - 1, c.relrowsecurity,
    EXISTS (SELECT FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid JOIN pg_am m ON m.oid = ic.relam
        WHERE x.indrelid = c.oid AND m.amname = 'btree' AND x.indisvalid AND x.indpred IS NULL
            AND x.indkey[0] = k.attnum AND (y.typcollation = 0 OR x.indcollation[0] = 'pg_catalog."C"'::regcollation)))";
constexpr std::string_view tables_where = R"(
    LEFT JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = w.key AND NOT k.attisdropped
    LEFT JOIN pg_type y ON y.oid = k.atttypid
ORDER BY 1)";

constexpr std::string_view triggers_select = R"(
SELECT w.i - 1, t.tgname, t.tgenabled = 'R',
    CASE WHEN t.tgtype & 2 > 0 THEN 'BEFORE ' WHEN t.tgtype & 64 > 0 THEN 'INSTEAD OF ' ELSE 'AFTER ' END
        || CASE WHEN t.tgtype & 20 = 20 THEN 'INSERT OR UPDATE' WHEN t.tgtype & 4 > 0 THEN 'INSERT' ELSE 'UPDATE' END
        || CASE t.tgenabled WHEN 'A' THEN ', ENABLE ALWAYS' ELSE '' END)";
constexpr std::string_view triggers_where = R"(
    JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 20 > 0
ORDER BY 1, 2)";

constexpr std::string_view rules_select = "SELECT w.i - 1, r.rulename";
constexpr std::string_view rules_where = R"(
    JOIN pg_rewrite r ON r.ev_class = c.oid AND r.ev_type IN ('2', '3') AND r.ev_enabled IN ('O', 'A')
ORDER BY 1, 2)";

constexpr std::string_view columns_select = R"(
SELECT w.i - 1, a.attname, a.attnotnull OR y.typnotnull,
    a.atthasdef OR a.attidentity <> '' OR y.typdefault IS NOT NULL, a.attidentity = 'a')";
constexpr std::string_view columns_where = R"(
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type y ON y.oid = a.atttypid
ORDER BY 1, a.attnum)";

constexpr std::string_view uniques_select = R"(
SELECT w.i - 1, ic.relname, NOT x.indimmediate,
    (SELECT string_agg(a.attname, E'\n' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1])))";
constexpr std::string_view uniques_where = R"(
    JOIN pg_index x ON x.indrelid = c.oid AND (x.indisunique OR x.indisexclusion)
    JOIN pg_class ic ON ic.oid = x.indexrelid
ORDER BY 1, 2)";

constexpr std::string_view foreign_keys_select = R"(
SELECT w.i - 1, f.conname, fn.nspname || '.' || fc.relname,
    (SELECT string_agg(a.attname, E'\n' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum = ANY (f.conkey)))";
constexpr std::string_view foreign_keys_where = R"(
    JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f'
    JOIN pg_class fc ON fc.oid = f.confrelid JOIN pg_namespace fn ON fn.oid = fc.relnamespace
ORDER BY 1, 2)";

std::string question(std::string_view select, std::string_view where)
{
    return std::string{select} + std::string{from_mapped} + std::string{where};
}

using Tables = std::vector<std::optional<TableFacts>>;

void each(
    const libpq::QueryResult& answer,
    Tables& tables,
    const std::function<void(TableFacts&, const AnswerRow&)>& take
)
{
    for (std::size_t i = 0; i < answer.rows(); ++i) {
        const AnswerRow row{answer, i};
        auto& table = tables.at(static_cast<std::size_t>(row.number(0)));
        if (!table)
            table.emplace();
        take(*table, row);
    }
}

}  // namespace

asio::awaitable<std::vector<std::optional<TableFacts>>> read_tables(
    libpq::Connection& connection, std::vector<TableUse> uses
)
{
    const auto [schemas, names, keys] = array_literals(uses);
    const auto parameters = libpq::parameters(schemas, names, keys);
    std::vector<libpq::Statement> queries;
    queries.emplace_back(question(tables_select, tables_where), parameters);
    queries.emplace_back(question(triggers_select, triggers_where), parameters);
    queries.emplace_back(question(rules_select, rules_where), parameters);
    queries.emplace_back(question(columns_select, columns_where), parameters);
    queries.emplace_back(question(uniques_select, uniques_where), parameters);
    queries.emplace_back(question(foreign_keys_select, foreign_keys_where), parameters);
    const auto answers = co_await connection.execute_pipelined(std::move(queries));

    Tables tables(uses.size());
    each(answers[0], tables, [](TableFacts& table, const AnswerRow& row) {
        table.row_security = row.flag(1);
        table.key_in_survey_order = row.flag(2);
    });
    each(answers[1], tables, [](TableFacts& table, const AnswerRow& row) {
        using Fires = TriggerFacts::Fires;
        table.triggers.push_back(
            {row.text(1), row.text(3), row.flag(2) ? Fires::in_replica_sessions_only : Fires::on_delivery}
        );
    });
    each(answers[2], tables, [](TableFacts& table, const AnswerRow& row) {
        table.rules.push_back(row.text(1));
    });
    each(answers[3], tables, [](TableFacts& table, const AnswerRow& row) {
        table.columns.push_back({row.text(1), row.flag(2), row.flag(3), row.flag(4)});
    });
    each(answers[4], tables, [](TableFacts& table, const AnswerRow& row) {
        table.uniques.push_back({row.text(1), row.lines(3), row.flag(2)});
    });
    each(answers[5], tables, [](TableFacts& table, const AnswerRow& row) {
        table.foreign_keys.push_back({row.text(1), row.lines(3), row.text(2)});
    });
    co_return tables;
}

}  // namespace casebridge::doctor
