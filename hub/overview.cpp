#include "hub/overview.hpp"

#include "hub/failure.hpp"
#include "hub/migrations.hpp"
#include "hub/row_texts.hpp"

#include <charconv>
#include <string_view>

namespace casebridge::hub {

namespace {

constexpr const char* bridge_sql = R"(
    SELECT l.epoch, l.holder, l.incarnation, l.last_seq, p.projected_seq,
           (SELECT count(*) FROM casebridge.record),
           (SELECT count(*) FROM casebridge.hold),
           (SELECT count(*) FROM casebridge.conflict),
           (SELECT count(*) FROM casebridge.requests WHERE outcome IS NULL),
           (SELECT count(*) FROM casebridge.proposal)
    FROM casebridge.leader l, casebridge.projection p)";

constexpr const char* agencies_sql = R"(
    SELECT a.agency, a.end_lsn, a.seen,
           (SELECT count(*) FROM casebridge.table_state t WHERE t.agency = a.agency),
           (SELECT count(*) FROM casebridge.table_state t WHERE t.agency = a.agency AND t.survey = 'complete'),
           (SELECT count(*) FROM casebridge.link l WHERE l.agency = a.agency AND l.state = 'live'),
           (SELECT count(*) FROM casebridge.link l WHERE l.agency = a.agency AND l.state = 'ended'),
           (SELECT count(*) FROM casebridge.parked p WHERE p.agency = a.agency AND p.skipped IS NULL),
           (SELECT count(*) FROM casebridge.refusal r WHERE r.agency = a.agency AND r.skipped IS NULL),
           a.paused_by, a.paused_reason, a.paused_since, a.paused_until,
           CASE WHEN a.breaker_approved IS NULL THEN a.breaker_seq END, a.breaker_since
    FROM casebridge.agency_state a ORDER BY a.agency)";

std::int64_t number(const libpq::QueryResult& result, std::size_t row, std::size_t column)
{
    const auto text = result.text(row, column);
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

boost::asio::awaitable<Overview> read_overview(libpq::Connection& connection)
{
    if (co_await schema_version(connection) == 0)
        throw HubFailure{
            Error{
                  .kind = ErrorClass::permanent,
                  .code = "hub_empty",
                  .place = "hub",
                  .message = "the hub's database has no schema casebridge",
                  .remedy = "run casebridge setup, or check the hub's connection"}
        };
    const auto bridge = co_await connection.execute(bridge_sql);
    Overview overview;
    overview.epoch = number(bridge, 0, 0);
    overview.holder = bridge.text(0, 1);
    overview.incarnation = bridge.text(0, 2);
    overview.last_seq = number(bridge, 0, 3);
    overview.projected_seq = number(bridge, 0, 4);
    overview.records = number(bridge, 0, 5);
    overview.holds = number(bridge, 0, 6);
    overview.conflicts = number(bridge, 0, 7);
    overview.requests = number(bridge, 0, 8);
    overview.proposals = number(bridge, 0, 9);
    const auto agencies = co_await connection.execute(agencies_sql);
    for (std::size_t row = 0; row < agencies.rows(); ++row) {
        AgencyOverview agency;
        agency.agency = agencies.text(row, 0);
        agency.end_lsn = agencies.text(row, 1);
        agency.seen = number(agencies, row, 2);
        agency.tables = number(agencies, row, 3);
        agency.tables_surveyed = number(agencies, row, 4);
        agency.linked_rows = number(agencies, row, 5);
        agency.ended_rows = number(agencies, row, 6);
        agency.parked_keys = number(agencies, row, 7);
        agency.refusals = number(agencies, row, 8);
        if (const auto by = agencies.value(row, 9))
            agency.pause = PauseOverview{
                std::string{*by},
                std::string{agencies.text(row, 10)},
                std::string{agencies.text(row, 11)},
                to_string(agencies.value(row, 12))};
        if (agencies.value(row, 13))
            agency.breaker =
                BreakerOverview{number(agencies, row, 13), to_string(agencies.value(row, 14)).value_or("?")};
        overview.agencies.push_back(std::move(agency));
    }
    co_return overview;
}

boost::asio::awaitable<std::optional<std::string>> last_configuration(libpq::Connection& connection)
{
    const auto answer = co_await connection.execute(
        "SELECT envelope ->> 'hash' FROM casebridge.journal WHERE kind = 'configuration_applied' "
        "ORDER BY seq DESC LIMIT 1"
    );
    if (answer.rows() == 0)
        co_return std::nullopt;
    co_return std::string{answer.text(0, 0)};
}

boost::asio::awaitable<WaitingCounts> count_waiting(libpq::Connection& connection)
{
    const auto answer = co_await connection.execute(
        "SELECT (SELECT count(*) FROM casebridge.hold), (SELECT count(*) FROM casebridge.proposal)"
    );
    co_return WaitingCounts{
        static_cast<std::uint64_t>(number(answer, 0, 0)), static_cast<std::uint64_t>(number(answer, 0, 1))};
}

boost::asio::awaitable<std::map<AgencyId, std::uint64_t>> count_refusals(libpq::Connection& connection)
{
    const auto answer = co_await connection.execute(
        "SELECT agency, count(*) FROM casebridge.refusal WHERE skipped IS NULL GROUP BY agency"
    );
    std::map<AgencyId, std::uint64_t> refusals;
    for (std::size_t row = 0; row < answer.rows(); ++row)
        refusals.emplace(
            std::string{answer.text(row, 0)}, static_cast<std::uint64_t>(number(answer, row, 1))
        );
    co_return refusals;
}

}  // namespace casebridge::hub
