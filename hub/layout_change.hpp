#pragma once

#include "model/error.hpp"
#include "pipeline/bridge_definition.hpp"

#include <vector>

namespace casebridge::hub {

// What the hub may hold by one definition and could not be read by another: entities, units, fields, tables
// and slots that are gone or of another form. Their names and a remedy; empty when all of it can be read.
// Additions of whole entities and tables are none.
[[nodiscard]] std::vector<Error> layout_changes(
    const pipeline::BridgeDefinition& from, const pipeline::BridgeDefinition& to
);

}  // namespace casebridge::hub
