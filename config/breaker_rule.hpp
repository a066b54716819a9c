#pragma once

#include "config/entry.hpp"
#include "pipeline/bridge_definition.hpp"

// Reads when a mass change of an entity is stopped:
//   {"window_minutes": 60, "changed": {"share": 0.25, "at_least": 1000}, "deleted": {"share": 0.05,
//   "at_least": 100}}
// or `"off"`.

namespace casebridge::config {

// Of an entity that says nothing, and of everything that a rule leaves out.
[[nodiscard]] pipeline::BreakerRule usual_breaker();

// Sets the rule of the entity, or takes it away. Anything else is a mistake.
void read_breaker(const Entry& entry, pipeline::BridgeDefinition& definition, EntityIndex entity);

}  // namespace casebridge::config
