#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/entry_codec.hpp"
#include "hub/journal.hpp"
#include "tests/hub/sample_bridge.hpp"
#include "tests/support/cluster.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

// A hub of its own for each test, in one cluster.

namespace casebridge::hub::test {

namespace asio = boost::asio;

class HubTest : public ::testing::Test {
protected:
    HubTest()
    {
        static int count = 0;
        database_ = "hub" + std::to_string(++count);
        casebridge::test::sql(cluster().conninfo(), "CREATE DATABASE " + database_);
    }

    static casebridge::test::Cluster& cluster()
    {
        static casebridge::test::Cluster cluster;
        return cluster;
    }

    [[nodiscard]] std::string conninfo() const { return cluster().conninfo(database_); }
    [[nodiscard]] libpq::ConnectionOptions options() const { return libpq::ConnectionOptions{conninfo()}; }
    casebridge::test::Rows sql(const std::string& text) const
    {
        return casebridge::test::sql(conninfo(), text);
    }
    std::string value(const std::string& query) const
    {
        return casebridge::test::sql_value(conninfo(), query);
    }

    // Runs a scenario to its end and rethrows what it throws. The function object outlives its coroutine.
    static void run(const std::function<asio::awaitable<void>()>& scenario)
    {
        asio::io_context context;
        std::exception_ptr failure;
        asio::co_spawn(context, scenario(), [&failure](std::exception_ptr error) {
            failure = std::move(error);
        });
        context.run();
        if (failure)
            std::rethrow_exception(failure);
    }

    // Entries of every kind with seqs from `first` on.
    std::vector<Entry> entries(std::int64_t first, std::size_t count)
    {
        std::vector<Entry> list;
        for (std::size_t i = 0; i < count; ++i)
            list.push_back(draw.entry(JournalSeq{first + static_cast<std::int64_t>(i)}));
        return list;
    }

    pipeline::BridgeDefinition bridge = sample_bridge();
    EntryCodec codec{bridge};
    Draw draw{bridge, 7};

private:
    std::string database_;
};

}  // namespace casebridge::hub::test
