#include "hub/case_queries.hpp"

#include "hub/array_text.hpp"
#include "hub/case_rows.hpp"
#include "hub/enum_texts.hpp"
#include "hub/failure.hpp"
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

constexpr auto recorded_sql = "SELECT seq, recorded_at FROM casebridge.journal WHERE seq = ANY($1::bigint[])";

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
    const auto decisions = co_await connection.execute(
        std::string{decisions_sql} + " WHERE d.record = $1::bigint AND d.unit = $2 ORDER BY d.seq DESC",
        libpq::parameters(id, unit)
    );
    const auto read = [&] {
        std::vector<ShownDecision> found;
        for (std::size_t row = 0; row < decisions.rows(); ++row)
            found.push_back(decision_at(decisions, row));
        return found;
    };
    view.decisions = value_or_throw(reading_stored("decisions of record " + id, read));
    std::vector<ShownVersion*> versions;
    for (auto* shown : {&view.open, &view.proposals})
        for (auto& version : *shown)
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
        found.computed = value_in(document, "computed");
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
    const bool never_entered = conflict.head.verdict == to_text(Verdict::reverted) ||
                               conflict.head.verdict == to_text(Verdict::proposed);
    if (never_entered && !versions.empty())
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
