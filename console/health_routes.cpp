#include "console/health_routes.hpp"

#include "console/request_gate.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::console {

namespace {

constexpr const char* exposition_content_type = "text/plain; version=0.0.4; charset=utf-8";

const char* mark(Health health)
{
    switch (health) {
        case Health::ok:
            return "[+]";
        case Health::failing:
            return "[-]";
    }
    return "[-]";
}

unsigned status_of(Health health)
{
    switch (health) {
        case Health::ok:
            return 200;
        case Health::failing:
            return 503;
    }
    return 503;
}

// `ok`, or what is wrong.
std::string summary(Health health, const std::string& failing_word, const std::string& reason)
{
    auto line = health == Health::ok ? std::string{"ok"} : failing_word;
    if (!reason.empty())
        line += ": " + reason;
    return line + "\n";
}

Response live_response(const LiveState& live)
{
    return {.status = status_of(live.health), .body = summary(live.health, "not live", live.reason)};
}

Health overall(const ReadyState& ready)
{
    const bool all = std::all_of(ready.streams.begin(), ready.streams.end(), [](const StreamState& stream) {
        return stream.health == Health::ok;
    });
    return all ? ready.health : Health::failing;
}

Response ready_response(const ReadyState& ready, const std::string& query)
{
    const auto health = overall(ready);
    Response response{.status = status_of(health)};
    if (query == "verbose")
        for (const auto& stream : ready.streams)
            response.body += mark(stream.health) + stream.stream + " " + stream.state + "\n";
    response.body += summary(health, "not ready", ready.reason);
    return response;
}

Response route(const HealthSources& sources, const Request& request)
{
    if (request.path == "/metrics")
        return {.content_type = exposition_content_type, .body = sources.metrics_text()};
    if (request.path == "/livez" || request.path == "/healthz")
        return live_response(sources.live());
    if (request.path == "/readyz")
        return ready_response(sources.ready(), request.query);
    return refusal(404);
}

}  // namespace

Handler health_routes(HealthSources sources)
{
    return [sources = std::move(sources)](const Request& request) { return route(sources, request); };
}

}  // namespace casebridge::console
