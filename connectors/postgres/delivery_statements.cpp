#include "connectors/postgres/delivery_statements.hpp"

#include "connectors/libpq/identifier.hpp"
#include "connectors/postgres/document_sql.hpp"
#include "model/assert.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_set>

namespace casebridge::postgres {
namespace {

using libpq::quote_identifier;
using pipeline::RowDelete;
using pipeline::RowInsert;
using pipeline::RowUpdate;
using Texts = std::vector<std::optional<std::string_view>>;

std::optional<std::string_view> text_of(const FieldValue& value)
{
    if (!value)
        return std::nullopt;
    return value->expose();
}

std::string numbered(std::string_view prefix, std::size_t number)
{
    return std::string{prefix} + std::to_string(number);
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string text;
    for (const auto& part : parts) {
        if (!text.empty())
            text += separator;
        text += part;
    }
    return text;
}

// Columns of text that a statement reads its rows from: `unnest($1::text[], $2::text[]) AS u(k, w0)`.
class RowSource {
public:
    void add(std::string name, const Texts& texts)
    {
        parameters_.emplace_back(libpq::to_array_literal(texts));
        arrays_.push_back(numbered("$", parameters_.size()) + "::text[]");
        names_.push_back(std::move(name));
    }

    [[nodiscard]] std::string sql() const
    {
        return "unnest(" + joined(arrays_, ", ") + ") AS u(" + joined(names_, ", ") + ")";
    }

    // A parameter beside the rows; returns its `$n`.
    std::string add_single(std::string text)
    {
        parameters_.emplace_back(std::move(text));
        return numbered("$", parameters_.size());
    }

    [[nodiscard]] libpq::Parameters take_parameters() { return std::move(parameters_); }

private:
    libpq::Parameters parameters_;
    std::vector<std::string> arrays_;
    std::vector<std::string> names_;
};

// Column and SQL of its new content, in the order of the slots; all paths of one document are one column.
class Assignments {
public:
    Assignments(const TableCatalog& table, DocumentTarget target) : table_(table), target_(target) {}

    void add(const mapping::Slot& slot, const std::string& text_sql)
    {
        const auto& column = table_.column(slot.column);
        auto found = std::ranges::find(columns_, slot.column, &Column::name);
        if (found == columns_.end())
            found = columns_.insert(columns_.end(), Column{slot.column, {}, {}});
        if (slot.path.empty())
            found->sql = text_sql + "::" + column.cast;
        else
            found->document.add(slot.path, text_sql);
    }

    struct Assignment {
        std::string column;  // Quoted.
        std::string sql;
    };

    [[nodiscard]] std::vector<Assignment> finish() const
    {
        std::vector<Assignment> assignments;
        for (const auto& column : columns_) {
            auto sql = column.sql;
            if (sql.empty())
                sql = document_sql(table_.column(column.name), column.document, target_);
            assignments.push_back({quote_identifier(column.name), std::move(sql)});
        }
        return assignments;
    }

private:
    struct Column {
        std::string name;
        std::string sql;  // Empty: a document.
        DocumentNode document;
    };

    const TableCatalog& table_;
    DocumentTarget target_;
    std::vector<Column> columns_;
};

// `concat` renders as the type's output function does, unlike a cast to text; so does the change stream. The
// collation keeps a column's lax one out of the comparison.
std::string expectation_sql(const mapping::Slot& slot, const std::string& expected)
{
    const auto column = "t." + quote_identifier(slot.column);
    if (!slot.path.empty())
        return "(" + column + " #>> " + path_constant(slot.path) + ") IS NOT DISTINCT FROM " + expected;
    return "concat(" + column + ") COLLATE pg_catalog.\"C\" = coalesce(" + expected + ", '') AND (" + column +
           " IS NULL) = (" + expected + " IS NULL)";
}

std::string key_equals(const TableCatalog& table)
{
    return "t." + quote_identifier(table.mapping->key_column) + " = u.k::" + table.key_type;
}

template <class Rows>
Texts keys_of(const Rows& rows)
{
    Texts keys;
    for (const auto* row : rows)
        keys.emplace_back(row->key.value());
    return keys;
}

// The `position`-th of one kind of slot of every row.
template <class Row>
Texts column_of(
    const std::vector<const Row*>& rows, std::vector<pipeline::SlotWrite> Row::*kind, std::size_t position
)
{
    Texts texts;
    for (const auto* row : rows)
        texts.push_back(text_of((row->*kind)[position].value));
    return texts;
}

template <class Row>
std::vector<std::string> conditions_of(
    const std::vector<const Row*>& rows, const TableCatalog& table, RowSource& source
)
{
    std::vector<std::string> conditions{key_equals(table)};
    const auto& shape = rows.front()->expectations;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const auto name = numbered("e", i);
        source.add(name, column_of(rows, &Row::expectations, i));
        conditions.push_back(expectation_sql(table.mapping->slots[shape[i].slot], "u." + name));
    }
    return conditions;
}

libpq::Statement delete_statement(const WriteBatch::Deletes& rows, const TableCatalog& table)
{
    RowSource source;
    source.add("k", keys_of(rows));
    const auto conditions = conditions_of(rows, table, source);
    return libpq::Statement{
        "DELETE FROM " + table.name + " AS t USING " + source.sql() + " WHERE " +
            joined(conditions, " AND ") + " RETURNING u.k",
        source.take_parameters()};
}

libpq::Statement update_statement(const WriteBatch::Updates& rows, const TableCatalog& table)
{
    const auto& slots = table.mapping->slots;
    const auto& shape = *rows.front();
    RowSource source;
    source.add("k", keys_of(rows));

    Assignments assignments{table, DocumentTarget::existing_row};
    for (std::size_t i = 0; i < shape.writes.size(); ++i) {
        const auto name = numbered("w", i);
        source.add(name, column_of(rows, &RowUpdate::writes, i));
        assignments.add(slots[shape.writes[i].slot], "u." + name);
    }
    const auto conditions = conditions_of(rows, table, source);

    std::vector<std::string> sets;
    for (const auto& [column, sql] : assignments.finish())
        sets.push_back(column + " = " + sql);
    return libpq::Statement{
        "UPDATE " + table.name + " AS t SET " + joined(sets, ", ") + " FROM " + source.sql() + " WHERE " +
            joined(conditions, " AND ") + " RETURNING u.k",
        source.take_parameters()};
}

libpq::Statement insert_statement(const WriteBatch::Inserts& rows, const TableCatalog& table)
{
    const auto& mapping = *table.mapping;
    RowSource source;
    source.add("k", keys_of(rows));

    Assignments assignments{table, DocumentTarget::new_row};
    for (std::size_t slot = 0; slot < mapping.slots.size(); ++slot) {
        Texts texts;
        for (const auto* row : rows) {
            CASEBRIDGE_ASSERT(row->image.size() == mapping.slots.size());
            texts.push_back(text_of(row->image[slot]));
        }
        const auto name = numbered("w", slot);
        source.add(name, texts);
        assignments.add(mapping.slots[slot], "u." + name);
    }

    const auto key = quote_identifier(mapping.key_column);
    std::vector<std::string> columns{key};
    std::vector<std::string> values{"u.k::" + table.key_type};
    for (const auto& [column, sql] : assignments.finish()) {
        columns.push_back(column);
        values.push_back(sql);
    }
    for (const auto& constant : mapping.on_insert) {
        columns.push_back(quote_identifier(constant.column));
        values.push_back(source.add_single(constant.text) + "::text::" + table.column(constant.column).cast);
    }
    const bool identity_always = std::ranges::any_of(table.columns, [](const auto& column) {
        return column.second.identity == Identity::always;
    });
    return libpq::Statement{
        "INSERT INTO " + table.name + " AS t (" + joined(columns, ", ") + ")" +
            (identity_always ? " OVERRIDING SYSTEM VALUE" : "") + " SELECT " + joined(values, ", ") +
            " FROM " + source.sql() + " ON CONFLICT" + (table.has_deferrable_unique ? " (" + key + ")" : "") +
            " DO NOTHING RETURNING concat(t." + key + ")",
        source.take_parameters()};
}

// Slots that an update writes and expects: what decides the text of its statement.
using Shape = std::pair<std::vector<std::size_t>, std::vector<std::size_t>>;

Shape shape_of(const RowUpdate& update)
{
    Shape shape;
    std::ranges::transform(update.writes, std::back_inserter(shape.first), &pipeline::SlotWrite::slot);
    std::ranges::transform(update.expectations, std::back_inserter(shape.second), &pipeline::SlotWrite::slot);
    return shape;
}

// Inserts or deletions: all of a table are written in the same way.
template <class Row>
void add_alike(MappingIndex table, const std::vector<Row>& all, std::vector<WriteBatch>& batches)
{
    std::vector<const Row*> rows;
    const auto flush = [&] {
        if (!rows.empty())
            batches.push_back({table, std::exchange(rows, {})});
    };
    for (const auto& row : all) {
        rows.push_back(&row);
        if (rows.size() == statement_rows_max)
            flush();
    }
    flush();
}

void add_updates(const pipeline::TableWrites& writes, std::vector<WriteBatch>& batches)
{
    struct Open {
        std::size_t batch;
        std::unordered_set<std::string_view> keys;
    };
    std::map<Shape, Open> open;
    for (const auto& update : writes.updates) {
        CASEBRIDGE_ASSERT(!update.writes.empty());
        auto& [batch, keys] = open.try_emplace(shape_of(update), Open{batches.size(), {}}).first->second;
        // Of two rows for one key in one statement the server applies one and says nothing.
        if (keys.empty() || keys.size() == statement_rows_max || keys.contains(update.key.value())) {
            batch = batches.size();
            keys.clear();
            batches.push_back({writes.table, WriteBatch::Updates{}});
        }
        keys.insert(update.key.value());
        std::get<WriteBatch::Updates>(batches[batch].rows).push_back(&update);
    }
}

}  // namespace

std::size_t WriteBatch::size() const
{
    return std::visit([](const auto& list) { return list.size(); }, rows);
}

RecordId WriteBatch::record(std::size_t row) const
{
    return std::visit([row](const auto& list) { return list[row]->record; }, rows);
}

const LocalKey& WriteBatch::key(std::size_t row) const
{
    return std::visit([row](const auto& list) -> const LocalKey& { return list[row]->key; }, rows);
}

std::vector<WriteBatch> write_batches(const pipeline::DeliveryPlan& plan)
{
    std::vector<WriteBatch> batches;
    for (const auto& writes : plan.tables)
        add_alike(writes.table, writes.inserts, batches);
    for (const auto& writes : plan.tables)
        add_updates(writes, batches);
    for (auto writes = plan.tables.rbegin(); writes != plan.tables.rend(); ++writes)
        add_alike(writes->table, writes->deletes, batches);
    return batches;
}

std::pair<WriteBatch, WriteBatch> halves(const WriteBatch& batch)
{
    CASEBRIDGE_ASSERT(batch.size() > 1);
    return std::visit(
        [&batch](const auto& list) {
            using List = std::decay_t<decltype(list)>;
            const auto middle = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2);
            return std::pair{
                WriteBatch{batch.table, List(list.begin(), middle)    },
                WriteBatch{batch.table, List(middle,       list.end())}
            };
        },
        batch.rows
    );
}

libpq::Statement write_statement(const WriteBatch& batch, const TableCatalog& table)
{
    CASEBRIDGE_ASSERT(batch.size() > 0);
    if (const auto* inserts = std::get_if<WriteBatch::Inserts>(&batch.rows))
        return insert_statement(*inserts, table);
    if (const auto* deletes = std::get_if<WriteBatch::Deletes>(&batch.rows))
        return delete_statement(*deletes, table);
    return update_statement(std::get<WriteBatch::Updates>(batch.rows), table);
}

}  // namespace casebridge::postgres
