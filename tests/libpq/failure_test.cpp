#include "connectors/libpq/connection.hpp"
#include "connectors/libpq/task_scope.hpp"
#include "tests/libpq/run.hpp"
#include "tests/libpq/shared_cluster.hpp"

#include <gtest/gtest.h>

#include <string>

// Cancellation and servers that go away.

namespace casebridge::libpq {
namespace {

using namespace std::chrono_literals;
using test::options_for;
using test::run;

template <class Failure>
asio::awaitable<void> expect_failure(Connection* connection, std::string sql)
{
    bool failed = false;
    try {
        co_await connection->execute(sql);
    } catch (const Failure&) {
        failed = true;
    }
    EXPECT_TRUE(failed);
}

asio::awaitable<void> ignore_result(asio::awaitable<QueryResult> query)
{
    co_await std::move(query);
}

asio::awaitable<void> cancel_long_query()
{
    auto connection = co_await Connection::open(options_for());
    bool timed_out = false;
    try {
        co_await within(20ms, "the query", connection.execute("SELECT pg_sleep(3600)"));
    } catch (const Timeout&) {
        timed_out = true;
    }
    EXPECT_TRUE(timed_out);
    // Whose answer would come next? Nobody may ask.
    co_await expect_failure<ConnectionLost>(&connection, "SELECT 1");
    connection.close();
    connection = co_await Connection::open(options_for());
    EXPECT_EQ((co_await connection.execute("SELECT 1")).text(0, 0), "1");
}

TEST(Cancellation, OfALongQueryLeavesNothingHangingAndTheConnectionClosed)
{
    run(cancel_long_query());
}

asio::awaitable<void> cancel_notification()
{
    auto connection = co_await Connection::open(options_for());
    co_await connection.execute_script("LISTEN x");
    bool timed_out = false;
    try {
        co_await within(5ms, "a notification", connection.next_notification());
    } catch (const Timeout&) {
        timed_out = true;
    }
    EXPECT_TRUE(timed_out);
    co_await connection.execute_script("NOTIFY x");
    EXPECT_EQ((co_await connection.next_notification()).channel, "x");
}

TEST(Cancellation, OfAWaitForNotificationsLeavesTheConnectionUsable)
{
    run(cancel_notification());
}

asio::awaitable<void> statement_timeout()
{
    auto options = options_for();
    options.settings = {
        {"statement_timeout", "20ms"}
    };
    auto connection = co_await Connection::open(options);
    try {
        co_await connection.execute("SELECT pg_sleep(3600)");
        ADD_FAILURE() << "ended";
    } catch (const ServerError& error) {
        EXPECT_EQ(error.state(), SqlState{"57014"});
        EXPECT_EQ(error.kind(), ErrorClass::transient);
    }
    EXPECT_EQ((co_await connection.execute("SELECT 1")).text(0, 0), "1");
}

TEST(ServerErrors, AStatementTimeLimitLeavesTheConnectionUsable)
{
    run(statement_timeout());
}

// Stops the server as soon as the query of another session is seen to run.
asio::awaitable<void> stop_during_query(casebridge::test::Cluster* cluster, casebridge::test::StopMode mode)
{
    auto observer = co_await Connection::open(ConnectionOptions{cluster->conninfo()});
    for (std::string running = "0"; running == "0";)
        running = (co_await observer.execute("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
                                             "AND query LIKE 'SELECT pg_sleep%'"))
                      .text(0, 0);
    observer.close();
    cluster->stop(mode);
}

asio::awaitable<void> survive_stop(casebridge::test::Cluster* cluster, casebridge::test::StopMode mode)
{
    auto connection = co_await Connection::open(ConnectionOptions{cluster->conninfo()});
    bool lost = false;
    try {
        co_await run_together(
            ignore_result(connection.execute("SELECT pg_sleep(3600)")), stop_during_query(cluster, mode)
        );
    } catch (const ConnectionLost& error) {
        lost = error.kind() == ErrorClass::transient;
    }
    EXPECT_TRUE(lost);
    co_await expect_failure<ConnectionLost>(&connection, "SELECT 1");
    connection.close();
    cluster->start();
    connection = co_await Connection::open(ConnectionOptions{cluster->conninfo()});
    EXPECT_EQ((co_await connection.execute("SELECT 1")).text(0, 0), "1");
}

TEST(ConnectionLostError, IsWhatAQuerySeesWhenItsServerStops)
{
    casebridge::test::Cluster cluster;
    run(survive_stop(&cluster, casebridge::test::StopMode::immediate));
    run(survive_stop(&cluster, casebridge::test::StopMode::fast));
}

asio::awaitable<void> terminated_by_administrator()
{
    auto connection = co_await Connection::open(options_for());
    auto administrator = co_await Connection::open(options_for());
    // Waits until the session has really ended.
    const auto ended = co_await administrator.execute(
        "SELECT pg_terminate_backend($1::int, 30000)", parameters(std::to_string(connection.backend_pid()))
    );
    EXPECT_EQ(ended.text(0, 0), "t");
    try {
        co_await connection.execute("SELECT 1");
        ADD_FAILURE() << "answered";
    } catch (const ConnectionLost& error) {
        EXPECT_EQ(error.state(), SqlState{"57P01"});
        EXPECT_EQ(error.kind(), ErrorClass::transient);
    }
    co_await expect_failure<ConnectionLost>(&connection, "SELECT 1");
}

TEST(ConnectionLostError, SaysWhyTheServerEndedTheSession)
{
    run(terminated_by_administrator());
}

asio::awaitable<void> pipeline_on_dead_session()
{
    auto connection = co_await Connection::open(options_for());
    auto administrator = co_await Connection::open(options_for());
    co_await administrator.execute(
        "SELECT pg_terminate_backend($1::int, 30000)", parameters(std::to_string(connection.backend_pid()))
    );
    std::vector<Statement> statements(10, Statement{"SELECT 1"});
    bool lost = false;
    try {
        co_await connection.execute_pipelined(std::move(statements));
    } catch (const ConnectionLost&) {
        lost = true;
    }
    EXPECT_TRUE(lost);
}

TEST(ConnectionLostError, EndsAPipelineToo)
{
    run(pipeline_on_dead_session());
}

asio::awaitable<void> move_while_running()
{
    auto connection = co_await Connection::open(options_for());
    auto query = connection.execute("SELECT 5");
    auto moved = std::move(connection);
    EXPECT_EQ((co_await std::move(query)).text(0, 0), "5");
    EXPECT_EQ((co_await moved.execute("SELECT 6")).text(0, 0), "6");
}

TEST(Connection, MayBeMovedWhileAnOperationRuns)
{
    run(move_while_running());
}

}  // namespace
}  // namespace casebridge::libpq
