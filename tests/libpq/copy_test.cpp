#include "connectors/libpq/connection.hpp"
#include "tests/libpq/run.hpp"
#include "tests/libpq/shared_cluster.hpp"

#include <gtest/gtest.h>

#include <string>

namespace casebridge::libpq {
namespace {

using test::options_for;
using test::run;

constexpr int many_rows = 100'000;

asio::awaitable<void> copy_many_rows()
{
    auto connection = co_await Connection::open(options_for());
    co_await connection.execute_script("CREATE TEMP TABLE t(a int, b text)");
    auto writer = co_await connection.copy_in("COPY t FROM STDIN");
    std::string piece;
    for (int i = 0; i < many_rows; ++i) {
        piece += std::to_string(i) + "\tZoë\\\\ " + std::to_string(i) + '\n';
        // Not at the end of a row: rows may be split between pieces.
        if (piece.size() > 10'000) {
            co_await writer.write(std::string_view{piece}.substr(0, 10'000));
            piece.erase(0, 10'000);
        }
    }
    co_await writer.write(std::string_view{piece});
    const auto rows = co_await writer.finish();
    EXPECT_EQ(rows, static_cast<std::uint64_t>(many_rows));
    const auto stored = co_await connection.execute("SELECT count(*), sum(a), max(b) FROM t");
    EXPECT_EQ(stored.text(0, 0), "100000");
    EXPECT_EQ(stored.text(0, 1), "4999950000");
    EXPECT_EQ(stored.text(0, 2), "Zoë\\ 99999");
}

TEST(CopyIn, StoresEveryRow)
{
    run(copy_many_rows());
}

asio::awaitable<void> copy_bad_rows()
{
    auto connection = co_await Connection::open(options_for());
    co_await connection.execute_script("CREATE TEMP TABLE t(a int)");
    auto writer = co_await connection.copy_in("COPY t FROM STDIN");
    try {
        for (int i = 0; i < many_rows; ++i)
            co_await writer.write(std::string_view{"no number\n"});
        co_await writer.finish();
        ADD_FAILURE() << "accepted";
    } catch (const ServerError& error) {
        EXPECT_EQ(error.state(), SqlState{"22P02"});
        EXPECT_EQ(std::string{error.what()}.find("no number"), std::string::npos);
    }
    EXPECT_EQ((co_await connection.execute("SELECT count(*) FROM t")).text(0, 0), "0");
}

TEST(CopyIn, AnErrorIsThrownAndTheConnectionGoesOn)
{
    run(copy_bad_rows());
}

asio::awaitable<void> copy_refused()
{
    auto connection = co_await Connection::open(options_for());
    bool refused = false;
    try {
        co_await connection.copy_in("COPY no_such_table FROM STDIN");
    } catch (const ServerError& error) {
        refused = error.state() == SqlState{"42P01"};
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ((co_await connection.execute("SELECT 1")).text(0, 0), "1");
}

TEST(CopyIn, ARefusedCopyLeavesTheConnectionUsable)
{
    run(copy_refused());
}

asio::awaitable<void> copy_abandoned()
{
    auto connection = co_await Connection::open(options_for());
    co_await connection.execute_script("CREATE TABLE public.abandoned(a int)");
    {
        auto writer = co_await connection.copy_in("COPY public.abandoned FROM STDIN");
        co_await writer.write(std::string_view{"1\n"});
    }
    bool lost = false;
    try {
        co_await connection.execute("SELECT 1");
    } catch (const ConnectionLost&) {
        lost = true;
    }
    EXPECT_TRUE(lost);
    connection.close();
    auto other = co_await Connection::open(options_for());
    // Waits for the server to roll the COPY back.
    co_await other.execute_script("BEGIN; LOCK TABLE public.abandoned; COMMIT");
    EXPECT_EQ((co_await other.execute("SELECT count(*) FROM public.abandoned")).text(0, 0), "0");
}

TEST(CopyIn, AnAbandonedCopyIsRolledBack)
{
    run(copy_abandoned());
}

}  // namespace
}  // namespace casebridge::libpq
