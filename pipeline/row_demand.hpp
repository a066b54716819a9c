#pragma once

#include "pipeline/bridge_state.hpp"
#include "pipeline/demand.hpp"

// What must be in memory before a row is merged (pipeline/row_merge.hpp).

namespace casebridge::pipeline {

// Adds what must be in memory before merge_row() of this row: its own link, the rows that it references now
// and did before, the same for the rows that wait for it and, for each without a link, the records that it
// identifies. To be asked again after every answer.
void demand_row(const BridgeState& state, const LinkKey& row, const Image& image, Demand& demand);

// Adds the rows that an image references, or those that a row did when it was last read, linked or parked:
// without them a reference cannot be told from an empty one.
void demand_references(
    const BridgeState& state, const mapping::TableMapping& mapping, const Image& image, Demand& demand
);
void demand_base(const BridgeState& state, const LinkKey& row, Demand& demand);

// The record that a person has said the row is.
void demand_match(const BridgeState& state, const LinkKey& row, Demand& demand);

}  // namespace casebridge::pipeline
