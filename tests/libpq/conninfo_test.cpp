#include "connectors/libpq/conninfo.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace casebridge::libpq {
namespace {

std::string code_of(const std::string& conninfo)
{
    const auto checked = check_conninfo(conninfo);
    return checked ? "" : checked.error().code;
}

std::string options_of(const ConnectionOptions& options)
{
    const auto effective = detail::effective_conninfo(options.conninfo).value();
    for (const auto& [keyword, value] : detail::connection_parameters(options, effective, effective.hosts))
        if (keyword == "options")
            return value;
    return {};
}

TEST(CheckConninfo, AcceptsKeywordsAndUris)
{
    for (const auto* good :
         {"",
          "host=a dbname=b user=c sslmode=verify-full",
          "postgresql://user@host:5433/db?sslmode=require",
          "host=a,b port=1,2 target_session_attrs=read-write",
          "host=/run/postgresql passfile=/nowhere/pgpass"})
        EXPECT_EQ(code_of(good), "") << good;
}

TEST(CheckConninfo, RefusesASecretInEveryForm)
{
    for (const auto* bad :
         {"host=a password=x",
          "host=a PASSWORD='x' password=y",
          "postgresql://user:x@host/db",
          "postgresql://host/db?password=x",
          "host=a sslpassword=x"})
        EXPECT_NE(code_of(bad), "") << bad;
    EXPECT_EQ(code_of("host=a password=x"), "password_in_conninfo");
    EXPECT_EQ(code_of("postgresql://user:x@host/db"), "password_in_conninfo");
    EXPECT_EQ(code_of("host=a sslpassword=x"), "password_in_conninfo");
}

TEST(CheckConninfo, NeverRepeatsAPieceOfASecret)
{
    for (const auto* bad :
         {"password=first hunter2", "postgresql://user:hunter2@[host", "password=hunter2 sslmode=maybe"}) {
        const auto checked = check_conninfo(bad);
        ASSERT_FALSE(checked) << bad;
        EXPECT_EQ(checked.error().message.find("hunter2"), std::string::npos) << bad;
    }
}

TEST(CheckConninfo, ReportsMistakesBeforeAnybodyConnects)
{
    for (const auto* bad :
         {"host",
          "hosst=a",
          "host=a sslmode=maybe",
          "host=a,b port=1,2,3",
          "hostaddr=1.1.1.1,2.2.2.2 host=a",
          "target_session_attrs=writable",
          "service=casebridge_no_such_service",
          "channel_binding=perhaps"}) {
        const auto checked = check_conninfo(bad);
        ASSERT_FALSE(checked) << bad;
        EXPECT_EQ(checked.error().code, "conninfo_invalid") << bad;
        EXPECT_FALSE(checked.error().message.empty()) << bad;
    }
}

TEST(EffectiveConninfo, PairsHostsWithAddressesAndPorts)
{
    const auto effective =
        detail::effective_conninfo("host=a,/run,c hostaddr=1.1.1.1,,2.2.2.2 port=5433").value();
    ASSERT_EQ(effective.hosts.size(), 3U);
    EXPECT_EQ(effective.hosts[0].host, "a");
    EXPECT_EQ(effective.hosts[0].address, "1.1.1.1");
    EXPECT_EQ(effective.hosts[1].host, "/run");
    EXPECT_EQ(effective.hosts[1].address, "");
    EXPECT_EQ(effective.hosts[2].address, "2.2.2.2");
    for (const auto& host : effective.hosts)
        EXPECT_EQ(host.port, "5433");
}

TEST(EffectiveConninfo, ReadsTheServiceFile)
{
    const auto path = testing::TempDir() + "casebridge_pg_service.conf";
    std::ofstream{path} << "[trial]\nhost=from_service\nport=6000\noptions=-c work_mem=5MB\n";
    setenv("PGSERVICEFILE", path.c_str(), 1);
    const auto effective = detail::effective_conninfo("service=trial").value();
    unsetenv("PGSERVICEFILE");
    EXPECT_EQ(effective.hosts.at(0).host, "from_service");
    EXPECT_EQ(effective.hosts.at(0).port, "6000");
    EXPECT_EQ(effective.options, "-c work_mem=5MB");
}

TEST(ConnectionParameters, PinnedSettingsComeLastAndBlanksAreEscaped)
{
    ConnectionOptions options{"host=/run options='-c datestyle=German'"};
    options.settings = {
        {"lock_timeout",    "5s"    },
        {"casebridge.note", "a b\\c"}
    };
    EXPECT_EQ(
        options_of(options),
        "-c datestyle=German -c lock_timeout=5s -c casebridge.note=a\\ b\\\\c -c datestyle=ISO,MDY"
        " -c intervalstyle=postgres -c extra_float_digits=3 -c bytea_output=hex -c timezone=UTC -c "
        "lc_monetary=C"
        " -c search_path= -c row_security=off"
    );
}

}  // namespace
}  // namespace casebridge::libpq
