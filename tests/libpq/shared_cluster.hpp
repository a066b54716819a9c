#pragma once

#include "connectors/libpq/connection.hpp"
#include "tests/support/cluster.hpp"

#include <string>

// The cluster that the tests of one suite share; those that stop a server start their own.

namespace casebridge::libpq::test {

// Started with the first test that asks for it, removed with the process.
inline casebridge::test::Cluster& shared_cluster()
{
    static casebridge::test::Cluster cluster{
        {.listen = casebridge::test::ClusterOptions::Listen::loopback_too}};
    return cluster;
}

inline ConnectionOptions options_for(const std::string& database = "postgres")
{
    return ConnectionOptions{shared_cluster().conninfo(database)};
}

}  // namespace casebridge::libpq::test
