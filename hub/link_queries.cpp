#include "hub/link_queries.hpp"

#include "hub/row_texts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace casebridge::hub {

namespace {

namespace asio = boost::asio;
using libpq::QueryResult;
using Json = nlohmann::ordered_json;

constexpr auto doubts_sql =
    "SELECT p.agency, p.table_name, p.local_key, p.code, p.envelope -> 'candidates' FROM casebridge.parked p"
    " WHERE p.envelope ? 'candidates' ORDER BY 1, 2, p.local_key COLLATE \"C\" LIMIT $1::bigint";

constexpr auto doubt_sql =
    "SELECT p.agency, p.table_name, p.local_key, p.code, p.envelope -> 'candidates', p.payload -> 'image'"
    " FROM casebridge.parked p"
    " WHERE p.envelope ? 'candidates' AND p.agency = $1 AND p.table_name = $2 AND p.local_key = $3";

constexpr auto golden_sql = "SELECT golden FROM casebridge.record WHERE id = $1::bigint";

const mapping::TableMapping* find_table(
    const pipeline::BridgeDefinition& definition, std::string_view agency, std::string_view name
)
{
    const auto found = std::ranges::find_if(definition.tables, [&](const mapping::TableMapping& table) {
        return table.agency.value() == agency && table.name() == name;
    });
    return found == definition.tables.end() ? nullptr : &*found;
}

DoubtfulRow doubt_at(const QueryResult& rows, std::size_t row, const std::string& entity)
{
    DoubtfulRow doubt{
        .agency = std::string{rows.text(row, 0)},
        .entity = entity,
        .key = LocalKey{std::string{rows.text(row, 2)}},
        .code = std::string{rows.text(row, 3)},
        .candidates = {},
    };
    for (const auto& candidate : Json::parse(rows.text(row, 4)))
        doubt.candidates.push_back(
            {RecordId{candidate.at("record").get<std::int64_t>()},
             candidate.at("rules").get<std::vector<std::string>>()}
        );
    return doubt;
}

NamedValues values_of(std::optional<std::string_view> object)
{
    NamedValues values;
    if (!object)
        return values;
    const auto json = Json::parse(*object);
    for (const auto& [name, text] : json.items())
        values.emplace_back(name, text.is_string() ? std::optional{text.get<std::string>()} : std::nullopt);
    return values;
}

}  // namespace

asio::awaitable<std::vector<DoubtfulRow>> list_doubts(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, std::size_t limit
)
{
    const auto rows = co_await connection.execute(doubts_sql, libpq::parameters(std::to_string(limit)));
    std::vector<DoubtfulRow> doubts;
    for (std::size_t i = 0; i < rows.rows(); ++i)
        if (const auto* table = find_table(definition, rows.text(i, 0), rows.text(i, 1)))
            doubts.push_back(doubt_at(rows, i, definition.model.entity(table->entity).name));
    co_return doubts;
}

asio::awaitable<std::optional<ShownDoubt>> show_doubt(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    std::string agency,
    std::string entity,
    LocalKey key
)
{
    const auto index = definition.model.find_entity(entity);
    const auto* table = index ? definition.table_of(AgencyId{agency}, *index) : nullptr;
    if (table == nullptr)
        co_return std::nullopt;
    const auto name = table->name();
    const auto rows = co_await connection.execute(doubt_sql, libpq::parameters(agency, name, key.value()));
    if (rows.rows() == 0)
        co_return std::nullopt;
    ShownDoubt shown;
    shown.row = doubt_at(rows, 0, entity);
    shown.columns = values_of(rows.value(0, 5));
    for (const auto& candidate : shown.row.candidates) {
        const auto golden = co_await connection.execute(
            golden_sql, libpq::parameters(std::to_string(candidate.record.value()))
        );
        shown.records.push_back(golden.rows() == 0 ? NamedValues{} : values_of(golden.value(0, 0)));
    }
    co_return shown;
}

}  // namespace casebridge::hub
