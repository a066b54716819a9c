#include "hub/case_queries.hpp"

#include "hub/array_text.hpp"
#include "hub/failure.hpp"
#include "hub/records.hpp"
#include "hub/row_texts.hpp"
#include "hub/stored_json.hpp"
#include "pipeline/record_values.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace casebridge::hub {

namespace {

namespace asio = boost::asio;
using libpq::QueryResult;

constexpr auto holds_sql =
    "SELECT h.record, h.unit, j.recorded_at FROM casebridge.hold h"
    " LEFT JOIN casebridge.journal j ON j.seq = h.since ORDER BY h.since, h.record, h.unit LIMIT $1::bigint";

constexpr auto hold_sql = "SELECT FROM casebridge.hold WHERE record = $1::bigint AND unit = $2";

// Columns as head_at() reads them.
constexpr auto conflicts_sql =
    "SELECT c.seq, c.position, c.entity, c.record, c.unit, c.agency, c.type, c.rule, c.verdict, c.winner,"
    " c.decided_at, EXISTS (SELECT FROM casebridge.hold h WHERE h.record = c.record AND h.unit = c.unit) AS "
    "held,"
    " c.versions ? 'stale_form' AS stale_form, c.versions FROM casebridge.conflict c";

constexpr auto decisions_sql =
    "SELECT d.seq, d.decided_at, d.request, r.requested_by, r.reason, d.author, d.taken, d.conflict_seq,"
    " d.conflict_position, d.versions FROM casebridge.decision d"
    " LEFT JOIN casebridge.request r ON r.id = d.request"
    " WHERE d.record = $1::bigint AND d.unit = $2 ORDER BY d.seq DESC";

constexpr auto recorded_sql = "SELECT seq, recorded_at FROM casebridge.journal WHERE seq = ANY($1::bigint[])";

template <class T>
T value_or_throw(Result<T> result)
{
    if (!result)
        throw HubFailure{result.error()};
    return std::move(*result);
}

ConflictHead head_at(const QueryResult& rows, std::size_t row)
{
    const auto winner = rows.value(row, 9);
    return {
        .place =
            {JournalSeq{to_int64(rows.text(row, 0))},
                    static_cast<std::uint32_t>(to_int64(rows.text(row, 1)))},
        .entity = std::string{rows.text(row,                                       2)                                  },
        .record = RecordId{to_int64(rows.text(row,                                       3))},
        .unit = std::string{rows.text(row,                                       4)                                           },
        .agency = std::string{rows.text(row,                                       5)},
        .type = std::string{rows.text(row,                                       6)                                           },
        .rule = std::string{rows.text(row,                                       7)},
        .verdict = std::string{rows.text(row,                                       8)                                           },
        .winner = winner ? std::optional{JournalSeq{to_int64(*winner)}                                      }
             : std::nullopt,
        .decided_at = std::string{rows.text(row,                           10)},
        .now = rows.text(row, 11) == "t" ? UnitNow::on_hold : UnitNow::decided,
        .edit = rows.text(row, 12) == "t" ? ConflictHead::Edit::stale_form : ConflictHead::Edit::ordinary,
    };
}

// Nothing when the member was erased.
std::optional<ShownValue> value_in(const Json& object, const char* member)
{
    const auto found = object.find(member);
    if (found == object.end())
        return std::nullopt;
    ShownValue value;
    for (const auto& [field, text] : found->items())
        value.push_back(
            {field, text.is_null() ? std::nullopt : std::optional{text.get_ref<const std::string&>()}}
        );
    return value;
}

ShownVersion::Origin origin_of(const Version& version)
{
    if (version.suspect)
        return ShownVersion::Origin::stale_form;
    return version.decided ? ShownVersion::Origin::person : ShownVersion::Origin::agency;
}

std::vector<ShownVersion> versions_in(const Json& document)
{
    std::vector<ShownVersion> versions;
    for (const auto& object : read_list(document, "versions")) {
        const auto head = read_version_head(object);
        versions.push_back({
            .seq = head.seq,
            .author = head.author.value(),
            .origin = origin_of(head),
            .value = value_in(object, "value"),
            .stamp = head.stamp,
            .since = std::nullopt,
        });
    }
    return versions;
}

ShownDecision decision_at(const QueryResult& rows, std::size_t row)
{
    const auto seq_at = [&](std::size_t column) -> std::optional<JournalSeq> {
        const auto text = rows.value(row, column);
        return text ? std::optional{JournalSeq{to_int64(*text)}} : std::nullopt;
    };
    ShownDecision decision;
    decision.seq = *seq_at(0);
    decision.decided_at = rows.text(row, 1);
    decision.request = to_int64(rows.text(row, 2));
    decision.requested_by = to_string(rows.value(row, 3));
    decision.reason = to_string(rows.value(row, 4));
    decision.author = to_string(rows.value(row, 5)).value_or("");
    decision.taken = seq_at(6);
    if (const auto conflict = seq_at(7))
        decision.conflict = ConflictPlace{*conflict, static_cast<std::uint32_t>(to_int64(rows.text(row, 8)))};
    const auto document = parse_stored(rows.text(row, 9));
    decision.value = value_in(document, "value");
    decision.before = versions_in(document);
    return decision;
}

ShownVersion shown(const Version& version, const std::vector<std::string>& fields)
{
    ShownValue value;
    for (std::size_t i = 0; i < fields.size(); ++i)
        value.push_back(
            {fields[i], version.value[i] ? std::optional{version.value[i]->expose()} : std::nullopt}
        );
    return {
        .seq = version.seq,
        .author = version.author.value(),
        .origin = origin_of(version),
        .value = std::move(value),
        .stamp = version.stamp,
        .since = std::nullopt,
    };
}

// When the journal took each of them.
asio::awaitable<void> date(libpq::Connection& connection, std::vector<ShownVersion*> versions)
{
    ArrayText seqs;
    for (const auto* version : versions)
        seqs.add(version->seq.value());
    const auto rows = co_await connection.execute(recorded_sql, libpq::parameters(seqs.take()));
    std::map<JournalSeq, std::string> recorded;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        recorded.emplace(JournalSeq{to_int64(rows.text(row, 0))}, rows.text(row, 1));
    for (auto* version : versions)
        if (const auto found = recorded.find(version->seq); found != recorded.end())
            version->since = found->second;
}

asio::awaitable<std::map<RecordId, pipeline::Record>> load_records(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, std::vector<RecordId> records
)
{
    const EntryCodec codec{definition};
    RecordStore store{connection, codec};
    pipeline::Demand demand;
    demand.records = std::move(records);
    std::map<RecordId, pipeline::Record> loaded;
    for (auto& record : co_await store.load(std::move(demand)))
        loaded.emplace(record.id, std::move(record));
    co_return loaded;
}

// What the record itself says of the unit.
ShownUnit unit_of(
    const pipeline::BridgeDefinition& definition, const pipeline::Record& record, UnitIndex unit
)
{
    const auto& entity = definition.model.entity(record.entity);
    ShownUnit view;
    view.entity = entity.name;
    view.record = record.id;
    view.unit = entity.unit(unit).name;
    for (const auto field : entity.unit(unit).fields)
        view.fields.push_back(entity.field(field).name);
    view.rule = conflict::to_string(pipeline::rule_of(definition, record.entity, unit));
    const auto& open = record.units[unit.value()].open;
    for (const auto& version : open)
        view.open.push_back(shown(version, view.fields));
    if (const auto decision = pipeline::decide(definition, record, unit); decision.winner)
        view.stands = open[*decision.winner].seq;
    return view;
}

ShownHold hold_of(
    const pipeline::BridgeDefinition& definition,
    const pipeline::Record& record,
    UnitIndex unit,
    std::optional<std::string> since
)
{
    const auto view = unit_of(definition, record, unit);
    ShownHold hold{view.entity, record.id, view.unit, view.rule, std::move(since), {}, view.open.size()};
    for (const auto& version : view.open)
        if (!version.author.empty() &&
            std::ranges::find(hold.agencies, version.author) == hold.agencies.end())
            hold.agencies.push_back(version.author);
    return hold;
}

}  // namespace

asio::awaitable<std::vector<ShownHold>> list_holds(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, std::size_t limit
)
{
    const auto rows = co_await connection.execute(holds_sql, libpq::parameters(std::to_string(limit)));
    std::vector<RecordId> ids;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        ids.emplace_back(to_int64(rows.text(row, 0)));
    const auto records = co_await load_records(connection, definition, std::move(ids));
    std::vector<ShownHold> holds;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto record = records.find(RecordId{to_int64(rows.text(row, 0))});
        if (record == records.end())
            continue;  // Gone since the first statement.
        const auto unit = definition.model.entity(record->second.entity).find_unit(rows.text(row, 1));
        if (unit)
            holds.push_back(hold_of(definition, record->second, *unit, to_string(rows.value(row, 2))));
    }
    co_return holds;
}

asio::awaitable<std::optional<ShownUnit>> show_unit(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    RecordId record,
    std::string unit
)
{
    const std::vector<RecordId> wanted{record};
    const auto records = co_await load_records(connection, definition, wanted);
    if (records.empty())
        co_return std::nullopt;
    const auto index = definition.model.entity(records.at(record).entity).find_unit(unit);
    if (!index)
        co_return std::nullopt;
    auto view = unit_of(definition, records.at(record), *index);
    const auto id = std::to_string(record.value());
    const auto held = co_await connection.execute(hold_sql, libpq::parameters(id, unit));
    view.now = held.rows() > 0 ? UnitNow::on_hold : UnitNow::decided;
    const auto conflicts = co_await connection.execute(
        std::string{conflicts_sql} +
            " WHERE c.record = $1::bigint AND c.unit = $2 ORDER BY c.seq DESC, c.position DESC",
        libpq::parameters(id, unit)
    );
    for (std::size_t row = 0; row < conflicts.rows(); ++row)
        view.conflicts.push_back(head_at(conflicts, row));
    const auto decisions = co_await connection.execute(decisions_sql, libpq::parameters(id, unit));
    const auto read = [&] {
        std::vector<ShownDecision> found;
        for (std::size_t row = 0; row < decisions.rows(); ++row)
            found.push_back(decision_at(decisions, row));
        return found;
    };
    view.decisions = value_or_throw(reading_stored("decisions of record " + id, read));
    std::vector<ShownVersion*> versions;
    for (auto& version : view.open)
        versions.push_back(&version);
    co_await date(connection, std::move(versions));
    co_return view;
}

asio::awaitable<std::vector<ConflictHead>> list_conflicts(
    libpq::Connection& connection, ConflictFilter filter
)
{
    std::optional<std::string> record;
    if (filter.record)
        record = std::to_string(filter.record->value());
    std::optional<std::string> held;
    if (filter.now)
        held = *filter.now == UnitNow::on_hold ? "t" : "f";
    const auto rows = co_await connection.execute(
        std::string{"SELECT * FROM ("} + conflicts_sql +
            ") AS c WHERE ($1::text IS NULL OR entity = $1) AND ($2::bigint IS NULL OR record = $2)"
            " AND ($3::boolean IS NULL OR held = $3) ORDER BY seq DESC, position DESC LIMIT $4::bigint",
        libpq::parameters(filter.entity, record, held, std::to_string(filter.limit))
    );
    std::vector<ConflictHead> heads;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        heads.push_back(head_at(rows, row));
    co_return heads;
}

asio::awaitable<std::optional<ShownConflict>> show_conflict(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, ConflictPlace place
)
{
    const auto rows = co_await connection.execute(
        std::string{conflicts_sql} + " WHERE c.seq = $1::bigint AND c.position = $2::bigint",
        libpq::parameters(std::to_string(place.seq.value()), std::to_string(place.position))
    );
    if (rows.rows() == 0)
        co_return std::nullopt;
    const auto read = [&] {
        const auto document = parse_stored(rows.text(0, 13));
        ShownConflict found;
        found.head = head_at(rows, 0);
        found.base = value_in(document, "base");
        found.versions = versions_in(document);
        return found;
    };
    auto conflict = value_or_throw(reading_stored("conflict", read));
    std::vector<ShownVersion*> versions;
    for (auto& version : conflict.versions)
        versions.push_back(&version);
    co_await date(connection, std::move(versions));
    conflict.unit = co_await show_unit(connection, definition, conflict.head.record, conflict.head.unit);
    co_return conflict;
}

std::vector<ShownVersion> losers_of(const ShownConflict& conflict)
{
    const auto& versions = conflict.versions;
    if (conflict.head.verdict == "reverted" && !versions.empty())
        return {versions.back()};
    const auto winner = std::ranges::find_if(versions, [&](const ShownVersion& version) {
        return version.seq == conflict.head.winner;
    });
    if (winner == versions.end())
        return versions;
    std::vector<ShownVersion> losers;
    for (const auto& version : versions)
        if (version.seq != winner->seq && (!version.value || version.value != winner->value))
            losers.push_back(version);
    return losers;
}

}  // namespace casebridge::hub
