#include "hub/deletion_queries.hpp"

#include "hub/case_rows.hpp"
#include "hub/enum_texts.hpp"
#include "hub/failure.hpp"
#include "hub/row_texts.hpp"
#include "hub/stored_json.hpp"

namespace casebridge::hub {

namespace {

namespace asio = boost::asio;
using libpq::QueryResult;

// $1: also those that nobody has to decide, because a rule or a person has or nobody has a row any more; $2:
// at most so many, or NULL; $3: the only record wanted, or NULL.
constexpr auto deletions_sql =
    "SELECT d.record, r.entity, d.agency, d.table_name, l.local_key, d.state, d.since, j.recorded_at,"
    " array_to_json(ARRAY(SELECT DISTINCT o.agency FROM casebridge.link o"
    "  WHERE o.record = d.record AND o.agency <> d.agency AND o.state <> 'ended' ORDER BY 1)), r.golden, "
    "r.last_seq"
    " FROM casebridge.departure d JOIN casebridge.record r ON r.id = d.record"
    " LEFT JOIN casebridge.journal j ON j.seq = d.since"
    " LEFT JOIN casebridge.link l ON l.record = d.record AND l.agency = d.agency"
    " AND l.table_name = d.table_name"
    " WHERE ($1::boolean OR d.state = 'held' AND EXISTS (SELECT FROM casebridge.link o"
    "  WHERE o.record = d.record AND o.agency <> d.agency AND o.state <> 'ended')) AND ($3::bigint IS NULL "
    "OR d.record = $3)"
    " ORDER BY d.since, d.record, d.agency, d.table_name LIMIT $2::bigint";

DeletionHead read_head(const QueryResult& rows, std::size_t row)
{
    const auto state = from_text<pipeline::DepartureState>(rows.text(row, 5));
    if (!state)
        throw Unreadable{"unknown_word", std::string{rows.text(row, 5)}};
    return {
        .record = RecordId{to_int64(rows.text(row, 0))},
        .entity = std::string{rows.text(row, 1)},
        .agency = std::string{rows.text(row, 2)},
        .table = std::string{rows.text(row, 3)},
        .key = to_string(rows.value(row, 4)),
        .state = *state,
        .since = JournalSeq{to_int64(rows.text(row, 6))},
        .when = to_string(rows.value(row, 7)),
        .others = parse_stored(rows.text(row, 8)).get<std::vector<std::string>>(),
    };
}

DeletionHead deletion_at(const QueryResult& rows, std::size_t row)
{
    return value_or_throw(reading_stored("deletion", [&] { return read_head(rows, row); }));
}

}  // namespace

asio::awaitable<std::vector<DeletionHead>> list_deletions(
    libpq::Connection& connection, DeletionWhich which, std::size_t limit
)
{
    const std::string all = which == DeletionWhich::all ? "t" : "f";
    const auto rows = co_await connection.execute(
        deletions_sql, libpq::parameters(all, std::to_string(limit), std::nullopt)
    );
    std::vector<DeletionHead> heads;
    for (std::size_t i = 0; i < rows.rows(); ++i)
        heads.push_back(deletion_at(rows, i));
    co_return heads;
}

asio::awaitable<std::optional<ShownDeletion>> show_deletion(libpq::Connection& connection, RecordId record)
{
    const std::string all = "t";
    const auto rows = co_await connection.execute(
        deletions_sql, libpq::parameters(all, std::nullopt, std::to_string(record.value()))
    );
    if (rows.rows() == 0)
        co_return std::nullopt;
    ShownDeletion shown;
    for (std::size_t i = 0; i < rows.rows(); ++i)
        shown.heads.push_back(deletion_at(rows, i));
    shown.seen = JournalSeq{to_int64(rows.text(0, 10))};
    const auto read = [&] { return value_of(parse_stored(rows.text(0, 9))); };
    shown.values = value_or_throw(reading_stored("values of a record", read));
    co_return shown;
}

}  // namespace casebridge::hub
