#pragma once

#include "console/message.hpp"

#include <functional>
#include <string>
#include <vector>

// The endpoints that monitoring and service managers ask: `/metrics`, `/livez` (and `/healthz`, the same),
// `/readyz` and `/readyz?verbose`. What they say comes from callbacks, so this room knows neither metrics nor
// streams.

namespace casebridge::console {

enum class Health { ok, failing };

// Whether the process works at all: failing means that a restart would help. An agency that is down is not a
// reason.
struct LiveState {
    Health health = Health::failing;
    std::string reason;  // One line for an operator; may be empty when ok. Never personal data.
};

struct StreamState {
    std::string stream;  // Id of an agency and which way: `sp capture`, `sp delivery`.
    std::string state;   // The state's name, as metrics show it: `streaming`, `backing_off`.
    Health health = Health::failing;
};

// Whether this daemon does its work now: it leads, and its streams run.
struct ReadyState {
    Health health = Health::failing;  // Of the daemon itself; a standby is failing here.
    std::string reason;               // As above.
    std::vector<StreamState> streams;
};

// Each is called for a request that asks for it, on the server's thread; see Handler for what that demands.
struct HealthSources {
    std::function<std::string()> metrics_text;  // Prometheus text format 0.0.4.
    std::function<LiveState()> live;
    std::function<ReadyState()> ready;
};

// 200 for ok, 503 for failing. Ready is the daemon's own health and that of every stream. Any other path:
// 404.
[[nodiscard]] Handler health_routes(HealthSources sources);

}  // namespace casebridge::console
