#include "console/health_routes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace casebridge::console {
namespace {

HealthSources sources(LiveState live, ReadyState ready)
{
    return {
        .metrics_text = [] { return std::string{"casebridge_leader 1\n"}; },
        .live = [live = std::move(live)] { return live; },
        .ready = [ready = std::move(ready)] { return ready; }};
}

Response ask(const HealthSources& from, std::string path, std::string query = {})
{
    return health_routes(from)({.method = Method::get, .path = std::move(path), .query = std::move(query)});
}

const LiveState alive{.health = Health::ok, .reason = {}};
const ReadyState all_streaming{
    .health = Health::ok,
    .reason = {                                      },
    .streams = {
               {"sp capture", "streaming", Health::ok},
               {"sp delivery", "ready", Health::ok},
               }
};

TEST(HealthRoutes, ServeMetricsInTheTextFormatOfPrometheus)
{
    const auto response = ask(sources(alive, all_streaming), "/metrics");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(response.body, "casebridge_leader 1\n");
}

TEST(HealthRoutes, SayOkWhileTheProcessWorks)
{
    for (const auto* path : {"/livez", "/healthz"}) {
        const auto response = ask(sources(alive, all_streaming), path);
        EXPECT_EQ(response.status, 200U) << path;
        EXPECT_EQ(response.body, "ok\n") << path;
    }
}

TEST(HealthRoutes, SayWhyARestartWouldHelp)
{
    const LiveState stalled{.health = Health::failing, .reason = "no progress for 31 s"};
    const auto response = ask(sources(stalled, all_streaming), "/livez");
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.body, "not live: no progress for 31 s\n");
}

TEST(HealthRoutes, AreReadyWhenTheDaemonAndEveryStreamAre)
{
    const auto response = ask(sources(alive, all_streaming), "/readyz");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, "ok\n");
}

TEST(HealthRoutes, AreNotReadyWhenOneStreamIsNot)
{
    auto ready = all_streaming;
    ready.streams[1] = {"sp delivery", "backing_off", Health::failing};
    const auto response = ask(sources(alive, ready), "/readyz");
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.body, "not ready\n");
}

TEST(HealthRoutes, AreNotReadyOnAStandby)
{
    const ReadyState standby{.health = Health::failing, .reason = "another daemon leads", .streams = {}};
    const auto response = ask(sources(alive, standby), "/readyz");
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.body, "not ready: another daemon leads\n");
}

TEST(HealthRoutes, ListEveryStreamWhenAskedToBeVerbose)
{
    auto ready = all_streaming;
    ready.streams[1] = {"sp delivery", "backing_off", Health::failing};
    const auto response = ask(sources(alive, ready), "/readyz", "verbose");
    EXPECT_EQ(response.body, "[+]sp capture streaming\n[-]sp delivery backing_off\nnot ready\n");
}

TEST(HealthRoutes, KnowNoOtherPath)
{
    for (const auto* path : {"/", "/metrics/", "/METRICS", "/livez/x", "/%6detrics", "/../metrics"})
        EXPECT_EQ(ask(sources(alive, all_streaming), path).status, 404U) << path;
}

}  // namespace
}  // namespace casebridge::console
