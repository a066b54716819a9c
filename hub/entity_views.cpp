#include "hub/entity_views.hpp"

#include "connectors/libpq/identifier.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace casebridge::hub {
namespace {

namespace asio = boost::asio;
using libpq::Statement;

constexpr auto schema = "casebridge_view";

// The golden text as a value of the column's type.
std::string typed(FieldType type, const std::string& text)
{
    const auto guarded = [&](const char* function) {
        return std::string{schema} + "." + function + "(" + text + ")";
    };
    switch (type) {
        case FieldType::text:
        case FieldType::code:
            return text;
        case FieldType::integer:
        case FieldType::decimal:
            return guarded("to_numeric");
        case FieldType::boolean:
            return guarded("to_boolean");
        case FieldType::date:
            return guarded("to_date");
        case FieldType::timestamp:
            return guarded("to_timestamptz");
        case FieldType::reference:
            return guarded("to_record");
        case FieldType::set:
            return guarded("to_texts");
    }
    return text;
}

std::string column_name(const std::string& field, std::set<std::string>& taken)
{
    auto name = field;
    std::ranges::replace(name, '.', '_');
    if (!taken.insert(name).second) {
        name = field;
        while (!taken.insert(name).second)
            name += "_";
    }
    return name;
}

Statement drop_view(const std::string& entity)
{
    return Statement{"DROP VIEW IF EXISTS " + libpq::quote_qualified(schema, entity)};
}

}  // namespace

std::string view_query(const EntityDefinition& entity)
{
    std::set<std::string> taken{"record_id", "last_seq", "held", "linked_agencies"};
    std::string columns = "r.id AS record_id";
    for (const auto& field : entity.fields) {
        const auto text = "(r.golden ->> " + libpq::quote_literal(field.name) + ")";
        columns +=
            ", " + typed(field.type, text) + " AS " + libpq::quote_identifier(column_name(field.name, taken));
    }
    return "SELECT " + columns +
           ", r.last_seq, coalesce(h.units, '{}') AS held, coalesce(l.agencies, '{}') AS linked_agencies"
           " FROM casebridge.record r"
           " LEFT JOIN (SELECT record, array_agg(unit ORDER BY unit) AS units FROM casebridge.hold"
           " GROUP BY record) h ON h.record = r.id"
           " LEFT JOIN (SELECT record, array_agg(DISTINCT agency) AS agencies FROM casebridge.link"
           " WHERE state = 'live' GROUP BY record) l ON l.record = r.id"
           " WHERE r.entity = " +
           libpq::quote_literal(entity.name);
}

asio::awaitable<void> refresh_views(libpq::Connection& connection, CanonicalModel model)
{
    const auto known = co_await connection.execute("SELECT entity, definition FROM casebridge.entity_view");
    std::map<std::string, std::string> old;
    for (std::size_t i = 0; i < known.rows(); ++i)
        old.emplace(known.text(i, 0), known.text(i, 1));

    std::vector<Statement> statements;
    for (const auto& entity : model.entities) {
        auto query = view_query(entity);
        const auto found = old.find(entity.name);
        const auto changed = found == old.end() || found->second != query;
        if (found != old.end())
            old.erase(found);
        if (!changed)
            continue;
        statements.push_back(drop_view(entity.name));
        statements.emplace_back(
            "CREATE VIEW " + libpq::quote_qualified(schema, entity.name) + " AS " + query
        );
        statements.emplace_back(
            "INSERT INTO casebridge.entity_view (entity, definition) VALUES ($1, $2)"
            " ON CONFLICT (entity) DO UPDATE SET definition = excluded.definition",
            libpq::parameters(entity.name, std::move(query))
        );
    }
    for (const auto& [entity, query] : old) {
        statements.push_back(drop_view(entity));
        statements.emplace_back(
            "DELETE FROM casebridge.entity_view WHERE entity = $1", libpq::parameters(entity)
        );
    }
    if (!statements.empty())
        co_await connection.execute_pipelined(std::move(statements));
}

}  // namespace casebridge::hub
