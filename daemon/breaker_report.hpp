#pragma once

#include "hub/breaker_queries.hpp"

#include <string>
#include <vector>

// What the hub says of transactions that the breaker has stopped, for people and for programs. No personal
// value. Everything ends with a line break; JSON is indented.

namespace casebridge::daemon {

[[nodiscard]] std::string breakers_text(const std::vector<hub::StoppedStream>& stopped);
[[nodiscard]] std::string breakers_json(const std::vector<hub::StoppedStream>& stopped);

// The text has the command line for every approval that there is.
[[nodiscard]] std::string breaker_text(const hub::StoppedStream& stopped);
[[nodiscard]] std::string breaker_json(const hub::StoppedStream& stopped);

}  // namespace casebridge::daemon
