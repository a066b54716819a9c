#include "hub/breaker_queries.hpp"

#include "hub/breaker_json.hpp"
#include "hub/failure.hpp"
#include "hub/row_texts.hpp"

#include <utility>

namespace casebridge::hub {

namespace {

constexpr auto breakers_sql =
    "SELECT agency, breaker_seq, breaker_approved, breaker, breaker_since,"
    " timestamptz '2000-01-01 00:00:00+00'"
    " + (breaker ->> 'commit_time')::bigint * interval '1 microsecond'"
    " FROM casebridge.agency_state WHERE breaker IS NOT NULL ORDER BY agency";

}  // namespace

boost::asio::awaitable<std::vector<StoppedStream>> list_breakers(libpq::Connection& connection)
{
    const auto rows = co_await connection.execute(breakers_sql);
    std::vector<StoppedStream> stopped;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        std::string agency{rows.text(i, 0)};
        auto tripped = reading_stored("breaker of " + agency, [&] {
            return read_breaker(parse_stored(rows.text(i, 3)), AgencyId{agency});
        });
        if (!tripped)
            throw HubFailure{tripped.error()};
        pipeline::Breaker breaker{JournalSeq{to_int64(rows.text(i, 1))}, std::move(*tripped)};
        if (const auto approved = rows.value(i, 2))
            breaker.approved = from_text<ApprovedDeletions>(*approved);
        stopped.push_back(
            {std::move(agency), std::move(breaker), std::string{rows.text(i, 5)}, to_string(rows.value(i, 4))}
        );
    }
    co_return stopped;
}

}  // namespace casebridge::hub
