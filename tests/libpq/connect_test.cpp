#include "connectors/libpq/connection.hpp"
#include "tests/libpq/run.hpp"
#include "tests/libpq/shared_cluster.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace casebridge::libpq {
namespace {

using namespace std::chrono_literals;
using casebridge::test::sql;
using test::options_for;
using test::run;
using test::shared_cluster;

const std::map<std::string, std::string> wanted_settings{
    {"datestyle",                   "ISO, MDY"},
    {"intervalstyle",               "postgres"},
    {"extra_float_digits",          "3"       },
    {"bytea_output",                "hex"     },
    {"timezone",                    "UTC"     },
    {"lc_monetary",                 "C"       },
    {"search_path",                 ""        },
    {"row_security",                "off"     },
    {"client_encoding",             "UTF8"    },
    {"standard_conforming_strings", "on"      },
};

asio::awaitable<void> expect_pinned(ConnectionOptions options)
{
    auto connection = co_await Connection::open(std::move(options));
    for (const auto& [name, value] : wanted_settings) {
        const auto result = co_await connection.execute_simple("SHOW " + name);
        EXPECT_EQ(result.text(0, 0), value) << name;
    }
}

TEST(PinnedSettings, WinOverDatabaseRoleAndConnectionString)
{
    sql(shared_cluster().conninfo(), "CREATE ROLE other_settings SUPERUSER LOGIN REPLICATION");
    sql(shared_cluster().conninfo(), "CREATE DATABASE other_defaults");
    for (const auto* where : {"DATABASE other_defaults", "ROLE other_settings"})
        for (const auto* setting :
             {"datestyle = 'SQL, DMY'",
              "intervalstyle = sql_standard",
              "bytea_output = escape",
              "timezone = 'Asia/Tokyo'",
              "extra_float_digits = 0",
              "search_path = public",
              "client_encoding = LATIN1",
              "row_security = on"})
            sql(shared_cluster().conninfo(), std::string{"ALTER "} + where + " SET " + setting);
    auto options = options_for("other_defaults");
    options.conninfo = shared_cluster().conninfo("other_defaults", "other_settings") +
                       " client_encoding=LATIN1 options='-c datestyle=German -c timezone=Europe/Berlin'";
    run(expect_pinned(options));
    options.role = SessionRole::replication;
    run(expect_pinned(options));
}

asio::awaitable<void> expect_session_settings()
{
    auto options = options_for();
    options.settings = {
        {"lock_timeout",      "5s"    },
        {"statement_timeout", "1 min" },
        {"datestyle",         "German"}
    };
    options.application_name = "casebridge:sp";
    auto connection = co_await Connection::open(options);
    EXPECT_EQ((co_await connection.execute("SHOW lock_timeout")).text(0, 0), "5s");
    EXPECT_EQ((co_await connection.execute("SHOW statement_timeout")).text(0, 0), "1min");
    EXPECT_EQ((co_await connection.execute("SHOW datestyle")).text(0, 0), "ISO, MDY");
    EXPECT_EQ((co_await connection.execute("SHOW application_name")).text(0, 0), "casebridge:sp");
    EXPECT_GE(connection.server_version(), 150'000);
    const auto pid = co_await connection.execute("SELECT pg_backend_pid()");
    EXPECT_EQ(pid.text(0, 0), std::to_string(connection.backend_pid()));

    options.conninfo += " application_name=mine";
    auto named = co_await Connection::open(options);
    EXPECT_EQ((co_await named.execute("SHOW application_name")).text(0, 0), "mine");
}

TEST(Open, AddsTheSessionsOwnSettings)
{
    run(expect_session_settings());
}

asio::awaitable<void> open_and_ask(ConnectionOptions options)
{
    auto connection = co_await Connection::open(std::move(options));
    EXPECT_EQ((co_await connection.execute("SELECT 1")).text(0, 0), "1");
}

TEST(Open, ResolvesNamesAndTriesEveryHost)
{
    auto& cluster = shared_cluster();
    run(open_and_ask(ConnectionOptions{cluster.tcp_conninfo("localhost")}));
    run(open_and_ask(ConnectionOptions{cluster.tcp_conninfo("127.0.0.1")}));
    run(open_and_ask(ConnectionOptions{
        cluster.tcp_conninfo("/nowhere,localhost," + cluster.directory().string())}));
    run(open_and_ask(ConnectionOptions{"hostaddr=127.0.0.1 " + cluster.tcp_conninfo("no.such.host.invalid")})
    );
}

template <class Failure>
Error failure_of(ConnectionOptions options)
{
    try {
        run(open_and_ask(std::move(options)));
    } catch (const Failure& failure) {
        return failure.error();
    }
    ADD_FAILURE() << "no such failure";
    return {};
}

TEST(Open, AServerThatIsNotThereIsTransient)
{
    EXPECT_EQ(failure_of<ConnectionLost>(ConnectionOptions{"host=/nowhere"}).kind, ErrorClass::transient);
    EXPECT_EQ(
        failure_of<ConnectionLost>(ConnectionOptions{"host=127.0.0.1 port=1"}).kind, ErrorClass::transient
    );
    EXPECT_EQ(
        failure_of<ConnectionLost>(ConnectionOptions{"host=no.such.host.invalid"}).kind, ErrorClass::transient
    );
}

TEST(Open, ARefusalHasTheServersState)
{
    auto& cluster = shared_cluster();
    const auto database = failure_of<ServerError>(ConnectionOptions{cluster.conninfo("no_such_database")});
    EXPECT_EQ(database.code, "sqlstate_3D000");
    EXPECT_EQ(database.kind, ErrorClass::permanent);
    EXPECT_EQ(database.message, "database \"no_such_database\" does not exist");
    EXPECT_EQ(
        failure_of<ServerError>(ConnectionOptions{cluster.conninfo("postgres", "nobody_here")}).code,
        "sqlstate_28000"
    );

    sql(cluster.conninfo(), "CREATE ROLE one_only LOGIN CONNECTION LIMIT 0");
    const auto many = failure_of<ServerError>(ConnectionOptions{cluster.conninfo("postgres", "one_only")});
    EXPECT_EQ(many.code, "sqlstate_53300");
    EXPECT_EQ(many.kind, ErrorClass::transient);
}

TEST(Open, AMistakenConnectionStringIsPermanentAndNothingConnects)
{
    auto& cluster = shared_cluster();
    EXPECT_EQ(
        failure_of<ConfigurationError>(ConnectionOptions{cluster.conninfo() + " password=x"}).code,
        "password_in_conninfo"
    );
    EXPECT_EQ(failure_of<ConfigurationError>(ConnectionOptions{"sslmode=maybe"}).kind, ErrorClass::permanent);
}

TEST(Open, AMissingPasswordIsNamed)
{
    casebridge::test::Cluster cluster;
    sql(cluster.conninfo(), "CREATE ROLE careful LOGIN PASSWORD 'x'");
    const auto file = cluster.directory() / "data/pg_hba.conf";
    sql(cluster.conninfo(),
        "COPY (SELECT unnest(ARRAY['local all careful scram-sha-256', 'local all all trust'])) TO '" +
            file.string() + "'");
    sql(cluster.conninfo(), "SELECT pg_reload_conf()");
    sql(cluster.conninfo(), "SELECT 1");
    const ConnectionOptions options{cluster.conninfo("postgres", "careful") + " passfile=/nowhere"};
    EXPECT_EQ(failure_of<ConfigurationError>(options).code, "password_missing");
}

// Accepts nothing and says nothing: the kernel takes the connection, nobody answers.
TEST(Open, EndsWithinItsTimeLimit)
{
    asio::io_context context;
    asio::ip::tcp::acceptor silent{
        context, {asio::ip::make_address("127.0.0.1"), 0}
    };
    ConnectionOptions options{"host=127.0.0.1 port=" + std::to_string(silent.local_endpoint().port())};
    options.connect_timeout = 50ms;
    const auto error = failure_of<Timeout>(options);
    EXPECT_EQ(error.kind, ErrorClass::transient);
    EXPECT_EQ(error.message, "connecting took longer than its limit");
}

}  // namespace
}  // namespace casebridge::libpq
