#include "hub/link_queries.hpp"

#include "hub/array_text.hpp"
#include "hub/case_rows.hpp"
#include "hub/failure.hpp"
#include "hub/row_texts.hpp"
#include "hub/stored_json.hpp"

#include <algorithm>
#include <map>

namespace casebridge::hub {

namespace {

namespace asio = boost::asio;
using libpq::QueryResult;

constexpr auto doubts_sql =
    "SELECT p.agency, p.table_name, p.local_key, p.code, p.envelope -> 'candidates' FROM casebridge.parked p"
    " WHERE p.envelope ? 'candidates' ORDER BY 1, 2, p.local_key COLLATE \"C\" LIMIT $1::bigint";

constexpr auto doubt_sql =
    "SELECT p.agency, p.table_name, p.local_key, p.code, p.envelope -> 'candidates', p.payload -> 'image'"
    " FROM casebridge.parked p"
    " WHERE p.envelope ? 'candidates' AND p.agency = $1 AND p.table_name = $2 AND p.local_key = $3";

constexpr auto golden_sql = "SELECT id, golden FROM casebridge.record WHERE id = ANY ($1::bigint[])";

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
    const auto read = [&] {
        std::vector<MatchCandidate> candidates;
        for (const auto& candidate : parse_stored(rows.text(row, 4)))
            candidates.push_back(
                {RecordId{candidate.at("record").get<std::int64_t>()},
                 candidate.at("rules").get<std::vector<std::string>>()}
            );
        return candidates;
    };
    doubt.candidates = value_or_throw(reading_stored("parked row", read));
    return doubt;
}

// By record.
asio::awaitable<std::map<RecordId, ShownValue>> load_golden(
    libpq::Connection& connection, const std::vector<MatchCandidate>& candidates
)
{
    ArrayText ids;
    for (const auto& candidate : candidates)
        ids.add(candidate.record.value());
    const auto rows = co_await connection.execute(golden_sql, libpq::parameters(ids.take()));
    const auto read = [&] {
        std::map<RecordId, ShownValue> golden;
        for (std::size_t i = 0; i < rows.rows(); ++i)
            golden.emplace(RecordId{to_int64(rows.text(i, 0))}, value_of(parse_stored(rows.text(i, 1))));
        return golden;
    };
    co_return value_or_throw(reading_stored("values of a record", read));
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
    if (const auto image = rows.value(0, 5)) {
        const auto read = [&] { return value_of(parse_stored(*image)); };
        shown.columns = value_or_throw(reading_stored("parked row", read));
    }
    const auto golden = co_await load_golden(connection, shown.row.candidates);
    for (const auto& candidate : shown.row.candidates) {
        const auto found = golden.find(candidate.record);
        shown.records.push_back(found == golden.end() ? std::nullopt : std::optional{found->second});
    }
    co_return shown;
}

}  // namespace casebridge::hub
