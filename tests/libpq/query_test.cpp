#include "connectors/libpq/connection.hpp"
#include "tests/libpq/run.hpp"
#include "tests/libpq/shared_cluster.hpp"

#include <gtest/gtest.h>

#include <string>

namespace casebridge::libpq {
namespace {

using test::options_for;
using test::run;

asio::awaitable<void> values_and_nulls()
{
    auto connection = co_await Connection::open(options_for());
    const auto result = co_await connection.execute(
        "SELECT $1::text AS a, $2::text AS b, $3::int + 1 AS c", parameters("Jürgen 王", std::nullopt, "41")
    );
    EXPECT_EQ(result.rows(), 1U);
    EXPECT_EQ(result.columns(), 3U);
    EXPECT_EQ(result.column_name(1), "b");
    EXPECT_EQ(result.text(0, 0), "Jürgen 王");
    EXPECT_TRUE(result.is_null(0, 1));
    EXPECT_EQ(result.value(0, 1), std::nullopt);
    EXPECT_EQ(result.value(0, 2), "42");
}

TEST(Execute, PassesTextsAndNulls)
{
    run(values_and_nulls());
}

asio::awaitable<void> count_rows()
{
    auto connection = co_await Connection::open(options_for());
    co_await connection.execute_script(
        "CREATE TEMP TABLE t(a int); INSERT INTO t SELECT generate_series(1, 5)"
    );
    const auto updated = co_await connection.execute("UPDATE t SET a = a WHERE a > $1::int", parameters("2"));
    EXPECT_EQ(updated.affected_rows(), 3U);
    const auto created = co_await connection.execute("CREATE TEMP TABLE u(a int)");
    EXPECT_EQ(created.affected_rows(), 0U);
}

TEST(Execute, CountsAffectedRows)
{
    run(count_rows());
}

asio::awaitable<void> big_both_ways()
{
    auto connection = co_await Connection::open(options_for());
    const std::string big(20'000'000, 'x');
    const auto result = co_await connection.execute("SELECT $1::text", parameters(big));
    EXPECT_EQ(result.text(0, 0).size(), big.size());
}

TEST(Execute, MovesMoreThanSocketBuffersHold)
{
    run(big_both_ways());
}

asio::awaitable<void> nul_byte()
{
    auto connection = co_await Connection::open(options_for());
    try {
        co_await connection.execute("SELECT $1::text", parameters(std::string{"a\0b", 3}));
        ADD_FAILURE() << "accepted";
    } catch (const ServerError& error) {
        EXPECT_EQ(error.state(), SqlState{"22021"});
        EXPECT_EQ(error.kind(), ErrorClass::poison);
    }
    const auto still = co_await connection.execute("SELECT 1");
    EXPECT_EQ(still.text(0, 0), "1");
}

TEST(Execute, RefusesANulByteInsteadOfCuttingTheText)
{
    run(nul_byte());
}

asio::awaitable<void> refused_statement()
{
    auto connection = co_await Connection::open(options_for());
    co_await connection.execute_script("CREATE TEMP TABLE person(id int CONSTRAINT one_person PRIMARY KEY)");
    co_await connection.execute("INSERT INTO person VALUES (4711)");
    try {
        co_await connection.execute("INSERT INTO person VALUES (4711)");
        ADD_FAILURE() << "accepted";
    } catch (const ServerError& error) {
        EXPECT_EQ(error.state(), SqlState{"23505"});
        EXPECT_EQ(error.report().table, "person");
        EXPECT_EQ(error.report().constraint, "one_person");
        EXPECT_EQ(error.report().severity, "ERROR");
        EXPECT_EQ(error.report().message, "");
        EXPECT_EQ(std::string{error.what()}.find("4711"), std::string::npos);
    }
    const auto still = co_await connection.execute("SELECT count(*) FROM person");
    EXPECT_EQ(still.text(0, 0), "1");
}

TEST(Execute, ARefusedStatementGivesNamesButNoValuesAndTheConnectionGoesOn)
{
    run(refused_statement());
}

asio::awaitable<void> trigger_message()
{
    auto connection = co_await Connection::open(options_for());
    try {
        co_await connection.execute_script("DO $$ BEGIN RAISE EXCEPTION 'person 4711'; END $$");
        ADD_FAILURE() << "accepted";
    } catch (const ServerError& error) {
        EXPECT_EQ(error.state(), SqlState{"P0001"});
        EXPECT_EQ(std::string{error.what()}.find("4711"), std::string::npos);
    }
    try {
        co_await connection.execute("SELECT * FROM pg_catalog.no_such_table");
        ADD_FAILURE() << "accepted";
    } catch (const ServerError& error) {
        EXPECT_NE(std::string{error.what()}.find("no_such_table"), std::string::npos);
        EXPECT_EQ(error.kind(), ErrorClass::permanent);
    }
}

TEST(Execute, KeepsMessagesThatNameObjectsAndDropsThoseThatQuoteRows)
{
    run(trigger_message());
}

asio::awaitable<void> script_with_error()
{
    auto connection = co_await Connection::open(options_for());
    co_await connection.execute_script("CREATE TEMP TABLE t(a int)");
    EXPECT_EQ((co_await connection.execute_simple("SELECT 1; SELECT 2")).text(0, 0), "2");
    bool refused = false;
    try {
        co_await connection.execute_script("INSERT INTO t VALUES (1); SELECT 1 / 0; INSERT INTO t VALUES (2)"
        );
    } catch (const ServerError& error) {
        refused = error.state() == SqlState{"22012"};
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ((co_await connection.execute("SELECT count(*) FROM t")).text(0, 0), "0");
}

TEST(ExecuteScript, IsOneTransactionAndThrowsTheFirstError)
{
    run(script_with_error());
}

std::vector<Statement> numbered_inserts(std::size_t count, std::size_t bad)
{
    std::vector<Statement> statements;
    for (std::size_t i = 0; i < count; ++i)
        statements.emplace_back(
            "INSERT INTO t VALUES ($1) RETURNING a", parameters(i == bad ? "no number" : std::to_string(i))
        );
    return statements;
}

asio::awaitable<void> pipeline()
{
    auto connection = co_await Connection::open(options_for());
    co_await connection.execute_script("CREATE TEMP TABLE t(a int)");
    const auto results = co_await connection.execute_pipelined(numbered_inserts(1000, 1000));
    EXPECT_EQ(results.size(), 1000U);
    EXPECT_EQ(results.back().text(0, 0), "999");
    EXPECT_EQ((co_await connection.execute_pipelined({})).size(), 0U);
}

TEST(Pipeline, GivesOneResultForEachStatement)
{
    run(pipeline());
}

asio::awaitable<void> pipeline_error()
{
    auto connection = co_await Connection::open(options_for());
    co_await connection.execute_script("CREATE TEMP TABLE t(a int)");
    try {
        co_await connection.execute_pipelined(numbered_inserts(100, 42));
        ADD_FAILURE() << "accepted";
    } catch (const ServerError& error) {
        EXPECT_EQ(error.state(), SqlState{"22P02"});
        EXPECT_EQ(error.report().statement_index, 42U);
        EXPECT_EQ(std::string{error.what()}.find("no number"), std::string::npos);
    }
    EXPECT_EQ((co_await connection.execute("SELECT count(*) FROM t")).text(0, 0), "0");
}

TEST(Pipeline, TheFirstErrorStopsTheRestAndNamesItsStatement)
{
    run(pipeline_error());
}

asio::awaitable<void> pipeline_of_big_answers()
{
    auto connection = co_await Connection::open(options_for());
    std::vector<Statement> statements;
    for (int i = 0; i < 200; ++i)
        statements.emplace_back(
            "SELECT $1::text || repeat('y', 100000)", parameters(std::string(100'000, 'x'))
        );
    const auto results = co_await connection.execute_pipelined(std::move(statements));
    EXPECT_EQ(results.size(), 200U);
    EXPECT_EQ(results.back().text(0, 0).size(), 200'000U);
}

TEST(Pipeline, DoesNotDeadlockWhenBothSidesHaveMuchToSay)
{
    run(pipeline_of_big_answers());
}

asio::awaitable<void> notification()
{
    auto listener = co_await Connection::open(options_for());
    auto speaker = co_await Connection::open(options_for());
    co_await listener.execute_script("LISTEN inbox");
    co_await speaker.execute_script("NOTIFY inbox, 'first'; ");
    co_await speaker.execute_script("NOTIFY inbox, 'second'");
    const auto first = co_await listener.next_notification();
    EXPECT_EQ(first.channel, "inbox");
    EXPECT_EQ(first.payload, "first");
    EXPECT_EQ((co_await listener.next_notification()).payload, "second");
    EXPECT_EQ((co_await listener.execute("SELECT 1")).text(0, 0), "1");
}

TEST(Notification, ArrivesInOrderAndTheConnectionGoesOn)
{
    run(notification());
}

}  // namespace
}  // namespace casebridge::libpq
