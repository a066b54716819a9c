#pragma once

#include "hub/overview.hpp"

#include <string>

// An overview of the hub as text for people and as JSON for programs; both end with a line end.

namespace casebridge::daemon {

[[nodiscard]] std::string status_text(const std::string& bridge, const hub::Overview& overview);

enum class JsonLayout { indented, one_line };

// Keys are stable: scripts rely on them.
[[nodiscard]] std::string status_json(
    const std::string& bridge, const hub::Overview& overview, JsonLayout layout = JsonLayout::indented
);

}  // namespace casebridge::daemon
