#include "console/request_gate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace casebridge::console {
namespace {

const AllowedHosts allowed{
    {"127.0.0.1:9464", "Casebridge.example:443"}
};

RequestHead head(std::string_view method, std::string_view target)
{
    return {.method = method, .target = target, .hosts = {"127.0.0.1:9464"}};
}

unsigned status_of(const RequestHead& asked)
{
    const auto admission = admit(asked, allowed);
    const auto* refused = std::get_if<Response>(&admission);
    return refused == nullptr ? 200 : refused->status;
}

TEST(RequestGate, SplitsTheTargetAtTheFirstQuestionMark)
{
    const auto admission = admit(head("GET", "/readyz?verbose?x"), allowed);
    const auto& request = std::get<Request>(admission);
    EXPECT_EQ(request.method, Method::get);
    EXPECT_EQ(request.path, "/readyz");
    EXPECT_EQ(request.query, "verbose?x");
}

TEST(RequestGate, AdmitsGetAndHeadOnly)
{
    EXPECT_EQ(status_of(head("GET", "/")), 200U);
    EXPECT_EQ(status_of(head("HEAD", "/")), 200U);
    for (const auto* method :
         {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "BREW"})
        EXPECT_EQ(status_of(head(method, "/")), 405U) << method;
}

TEST(RequestGate, NamesTheAllowedMethods)
{
    const auto admission = admit(head("POST", "/metrics"), allowed);
    EXPECT_EQ(std::get<Response>(admission).allow, "GET, HEAD");
}

TEST(RequestGate, ComparesTheHostAsAWholeAndWithoutCase)
{
    const auto with_host = [](std::string_view host) {
        auto asked = head("GET", "/metrics");
        asked.hosts = {host};
        return status_of(asked);
    };
    EXPECT_EQ(with_host("127.0.0.1:9464"), 200U);
    EXPECT_EQ(with_host("casebridge.EXAMPLE:443"), 200U);
    for (const auto* host :
         {"",
          "127.0.0.1",
          "127.0.0.1:9465",
          "evil.example:9464",
          "127.0.0.1:9464.evil.example",
          "x127.0.0.1:9464",
          "127.0.0.1:9464 ",
          "casebridge.example"})
        EXPECT_EQ(with_host(host), 403U) << host;
}

TEST(RequestGate, RefusesNoHostAndSeveralHosts)
{
    auto asked = head("GET", "/metrics");
    asked.hosts = {};
    EXPECT_EQ(status_of(asked), 400U);
    asked.hosts = {"127.0.0.1:9464", "127.0.0.1:9464"};
    EXPECT_EQ(status_of(asked), 400U);
}

TEST(RequestGate, RefusesConflictingFraming)
{
    auto asked = head("GET", "/metrics");
    asked.framing = Framing::conflicting;
    EXPECT_EQ(status_of(asked), 400U);
}

TEST(RequestGate, RefusesTargetsThatAreNotPaths)
{
    for (const auto* target : {"http://127.0.0.1:9464/metrics", "*", "127.0.0.1:9464", ""})
        EXPECT_EQ(status_of(head("GET", target)), 400U) << target;
}

TEST(RequestGate, JudgesTheHostBeforeTheMethodAndTheTarget)
{
    auto asked = head("POST", "*");
    asked.hosts = {"evil.example"};
    EXPECT_EQ(status_of(asked), 403U);
}

}  // namespace
}  // namespace casebridge::console
