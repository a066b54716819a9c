#include "hub/row_set.hpp"

#include <utility>

namespace casebridge::hub {
namespace {

void append(std::string& out, std::string_view separator, std::string_view text)
{
    if (!out.empty())
        out.append(separator);
    out.append(text);
}

}  // namespace

libpq::Parameters RowSet::take()
{
    libpq::Parameters parameters;
    for (auto& array : arrays_)
        parameters.emplace_back(array.take());
    rows_ = 0;
    return parameters;
}

std::string RowSet::names() const
{
    std::string names;
    for (const auto& column : columns_)
        append(names, ", ", column.name);
    return names;
}

std::string RowSet::source(std::size_t first_parameter) const
{
    std::string arrays;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        append(arrays, ", ", "$" + std::to_string(first_parameter + i) + "::");
        arrays.append(columns_[i].type).append("[]");
    }
    return "unnest(" + arrays + ") AS n(" + names() + ")";
}

std::string RowSet::same(Compared compared) const
{
    std::string condition;
    for (const auto& column : columns_) {
        if (compared == Compared::key && column.use != ColumnUse::key)
            continue;
        const std::string name{column.name};
        append(condition, " AND ", "n." + name + " = t." + name);
    }
    return condition;
}

std::string RowSet::insert_selected() const
{
    std::string values;
    for (const auto& column : columns_)
        append(
            values,
            ", ",
            column.expression.empty() ? "n." + std::string{column.name} : std::string{column.expression}
        );
    return "INSERT INTO casebridge." + std::string{table_} + " AS t (" + names() + ") SELECT " + values +
           " FROM " + source(1);
}

libpq::Statement RowSet::upsert(Unchanged unchanged, std::string_view guard)
{
    std::string keys, changes, old_values, new_values;
    for (const auto& column : columns_) {
        if (column.use == ColumnUse::key) {
            append(keys, ", ", column.name);
            continue;
        }
        const std::string name{column.name};
        append(changes, ", ", name + " = excluded." + name);
        append(old_values, ", ", "t." + name);
        append(new_values, ", ", "excluded." + name);
    }
    auto sql = insert_selected() + " ON CONFLICT (" + keys + ") DO UPDATE SET " + changes + " WHERE (";
    sql.append(guard).append(")");
    if (unchanged == Unchanged::skip)
        sql += " AND (" + old_values + ") IS DISTINCT FROM (" + new_values + ")";
    return libpq::Statement{std::move(sql), take()};
}

libpq::Statement RowSet::insert()
{
    auto sql = insert_selected();
    return libpq::Statement{std::move(sql), take()};
}

libpq::Statement RowSet::insert_missing()
{
    auto sql = insert_selected() + " WHERE NOT EXISTS (SELECT FROM casebridge." + std::string{table_} +
               " t WHERE " + same(Compared::all) + ")";
    return libpq::Statement{std::move(sql), take()};
}

libpq::Statement RowSet::remove()
{
    auto sql = "DELETE FROM casebridge." + std::string{table_} + " t USING " + source(1) + " WHERE " +
               same(Compared::key);
    return libpq::Statement{std::move(sql), take()};
}

libpq::Statement RowSet::remove_others(const std::string& records) const
{
    auto parameters = libpq::parameters(records);
    for (const auto& array : arrays_)
        parameters.emplace_back(array.copy());
    auto sql = "DELETE FROM casebridge." + std::string{table_} + " t WHERE t.record = ANY($1::bigint[])" +
               " AND NOT EXISTS (SELECT FROM " + source(2) + " WHERE " + same(Compared::key) +
               " AND n.record = t.record)";
    return libpq::Statement{std::move(sql), std::move(parameters)};
}

}  // namespace casebridge::hub
