#include "console/listen.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace casebridge::console {
namespace {

Listen read(std::string_view text)
{
    return parse_listen(text).value();
}

TEST(Listen, ReadsAnAddressAndAPort)
{
    EXPECT_EQ(read("127.0.0.1:9464"), Listen(TcpListen{"127.0.0.1", 9464}));
    EXPECT_EQ(read("[::1]:0"), Listen(TcpListen{"::1", 0}));
    EXPECT_EQ(read("0.0.0.0:65535"), Listen(TcpListen{"0.0.0.0", 65535}));
}

TEST(Listen, ReadsAUnixSocket)
{
    EXPECT_EQ(read("unix:/run/casebridge/http.sock"), Listen(UnixListen{"/run/casebridge/http.sock"}));
}

TEST(Listen, IsWrittenAsItIsRead)
{
    for (const auto* text : {"127.0.0.1:9464", "[::1]:80", "unix:/run/casebridge/http.sock"})
        EXPECT_EQ(to_string(read(text)), text);
}

TEST(Listen, RefusesWhatItCannotListenOn)
{
    const std::vector<std::string> refused{
        "",
        "9464",
        ":9464",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:94 64",
        "127.0.0.1:9464x",
        "localhost:9464",
        "::1:9464",
        "[127.0.0.1]:9464",
        "[]:9464",
        "[:9464",
        "unix:",
        "unix:http.sock",
        "unix:/" + std::string(107, 'x')};
    for (const auto& text : refused) {
        const auto listen = parse_listen(text);
        ASSERT_TRUE(listen.has_error()) << text;
        EXPECT_EQ(listen.error().code, "bad_listen_address") << text;
        EXPECT_FALSE(listen.error().remedy.empty());
    }
}

TEST(Listen, AcceptsTheLongestUnixPathAndNoLonger)
{
    EXPECT_TRUE(parse_listen("unix:/" + std::string(106, 'x')).has_value());
}

TEST(OwnHosts, AreTheNamesUnderWhichClientsOnThisMachineReachIt)
{
    using Hosts = std::vector<std::string>;
    EXPECT_EQ(own_hosts(TcpListen{"127.0.0.1", 9464}), (Hosts{"localhost:9464", "127.0.0.1:9464"}));
    EXPECT_EQ(own_hosts(TcpListen{"::1", 9464}), (Hosts{"localhost:9464", "[::1]:9464"}));
    EXPECT_EQ(own_hosts(TcpListen{"0.0.0.0", 80}), (Hosts{"localhost:80", "127.0.0.1:80"}));
    EXPECT_EQ(own_hosts(TcpListen{"10.1.2.3", 80}), (Hosts{"10.1.2.3:80"}));
    EXPECT_EQ(own_hosts(UnixListen{"/run/x"}), (Hosts{"localhost"}));
}

}  // namespace
}  // namespace casebridge::console
