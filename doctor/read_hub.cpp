#include "doctor/examined_session.hpp"
#include "hub/migrations.hpp"
#include "model/assert.hpp"

namespace casebridge::doctor {
namespace {

// The projections lag behind the journal, and a hub that nobody serves just now stays so.
constexpr auto positions_sql = R"(
SELECT agency, max(end_lsn)
FROM (SELECT agency, end_lsn FROM casebridge.agency_state
    UNION ALL
    SELECT agency, (envelope ->> 'end_lsn')::pg_lsn FROM casebridge.journal
    WHERE kind = 'stream_position' AND seq > coalesce((SELECT projected_seq FROM casebridge.projection), 0)) AS read
GROUP BY agency)";

}  // namespace

asio::awaitable<void> read_hub(libpq::Connection& connection, HubFacts& facts)
{
    const auto rights = co_await connection.execute(
        "SELECT has_database_privilege(current_database(), 'CREATE'), "
        "coalesce((SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = "
        "'casebridge'), false)"
    );
    const AnswerRow row{rights, 0};
    facts.may_create_schema = row.flag(0);
    facts.owns_schema = row.flag(1);
    facts.schema_known = hub::migrations().back().version;
    facts.schema_version = co_await hub::schema_version(connection);
    if (facts.schema_version == 0)
        co_return;
    const auto leader = co_await connection.execute("SELECT incarnation FROM casebridge.leader");
    if (leader.rows() == 1)
        facts.incarnation = AnswerRow{leader, 0}.text(0);
    const auto positions = co_await connection.execute(positions_sql);
    for (std::size_t i = 0; i < positions.rows(); ++i) {
        const AnswerRow position{positions, i};
        const auto lsn = parse_lsn(position.text(1));
        CASEBRIDGE_ASSERT(lsn.has_value());
        facts.positions.emplace(position.text(0), *lsn);
    }
}

}  // namespace casebridge::doctor
