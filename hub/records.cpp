#include "hub/records.hpp"

#include "connectors/libpq/identifier.hpp"
#include "hub/array_text.hpp"
#include "hub/breaker_json.hpp"
#include "hub/failure.hpp"
#include "hub/record_codec.hpp"
#include "hub/row_texts.hpp"
#include "hub/stored_json.hpp"
#include "pipeline/bridge_state.hpp"

#include <unordered_set>
#include <utility>

namespace casebridge::hub {
namespace {

namespace asio = boost::asio;
using libpq::QueryResult;
using libpq::Statement;

constexpr auto by_id =
    "SELECT id, entity, last_seq, state FROM casebridge.record WHERE id = ANY($1::bigint[])";

constexpr auto by_link =
    "SELECT r.id, r.entity, r.last_seq, r.state FROM unnest($1::text[], $2::text[], $3::text[]) AS q(a, t, k)"
    " JOIN casebridge.link l ON l.agency = q.a AND l.table_name = q.t AND l.local_key = q.k"
    " JOIN casebridge.record r ON r.id = l.record";

constexpr auto by_identity =
    "SELECT r.id, r.entity, r.last_seq, r.state FROM unnest($1::text[], $2::text[], $3::text[]) AS q(e, u, k)"
    " JOIN casebridge.identity i ON hashtextextended(i.key, 0) = hashtextextended(q.k, 0)"
    " AND i.key = q.k AND i.entity = q.e AND i.rule = q.u"
    " JOIN casebridge.record r ON r.id = i.record";

constexpr auto by_reference =
    "SELECT r.id, r.entity, r.last_seq, r.state FROM casebridge.reference f"
    " JOIN casebridge.record r ON r.id = f.record WHERE f.target = ANY($1::bigint[])";

std::string id_array(const std::vector<RecordId>& ids)
{
    ArrayText array;
    for (const auto id : ids)
        array.add(id.value());
    return array.take();
}

Statement link_statement(const Names& names, const std::vector<pipeline::LinkKey>& links)
{
    ArrayText agencies, tables, keys;
    for (const auto& [table, key] : links) {
        agencies.add(names.agency(table).value());
        tables.add(names.table(table));
        keys.add(key.value());
    }
    return Statement{by_link, libpq::parameters(agencies.take(), tables.take(), keys.take())};
}

Statement identity_statement(const Names& names, const std::vector<pipeline::IdentityKey>& identities)
{
    ArrayText entities, rules, keys;
    for (const auto& [entity, rule, values] : identities) {
        entities.add(names.entity(entity));
        rules.add(names.identity_rule(entity, rule));
        keys.add(values.expose());
    }
    return Statement{by_identity, libpq::parameters(entities.take(), rules.take(), keys.take())};
}

std::vector<Statement> statements_of(const Names& names, const pipeline::Demand& demand)
{
    std::vector<Statement> statements;
    if (!demand.records.empty())
        statements.emplace_back(by_id, libpq::parameters(id_array(demand.records)));
    if (!demand.links.empty())
        statements.push_back(link_statement(names, demand.links));
    if (!demand.identities.empty())
        statements.push_back(identity_statement(names, demand.identities));
    if (!demand.referrers_of.empty())
        statements.emplace_back(by_reference, libpq::parameters(id_array(demand.referrers_of)));
    return statements;
}

std::vector<RecordId> ids_of(const QueryResult& result)
{
    std::vector<RecordId> ids;
    ids.reserve(result.rows());
    for (std::size_t i = 0; i < result.rows(); ++i)
        ids.emplace_back(to_int64(result.text(i, 0)));
    return ids;
}

}  // namespace

asio::awaitable<std::vector<pipeline::Record>> RecordStore::load(pipeline::Demand demand)
{
    std::vector<pipeline::Record> records;
    if (demand.empty())
        co_return records;
    std::unordered_set<RecordId> loaded;
    const auto results = co_await connection_->execute_pipelined(statements_of(codec_->names(), demand));
    for (const auto& result : results)
        for (std::size_t i = 0; i < result.rows(); ++i) {
            const RecordId id{to_int64(result.text(i, 0))};
            if (!loaded.insert(id).second)
                continue;
            const JournalSeq last_seq{to_int64(result.text(i, 2))};
            records.push_back(value_or_throw(
                decode_record(codec_->names(), id, result.text(i, 1), last_seq, result.text(i, 3))
            ));
        }
    co_return records;
}

asio::awaitable<std::vector<RecordId>> RecordStore::records_after(RecordId after, std::size_t limit)
{
    co_return ids_of(co_await connection_->execute(
        "SELECT id FROM casebridge.record WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint",
        libpq::parameters(std::to_string(after.value()), std::to_string(limit))
    ));
}

asio::awaitable<std::vector<RecordId>> RecordStore::records_without_row(
    AgencyId agency, std::vector<std::string> entities, RecordId after, std::size_t limit
)
{
    std::vector<std::optional<std::string_view>> names{entities.begin(), entities.end()};
    co_return ids_of(co_await connection_->execute(
        "SELECT r.id FROM casebridge.record r WHERE r.id > $1::bigint AND r.entity = ANY ($2::text[])"
        " AND NOT EXISTS (SELECT FROM casebridge.link l WHERE l.record = r.id AND l.agency = $3::text"
        " AND l.state <> 'reserved') ORDER BY r.id LIMIT $4::bigint",
        libpq::parameters(
            std::to_string(after.value()),
            libpq::to_array_literal(names),
            agency.value(),
            std::to_string(limit)
        )
    ));
}

asio::awaitable<std::vector<RecordId>> RecordStore::records_lacking(
    AgencyId agency, RecordId after, std::size_t limit
)
{
    co_return ids_of(co_await connection_->execute(
        "SELECT id FROM casebridge.record WHERE lacking @> ARRAY[$1::text] AND lacking <> '{}' AND id > "
        "$2::bigint"
        " ORDER BY id LIMIT $3::bigint",
        libpq::parameters(agency.value(), std::to_string(after.value()), std::to_string(limit))
    ));
}

asio::awaitable<ChangedRecords> RecordStore::records_changed_since(JournalSeq after, std::size_t entries_max)
{
    std::vector<Statement> statements;
    const auto parameters = libpq::parameters(std::to_string(after.value()), std::to_string(entries_max));
    constexpr std::string_view part =
        "WITH part AS (SELECT seq, record FROM casebridge.journal WHERE seq > $1::bigint ORDER BY seq LIMIT "
        "$2::bigint)";
    statements.emplace_back(
        std::string{part} +
            " SELECT record, max(seq) FROM part WHERE record IS NOT NULL GROUP BY record ORDER BY max(seq), "
            "record",
        parameters
    );
    statements.emplace_back(
        std::string{part} + " SELECT coalesce(max(seq), $1::bigint) FROM part", parameters
    );
    const auto results = co_await connection_->execute_pipelined(std::move(statements));
    ChangedRecords changed;
    for (std::size_t i = 0; i < results[0].rows(); ++i)
        changed.records.push_back(
            {RecordId{to_int64(results[0].text(i, 0))}, JournalSeq{to_int64(results[0].text(i, 1))}}
        );
    changed.read_to = JournalSeq{to_int64(results[1].text(0, 0))};
    co_return changed;
}

namespace {

MappingIndex table_at(const Names& names, const QueryResult& result, std::size_t row)
{
    const auto read = [&] { return names.find_table(result.text(row, 0), result.text(row, 1)); };
    return value_or_throw(reading_stored("hub state", read));
}

pipeline::ParkedRow parked_at(const EntryCodec& codec, const QueryResult& result, std::size_t row)
{
    const auto record = result.value(row, 7);
    EntryRow entry{
        .seq = {},
        .kind = std::string{to_text(EntryKind::row_parked)},
        .agency = std::string{result.text(row, 0)},
        .entity = std::nullopt,
        .record = record ? std::optional{RecordId{to_int64(*record)}} : std::nullopt,
        .commit_lsn = std::string{result.text(row, 4)},
        .envelope = std::string{result.text(row, 5)},
        .payload = std::string{result.text(row, 6)},
    };
    auto newest = value_or_throw(codec.decode(entry));
    const auto skipped = result.value(row, 9);
    return {
        .row = {table_at(codec.names(), result, row), LocalKey{std::string{result.text(row, 2)}}},
        .count = static_cast<std::size_t>(to_int64(result.text(row, 3))),
        .newest = std::get<RowParked>(std::get<Entry>(std::move(newest)).body),
        .since = JournalSeq{to_int64(result.text(row,                  8))},
        .skipped = skipped ? std::optional{RequestId{to_int64(*skipped)}                     }
          : std::nullopt,
    };
}

// Rows come together.
void add_match(
    std::vector<std::pair<pipeline::LinkKey, pipeline::RowMatches>>& matches,
    const Names& names,
    const QueryResult& result,
    std::size_t row
)
{
    const pipeline::LinkKey key{table_at(names, result, row), LocalKey{std::string{result.text(row, 2)}}};
    if (matches.empty() || matches.back().first != key)
        matches.emplace_back(key, pipeline::RowMatches{});
    const RecordId record{to_int64(result.text(row, 3))};
    const auto verdict = from_text<MatchVerdict>(result.text(row, 4));
    CASEBRIDGE_ASSERT(verdict.has_value());
    switch (*verdict) {
        case MatchVerdict::same:
            matches.back().second.same = record;
            return;
        case MatchVerdict::never:
            matches.back().second.never.push_back(record);
            return;
    }
}

pipeline::TableState table_state_at(const QueryResult& result, std::size_t row)
{
    const auto survey = from_text<SurveyState>(result.text(row, 2));
    CASEBRIDGE_ASSERT(survey.has_value());
    pipeline::TableState state{.survey = *survey, .surveyed_to = std::nullopt, .truncated_at = std::nullopt};
    if (const auto key = result.value(row, 3))
        state.surveyed_to = LocalKey{std::string{*key}};
    if (const auto seq = result.value(row, 4))
        state.truncated_at = JournalSeq{to_int64(*seq)};
    return state;
}

pipeline::AgencyState agency_state_at(const QueryResult& result, std::size_t row)
{
    const auto end_lsn = parse_lsn(result.text(row, 1));
    CASEBRIDGE_ASSERT(end_lsn.has_value());
    pipeline::AgencyState state{
        *end_lsn, JournalSeq{to_int64(result.text(row, 2))}, result.text(row, 3) == "t", {}};
    if (const auto text = result.value(row, 4)) {
        const auto commit_lsn = parse_lsn(*text);
        CASEBRIDGE_ASSERT(commit_lsn.has_value());
        state.inside = SourcePosition{*commit_lsn, static_cast<std::uint32_t>(to_int64(result.text(row, 5)))};
    }
    if (const auto since = result.value(row, 6))
        state.pause = pipeline::Pause{
            JournalSeq{to_int64(*since)},
            std::string{result.text(row, 7)},
            std::string{result.text(row, 8)},
            to_optional_time(result.value(row, 9))};
    if (const auto since = result.value(row, 10)) {
        const AgencyId agency{std::string{result.text(row, 0)}};
        state.breaker = pipeline::Breaker{
            JournalSeq{to_int64(*since)}, read_breaker(parse_stored(result.text(row, 12)), agency)};
        if (const auto approved = result.value(row, 11))
            state.breaker->approved = from_text<ApprovedDeletions>(*approved);
    }
    return state;
}

}  // namespace

asio::awaitable<HubState> RecordStore::load_state()
{
    std::vector<Statement> statements;
    statements.emplace_back(
        "SELECT agency, end_lsn, seen, swept, inside_lsn, inside_ordinal, paused_seq, paused_by, "
        "paused_reason,"
        " (extract(epoch FROM paused_until - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint,"
        " breaker_seq, breaker_approved, breaker"
        " FROM casebridge.agency_state ORDER BY agency"
    );
    statements.emplace_back(
        "SELECT agency, table_name, survey, surveyed_to, truncated_at FROM casebridge.table_state ORDER BY "
        "1, 2"
    );
    statements.emplace_back(
        "SELECT agency, table_name, local_key, rows, commit_lsn, envelope, payload, record, since, skipped"
        " FROM casebridge.parked"
        " ORDER BY agency, table_name, local_key COLLATE \"C\""
    );
    statements.emplace_back(
        "SELECT agency, table_name, local_key, record FROM casebridge.waiting"
        " ORDER BY record, agency, table_name, local_key COLLATE \"C\""
    );
    statements.emplace_back(
        "SELECT agency, table_name, local_key, record, verdict FROM casebridge.match_decision"
        " ORDER BY agency, table_name, local_key COLLATE \"C\", record"
    );
    statements.emplace_back("SELECT agency, table_name, record, code FROM casebridge.refusal");
    statements.emplace_back(
        "SELECT l.agency, l.table_name, count(*) FROM casebridge.link l"
        " LEFT JOIN casebridge.table_state t ON t.agency = l.agency AND t.table_name = l.table_name"
        " WHERE l.state = 'live' AND (t.truncated_at IS NULL OR l.since >= t.truncated_at)"
        " GROUP BY l.agency, l.table_name"
    );
    statements.emplace_back(
        "SELECT p.projected_seq, l.last_seq, l.incarnation FROM casebridge.projection p, casebridge.leader l"
    );
    const auto results = co_await connection_->execute_pipelined(std::move(statements));

    const auto& names = codec_->names();
    HubState state;
    for (std::size_t i = 0; i < results[0].rows(); ++i)
        state.agencies.emplace_back(
            AgencyId{std::string{results[0].text(i, 0)}}, agency_state_at(results[0], i)
        );
    for (std::size_t i = 0; i < results[1].rows(); ++i)
        state.tables.emplace_back(table_at(names, results[1], i), table_state_at(results[1], i));
    for (std::size_t i = 0; i < results[2].rows(); ++i)
        state.parked.push_back(parked_at(*codec_, results[2], i));
    for (std::size_t i = 0; i < results[3].rows(); ++i)
        state.waiting.push_back({
            {table_at(names,                                results[3], i), LocalKey{std::string{results[3].text(i, 2)}}},
            RecordId{to_int64(results[3].text(i, 3))          }
        });
    for (std::size_t i = 0; i < results[4].rows(); ++i)
        add_match(state.matches, names, results[4], i);
    for (std::size_t i = 0; i < results[5].rows(); ++i)
        if (pipeline::blocked_by_a_row(results[5].text(i, 3)))
            state.blocked.emplace_back(
                table_at(names, results[5], i), RecordId{to_int64(results[5].text(i, 2))}
            );
    for (std::size_t i = 0; i < results[6].rows(); ++i)
        state.linked_rows.emplace_back(
            table_at(names, results[6], i), static_cast<std::size_t>(to_int64(results[6].text(i, 2)))
        );
    state.projected_seq = JournalSeq{to_int64(results[7].text(0, 0))};
    state.last_seq = JournalSeq{to_int64(results[7].text(0, 1))};
    state.incarnation = std::string{results[7].text(0, 2)};
    co_return state;
}

}  // namespace casebridge::hub
