#include "hub/leadership.hpp"

#include "hub/failure.hpp"
#include "hub/row_texts.hpp"

#include <utility>

namespace casebridge::hub {

namespace asio = boost::asio;

asio::awaitable<Leadership> take_epoch(libpq::Connection& connection, std::string holder)
{
    std::vector<libpq::Statement> statements;
    statements.emplace_back(
        "UPDATE casebridge.leader SET epoch = epoch + 1, holder = $1, since = clock_timestamp()"
        " RETURNING epoch, last_seq, incarnation",
        libpq::parameters(std::move(holder))
    );
    statements.emplace_back("UPDATE casebridge.projection SET epoch = (SELECT epoch FROM casebridge.leader)");
    const auto results = co_await connection.execute_pipelined(std::move(statements));
    const auto& leader = results.front();
    co_return Leadership{
        .epoch = to_int64(leader.text(0, 0)),
        .last_seq = JournalSeq{to_int64(leader.text(0, 1))},
        .incarnation = std::string{leader.text(0, 2)},
    };
}

asio::awaitable<bool> try_leader_lock(libpq::Connection& connection)
{
    const auto locked =
        co_await connection.execute("SELECT pg_try_advisory_lock(hashtextextended('casebridge.leader', 0))");
    co_return locked.text(0, 0) == "t";
}

void throw_as_leadership(const libpq::ServerError& error, const char* place)
{
    if (error.state() == libpq::SqlState{"CB001"})
        throw LeadershipLost{place};
    throw error;
}

}  // namespace casebridge::hub
