#include "connectors/postgres/table_catalog.hpp"

#include "connectors/libpq/identifier.hpp"
#include "model/assert.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <utility>

namespace casebridge::postgres {
namespace {

using libpq::QueryResult;
using Texts = std::vector<std::optional<std::string_view>>;

// One row per mapped table, in the order asked. An index counts for the key only if it rules out a second row
// at once and for all rows. Exclusion constraints hinder ON CONFLICT as unique ones do.
constexpr auto tables_sql = R"(
SELECT c.oid IS NOT NULL, k.attnum IS NOT NULL,
    EXISTS (SELECT FROM pg_index x
        WHERE x.indrelid = c.oid AND x.indisunique AND x.indisvalid AND x.indimmediate AND x.indpred IS NULL
            AND x.indnkeyatts = 1 AND x.indkey[0] = k.attnum AND k.attnotnull),
    EXISTS (SELECT FROM pg_index x
        WHERE x.indrelid = c.oid AND (x.indisunique OR x.indisexclusion) AND NOT x.indimmediate),
    CASE WHEN k.attnum IS NOT NULL THEN pg_get_serial_sequence(format('%I.%I', w.schema, w.name), w.key) END
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(schema, name, key, i)
    LEFT JOIN pg_namespace n ON n.nspname = w.schema
    LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p')
    LEFT JOIN pg_attribute k
        ON k.attrelid = c.oid AND k.attname = w.key AND k.attnum > 0 AND NOT k.attisdropped
ORDER BY w.i)";

// One row per mapped column, in the order asked. Types are named with their schema and without a length:
// format_type() would write `character` for char(n), which means char(1).
constexpr auto columns_sql = R"(
SELECT a.attnum IS NOT NULL, CASE WHEN y.oid IS NOT NULL THEN format('%I.%I', tn.nspname, y.typname) END,
    y.typcategory = 'S',
    CASE coalesce(nullif(y.typbasetype, 0), y.oid)
        WHEN 'json'::regtype THEN 'json' WHEN 'jsonb'::regtype THEN 'jsonb' ELSE '' END,
    a.attidentity, a.attgenerated <> '', a.attnotnull, y.typcollation <> 0,
    CASE WHEN b.typcategory <> 'A' THEN '' WHEN e.typcategory IN ('S', 'E') THEN 'texts' ELSE 'others' END
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(schema, name, col, i)
    LEFT JOIN pg_namespace n ON n.nspname = w.schema
    LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p')
    LEFT JOIN pg_attribute a
        ON a.attrelid = c.oid AND a.attname = w.col AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_type y ON y.oid = a.atttypid
    LEFT JOIN pg_namespace tn ON tn.oid = y.typnamespace
    LEFT JOIN pg_type b ON b.oid = coalesce(nullif(y.typbasetype, 0), y.oid)
    LEFT JOIN pg_type e ON e.oid = b.typelem
ORDER BY w.i)";

// The foreign keys that answer a deletion by deleting or changing rows of their own table.
constexpr auto cascades_sql = R"(
SELECT w.i - 1, k.conname, format('%s.%s', tn.nspname, t.relname),
    CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(schema, name, i)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p')
    JOIN pg_constraint k ON k.contype = 'f' AND k.confrelid = c.oid AND k.confdeltype IN ('c', 'n', 'd')
    JOIN pg_class t ON t.oid = k.conrelid
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
ORDER BY w.i, 3, 2)";

// One row per column of each unique index that has columns only, in their order in it.
constexpr auto unique_sql = R"(
SELECT w.i - 1, i.relname, a.attname
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(schema, name, i)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p')
    JOIN pg_index x ON x.indrelid = c.oid AND x.indisunique AND x.indisvalid AND x.indexprs IS NULL
    JOIN pg_class i ON i.oid = x.indexrelid
    CROSS JOIN generate_series(0, x.indnkeyatts - 1) AS k(place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[k.place]
ORDER BY w.i, 2, k.place)";

std::string array_of(const Texts& texts)
{
    return libpq::to_array_literal(texts);
}

bool is_true(const QueryResult& result, std::size_t row, std::size_t column)
{
    return result.value(row, column) == "t";
}

std::set<std::string_view> mapped_columns(const mapping::TableMapping& mapping)
{
    std::set<std::string_view> columns{mapping.key_column};
    for (const auto& slot : mapping.slots)
        columns.insert(slot.column);
    for (const auto& constant : mapping.on_insert)
        columns.insert(constant.column);
    return columns;
}

class Reader {
public:
    explicit Reader(MappedTables tables) : tables_(std::move(tables))
    {
        for (const auto* mapping : tables_)
            for (const auto column : mapped_columns(*mapping))
                columns_.emplace_back(mapping, column);
        std::ranges::copy_if(tables_, std::back_inserter(deletable_), [](const auto* mapping) {
            return mapping->remote_delete == mapping::RemoteDelete::permitted;
        });
    }

    [[nodiscard]] libpq::Statement tables_query() const
    {
        Texts schemas;
        Texts names;
        Texts keys;
        for (const auto* mapping : tables_) {
            schemas.emplace_back(mapping->schema);
            names.emplace_back(mapping->table);
            keys.emplace_back(mapping->key_column);
        }
        return libpq::Statement{
            tables_sql, libpq::parameters(array_of(schemas), array_of(names), array_of(keys))};
    }

    [[nodiscard]] libpq::Statement columns_query() const
    {
        Texts schemas;
        Texts names;
        Texts columns;
        for (const auto& [mapping, column] : columns_) {
            schemas.emplace_back(mapping->schema);
            names.emplace_back(mapping->table);
            columns.emplace_back(column);
        }
        return libpq::Statement{
            columns_sql, libpq::parameters(array_of(schemas), array_of(names), array_of(columns))};
    }

    [[nodiscard]] libpq::Statement cascades_query() const { return query_of(cascades_sql, deletable_); }
    [[nodiscard]] libpq::Statement unique_query() const { return query_of(unique_sql, tables_); }

    void read_tables(const QueryResult& rows)
    {
        for (std::size_t i = 0; i < tables_.size(); ++i) {
            const auto& mapping = *tables_[i];
            if (!is_true(rows, i, 0)) {
                refuse(mapping.name(), "table_missing", "there is no such table", schema_remedy);
                continue;
            }
            auto& table = catalog_[mapping.index];
            table.mapping = &mapping;
            table.name = libpq::quote_qualified(mapping.schema, mapping.table);
            table.has_deferrable_unique = is_true(rows, i, 3);
            if (const auto sequence = rows.value(i, 4))
                table.key_sequence = *sequence;
            if (is_true(rows, i, 1))
                check_key(table, is_true(rows, i, 2));
        }
    }

    void read_columns(const QueryResult& rows)
    {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const auto& [mapping, name] = columns_[i];
            const auto found = catalog_.find(mapping->index);
            if (found == catalog_.end())
                continue;
            const auto place = mapping->name() + "." + std::string{name};
            if (!is_true(rows, i, 0)) {
                refuse(place, "column_missing", "there is no such column", schema_remedy);
                continue;
            }
            if (is_true(rows, i, 5))
                refuse(
                    place,
                    "column_generated",
                    "the column is generated: it can neither be written nor read from the stream",
                    "map the columns that it is computed from"
                );
            add_column(found->second, std::string{name}, rows, i);
        }
    }

    void read_cascades(const QueryResult& rows)
    {
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            const auto& mapping = *deletable_[std::stoul(std::string{rows.text(i, 0)})];
            const std::string constraint{rows.text(i, 1)};
            refuse(
                mapping.name() + "." + constraint,
                "delete_cascades",
                "the mapping permits deletions, and with each the server would delete or change rows of " +
                    std::string{rows.text(i, 2)} + " by itself: its foreign key is ON DELETE " +
                    std::string{rows.text(i, 3)},
                "take \"may_delete\" out of the mapping of " + mapping.name() +
                    ", or let the agency make constraint " + constraint + " of " +
                    std::string{rows.text(i, 2)} + " ON DELETE RESTRICT or NO ACTION"
            );
        }
    }

    void read_unique_keys(const QueryResult& rows)
    {
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            const auto found = catalog_.find(tables_[std::stoul(std::string{rows.text(i, 0)})]->index);
            if (found == catalog_.end())
                continue;
            auto& keys = found->second.unique_keys;
            if (keys.empty() || keys.back().name != rows.text(i, 1))
                keys.push_back({std::string{rows.text(i, 1)}, {}});
            keys.back().columns.emplace_back(rows.text(i, 2));
        }
    }

    [[nodiscard]] AgencyCatalog finish()
    {
        for (const auto& [index, table] : catalog_) {
            for (const auto& slot : table.mapping->slots)
                check_slot(table, slot);
            for (const auto& unit : table.mapping->units)
                for (const auto& binding : unit.bindings)
                    if (const auto* set = std::get_if<mapping::SetCodec>(&binding.codec))
                        check_set(table, table.mapping->slots[binding.slot], *set);
        }
        if (!mismatches_.empty())
            throw AgencyMismatch{std::move(mismatches_)};
        return std::move(catalog_);
    }

private:
    // With the names of the tables, as two arrays.
    static libpq::Statement query_of(const char* sql, const MappedTables& tables)
    {
        Texts schemas;
        Texts names;
        for (const auto* mapping : tables) {
            schemas.emplace_back(mapping->schema);
            names.emplace_back(mapping->table);
        }
        return libpq::Statement{sql, libpq::parameters(array_of(schemas), array_of(names))};
    }

    static constexpr auto schema_remedy = "correct the mapping, or the table if it was changed by mistake";

    void refuse(std::string place, std::string code, std::string message, std::string remedy)
    {
        mismatches_.push_back(
            {ErrorClass::permanent, std::move(code), std::move(place), std::move(message), std::move(remedy)}
        );
    }

    void check_key(const TableCatalog& table, bool has_unique_index)
    {
        const auto& mapping = *table.mapping;
        const auto place = mapping.name() + "." + mapping.key_column;
        if (!has_unique_index)
            refuse(
                place,
                "key_not_unique",
                "the key column may be NULL or has no unique index of its own that is checked at once",
                "map the primary key, or add a unique index on this column"
            );
        if (mapping.new_key == mapping::NewKey::sequence && !table.key_sequence)
            refuse(
                place,
                "key_without_sequence",
                "the key column owns no sequence that new keys could be taken from",
                "make the sequence OWNED BY the column, or take uuids"
            );
    }

    static void add_column(TableCatalog& table, std::string name, const QueryResult& rows, std::size_t row)
    {
        ColumnCatalog column;
        const std::string type{rows.text(row, 1)};
        column.cast = is_true(rows, row, 2) ? "text" : type;
        if (rows.text(row, 3) == "json")
            column.document = DocumentType::json;
        else if (rows.text(row, 3) == "jsonb")
            column.document = DocumentType::jsonb;
        if (rows.text(row, 8) == "texts")
            column.array = ArrayType::of_texts;
        else if (rows.text(row, 8) == "others")
            column.array = ArrayType::of_others;
        if (rows.text(row, 4) == "a")
            column.identity = Identity::always;
        else if (rows.text(row, 4) == "d")
            column.identity = Identity::by_default;
        column.not_null = is_true(rows, row, 6);
        if (name == table.mapping->key_column) {
            table.key_type = type;
            if (is_true(rows, row, 7))
                table.key_collation = R"( COLLATE pg_catalog."C")";
        }
        column.name = name;
        table.columns.emplace(std::move(name), std::move(column));
    }

    void check_slot(const TableCatalog& table, const mapping::Slot& slot)
    {
        const auto place = table.mapping->name() + "." + slot.column;
        const auto column = table.columns.find(slot.column);
        if (column != table.columns.end() && !slot.path.empty() &&
            column->second.document == DocumentType::none)
            refuse(
                place,
                "not_a_document",
                "the mapping names a path inside the column, but it is neither json nor jsonb",
                schema_remedy
            );
        const auto leads_through = [&](const mapping::Slot& other) {
            return other.column == slot.column && other.path.size() < slot.path.size() &&
                   std::equal(other.path.begin(), other.path.end(), slot.path.begin());
        };
        if (std::ranges::any_of(table.mapping->slots, leads_through))
            refuse(
                place,
                "overlapping_paths",
                "one mapped place of the document contains another",
                "map each place of a document once"
            );
    }

    void check_set(const TableCatalog& table, const mapping::Slot& slot, const mapping::SetCodec& set)
    {
        const auto column = table.columns.find(slot.column);
        if (column == table.columns.end())
            return;
        const auto place = table.mapping->name() + "." + slot.column;
        const auto array = column->second.array;
        if (std::holds_alternative<mapping::SetCodec::Array>(set.form) && array != ArrayType::of_texts)
            refuse(
                place,
                "not_an_array",
                "the mapping says that the column is a set in an array, but it is no array of texts",
                "map the column with the \"separator\" of its elements, or make it text[]"
            );
        else if (std::holds_alternative<mapping::SetCodec::Separated>(set.form) && array != ArrayType::none)
            refuse(
                place,
                "not_an_array",
                "the mapping names a separator, but the column is an array",
                "take the \"separator\" out of the mapping"
            );
    }

    MappedTables tables_;
    MappedTables deletable_;  // Those of which rows may be deleted.
    std::vector<std::pair<const mapping::TableMapping*, std::string_view>> columns_;
    AgencyCatalog catalog_;
    std::vector<Error> mismatches_;
};

}  // namespace

const ColumnCatalog& TableCatalog::column(std::string_view column_name) const
{
    const auto found = columns.find(column_name);
    CASEBRIDGE_ASSERT(found != columns.end());
    return found->second;
}

const UniqueKey* TableCatalog::find_unique_key(std::string_view key_name) const
{
    const auto found = std::ranges::find(unique_keys, key_name, &UniqueKey::name);
    return found == unique_keys.end() ? nullptr : &*found;
}

asio::awaitable<AgencyCatalog> read_catalog(libpq::Connection& connection, MappedTables tables)
{
    Reader reader{std::move(tables)};
    std::vector<libpq::Statement> queries{
        reader.tables_query(), reader.columns_query(), reader.cascades_query(), reader.unique_query()};
    const auto results = co_await connection.execute_pipelined(std::move(queries));
    reader.read_tables(results[0]);
    reader.read_columns(results[1]);
    reader.read_cascades(results[2]);
    reader.read_unique_keys(results[3]);
    co_return reader.finish();
}

}  // namespace casebridge::postgres
