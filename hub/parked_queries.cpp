#include "hub/parked_queries.hpp"

#include "hub/case_rows.hpp"
#include "hub/failure.hpp"
#include "hub/names.hpp"
#include "hub/row_texts.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace casebridge::hub {

namespace asio = boost::asio;

namespace {

// What each row makes others wait for is counted once for all rows. $1: whether set aside; NULL: either. $3:
// the only one wanted, or NULL.
constexpr auto rows_sql =
    "SELECT p.since, p.agency, p.table_name, p.code, p.place, j.recorded_at, p.rows, p.record,"
    " p.envelope ->> 'waits_agency', p.envelope ->> 'waits_table', coalesce(w.waiting, 0), p.skipped,"
    " p.local_key, p.payload -> 'image', l.record"
    " FROM casebridge.parked p"
    " LEFT JOIN casebridge.journal j ON j.seq = p.since AND p.since > 0"
    " LEFT JOIN casebridge.link l ON l.agency = p.agency AND l.table_name = p.table_name"
    " AND l.local_key = p.local_key"
    " LEFT JOIN (SELECT agency, table_name, local_key, count(*) AS waiting FROM ("
    "  SELECT agency, table_name, local_key FROM casebridge.waiting UNION ALL"
    "  SELECT envelope ->> 'waits_agency', envelope ->> 'waits_table', payload ->> 'waits_key'"
    "  FROM casebridge.parked WHERE payload ? 'waits_key') AS waits GROUP BY 1, 2, 3) AS w"
    " ON w.agency = p.agency AND w.table_name = p.table_name AND w.local_key = p.local_key"
    " WHERE ($1::boolean IS NULL OR (p.skipped IS NOT NULL) = $1) AND ($3::bigint IS NULL OR p.since = $3)"
    " ORDER BY p.since, p.agency, p.table_name LIMIT $2::bigint";

// The entry that refused it last is found by the journal's index over records. Records that point at one
// without a row at the agency wait for it, if they have none either.
constexpr auto refusals_sql =
    "SELECT r.record, r.agency, r.table_name, r.code, r.place, j.seq, j.recorded_at, r.skipped,"
    " (SELECT count(*) FROM casebridge.reference f WHERE f.target = r.record"
    "  AND NOT EXISTS (SELECT FROM casebridge.link a WHERE a.record = r.record AND a.agency = r.agency"
    "   AND a.state = 'live')"
    "  AND NOT EXISTS (SELECT FROM casebridge.link b WHERE b.record = f.record AND b.agency = r.agency"
    "   AND b.state = 'live'))"
    " FROM casebridge.refusal r LEFT JOIN LATERAL ("
    "  SELECT seq, recorded_at FROM casebridge.journal WHERE record = r.record AND kind = 'delivery_refused'"
    "  AND agency = r.agency ORDER BY seq DESC LIMIT 1) AS j ON true"
    " WHERE ($1::boolean IS NULL OR (r.skipped IS NOT NULL) = $1)"
    " AND ($3::bigint IS NULL OR (r.record = $3 AND r.agency = $4))"
    " ORDER BY j.seq NULLS FIRST, r.record, r.agency LIMIT $2::bigint";

std::optional<std::int64_t> number_at(const libpq::QueryResult& rows, std::size_t row, std::size_t column)
{
    const auto text = rows.value(row, column);
    return text ? std::optional{to_int64(*text)} : std::nullopt;
}

template <class Id>
std::optional<Id> id_at(const libpq::QueryResult& rows, std::size_t row, std::size_t column)
{
    const auto number = number_at(rows, row, column);
    return number ? std::optional{Id{*number}} : std::nullopt;
}

ParkedHead row_at(const libpq::QueryResult& rows, std::size_t row)
{
    ParkedHead head;
    head.name = rows.text(row, 0);
    head.agency = rows.text(row, 1);
    head.table = rows.text(row, 2);
    head.code = rows.text(row, 3);
    head.place = rows.text(row, 4);
    if (to_int64(rows.text(row, 0)) > 0)
        head.since_seq = id_at<JournalSeq>(rows, row, 0);
    head.since = to_string(rows.value(row, 5));
    head.changes = to_int64(rows.text(row, 6));
    head.record = id_at<RecordId>(rows, row, 14);
    if (const auto agency = rows.value(row, 8))
        head.waits_for = std::string{*agency} + " " + std::string{rows.text(row, 9)};
    head.waiting = to_int64(rows.text(row, 10));
    head.skipped = number_at(rows, row, 11);
    return head;
}

ParkedHead refusal_at(const libpq::QueryResult& rows, std::size_t row)
{
    ParkedHead head;
    head.side = ParkedHead::Side::delivery;
    head.record = id_at<RecordId>(rows, row, 0);
    head.agency = rows.text(row, 1);
    head.name = std::string{rows.text(row, 0)} + "@" + head.agency;
    head.table = rows.text(row, 2);
    head.code = rows.text(row, 3);
    head.place = rows.text(row, 4);
    head.since_seq = id_at<JournalSeq>(rows, row, 5);
    head.since = to_string(rows.value(row, 6));
    head.skipped = number_at(rows, row, 7);
    head.waiting = to_int64(rows.text(row, 8));
    return head;
}

std::optional<std::string> aside(ParkedWhich which)
{
    switch (which) {
        case ParkedWhich::waiting:
            return "f";
        case ParkedWhich::set_aside:
            return "t";
        case ParkedWhich::all:
            return std::nullopt;
    }
    return std::nullopt;
}

// What a name says; nothing for none.
struct Named {
    std::int64_t number = 0;
    std::optional<std::string> agency;  // Of a delivery.
};

std::optional<Named> parse_name(const std::string& name)
{
    const auto at = name.find('@');
    Named named;
    const auto digits = name.substr(0, at);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), named.number);
    if (error != std::errc{} || stop != digits.data() + digits.size() || named.number < 1)
        return std::nullopt;
    if (at != std::string::npos)
        named.agency = name.substr(at + 1);
    return named;
}

// What the row showed when it was last read well, and what it shows now.
void add_changes(ShownParked& shown, const Image* before, const mapping::TableMapping* table, const Json& now)
{
    for (const auto& [slot, text] : now.items()) {
        SlotChange change{
            slot,
            std::nullopt,
            text.is_null() ? std::nullopt : std::optional{text.get_ref<const std::string&>()}};
        if (before != nullptr && table != nullptr)
            for (std::size_t i = 0; i < table->slots.size() && i < before->size(); ++i)
                if (slot_name(table->slots[i]) == slot && (*before)[i])
                    change.from = (*before)[i]->expose();
        if (change.from != change.to)
            shown.changes.push_back(std::move(change));
    }
}

const mapping::TableMapping* table_named(const pipeline::BridgeDefinition& definition, const ParkedHead& head)
{
    for (const auto& table : definition.tables)
        if (table.agency.value() == head.agency && table.name() == head.table)
            return &table;
    return nullptr;
}

asio::awaitable<std::optional<ShownParked>> show_row(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    std::int64_t since,
    std::chrono::year_month_day today
)
{
    const auto rows = co_await connection.execute(
        rows_sql, libpq::parameters(std::nullopt, std::string{"1"}, std::to_string(since))
    );
    std::optional<ShownParked> shown;
    if (rows.rows() == 0)
        co_return shown;
    shown.emplace();
    shown->head = row_at(rows, 0);
    shown->key = rows.text(0, 12);
    const auto image = to_string(rows.value(0, 13));
    shown->readable = image.has_value();
    std::optional<RecordView> view;
    if (shown->head.record)
        view = co_await view_record(connection, definition, *shown->head.record, today);
    const auto* table = table_named(definition, shown->head);
    const auto* link = view && table != nullptr ? view->record().find_link(table->index) : nullptr;
    const auto read = [&] {
        if (image)
            add_changes(*shown, link == nullptr ? nullptr : &link->image, table, parse_stored(*image));
        return true;
    };
    static_cast<void>(value_or_throw(reading_stored("parked row", read)));
    if (table != nullptr)
        for (const auto& unit : table->units) {
            const bool touched = std::ranges::any_of(unit.bindings, [&](const mapping::Binding& binding) {
                return std::ranges::count(
                           shown->changes, slot_name(table->slots[binding.slot]), &SlotChange::slot
                       ) > 0;
            });
            if (touched)
                shown->units.push_back(definition.model.entity(table->entity).unit(unit.unit).name);
        }
    co_return shown;
}

asio::awaitable<std::optional<ShownParked>> show_delivery(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    Named named,
    std::chrono::year_month_day today
)
{
    const auto rows = co_await connection.execute(
        refusals_sql,
        libpq::parameters(std::nullopt, std::string{"1"}, std::to_string(named.number), *named.agency)
    );
    std::optional<ShownParked> shown;
    if (rows.rows() == 0)
        co_return shown;
    shown.emplace();
    shown->head = refusal_at(rows, 0);
    const auto view = co_await view_record(connection, definition, *shown->head.record, today);
    if (!view)
        co_return shown;
    const auto& record = view->record();
    const AgencyId agency{*named.agency};
    if (const auto* table = definition.table_of(agency, record.entity))
        if (const auto* link = record.find_link(table->index))
            shown->key = link->key.value();
    const auto& entity = definition.model.entity(record.entity);
    for (std::uint16_t number = 0; number < entity.units.size(); ++number) {
        auto at = unit_at(*view, UnitIndex{number}, agency);
        if (at.writes.empty())
            continue;
        std::ranges::move(at.writes, std::back_inserter(shown->changes));
        shown->units.push_back(entity.units[number].name);
    }
    co_return shown;
}

}  // namespace

asio::awaitable<std::vector<ParkedHead>> list_parked(
    libpq::Connection& connection, ParkedWhich which, std::size_t limit
)
{
    const auto most = std::to_string(limit);
    std::vector<libpq::Statement> statements;
    statements.emplace_back(rows_sql, libpq::parameters(aside(which), most, std::nullopt));
    statements.emplace_back(refusals_sql, libpq::parameters(aside(which), most, std::nullopt, std::nullopt));
    const auto results = co_await connection.execute_pipelined(std::move(statements));
    std::vector<ParkedHead> heads;
    for (std::size_t row = 0; row < results[0].rows(); ++row)
        heads.push_back(row_at(results[0], row));
    for (std::size_t row = 0; row < results[1].rows(); ++row)
        heads.push_back(refusal_at(results[1], row));
    std::ranges::stable_sort(heads, {}, [](const ParkedHead& head) {
        return head.since_seq.value_or(JournalSeq{0});
    });
    heads.resize(std::min(heads.size(), limit));
    co_return heads;
}

asio::awaitable<std::optional<ShownParked>> show_parked(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    std::string name,
    std::chrono::year_month_day today
)
{
    const auto named = parse_name(name);
    if (!named)
        co_return std::nullopt;
    if (named->agency)
        co_return co_await show_delivery(connection, definition, *named, today);
    co_return co_await show_row(connection, definition, named->number, today);
}

}  // namespace casebridge::hub
