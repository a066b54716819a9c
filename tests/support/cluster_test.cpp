#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace casebridge::test {
namespace {

TEST(Cluster, ServesAndStopsAndStartsAgainWithItsData)
{
    Cluster cluster;
    sql(cluster.conninfo(), "CREATE TABLE t(a int); INSERT INTO t VALUES (7)");
    cluster.stop(StopMode::fast);
    EXPECT_THROW(sql(cluster.conninfo(), "SELECT 1"), std::runtime_error);
    cluster.start();
    EXPECT_EQ(sql_value(cluster.conninfo(), "SELECT a FROM t"), "7");
    EXPECT_EQ(sql_value(cluster.conninfo(), "SHOW wal_level"), "logical");
}

TEST(Cluster, SeveralLiveSideBySideAndListenOnLoopbackWhenAsked)
{
    const Cluster one{{.listen = ClusterOptions::Listen::loopback_too}};
    const Cluster other{{.settings = {"work_mem = 5MB"}}};
    EXPECT_EQ(sql_value(one.tcp_conninfo(), "SHOW work_mem"), "4MB");
    EXPECT_EQ(sql_value(other.conninfo(), "SHOW work_mem"), "5MB");
}

TEST(Cluster, RemovesItsDirectory)
{
    std::filesystem::path directory;
    {
        const Cluster cluster;
        directory = cluster.directory();
        EXPECT_TRUE(std::filesystem::exists(directory));
    }
    EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(Cluster, LeavesNothingBehindWhenItsProcessIsKilled)
{
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        const Cluster cluster;
        const auto directory = cluster.directory().string();
        if (write(ends[1], directory.data(), directory.size()) < 0)
            _exit(1);
        while (true)
            pause();
    }
    std::string directory(100, '\0');
    const auto size = read(ends[0], directory.data(), directory.size());
    ASSERT_GT(size, 0);
    directory.resize(static_cast<std::size_t>(size));
    const auto conninfo = "host=" + directory + " user=postgres dbname=postgres";
    EXPECT_EQ(sql_value(conninfo, "SELECT 1"), "1");

    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);

    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::filesystem::exists(directory) && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_FALSE(std::filesystem::exists(directory));
    EXPECT_THROW(sql(conninfo, "SELECT 1"), std::runtime_error);
}

}  // namespace
}  // namespace casebridge::test
