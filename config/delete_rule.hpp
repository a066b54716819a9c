#pragma once

#include "config/entry.hpp"
#include "config/rules.hpp"
#include "pipeline/bridge_definition.hpp"

#include <optional>

// Reads what follows from a deletion: `"hold"`, `"detach"`, `"propagate"` or `{"archive": {"status":
// "closed"}}`.

namespace casebridge::config {

// Anything else is a mistake, and the answer is nothing. So is a rule that could do nothing: propagation that
// no mapping permits is only looked for in complete tables.
[[nodiscard]] std::optional<conflict::DeleteRule> read_delete_rule(
    const Entry& entry, const pipeline::BridgeDefinition& definition, EntityIndex entity, TablesAre tables
);

}  // namespace casebridge::config
