#pragma once

#include "pipeline/bridge_state.hpp"

#include <span>
#include <vector>

// Rows that wait for rows which they point at.

namespace casebridge::pipeline {

// The rows whose links would resolve the references that `units` of an image could not resolve.
[[nodiscard]] std::vector<LinkKey> awaited_rows(
    const mapping::TableMapping& mapping, const Image& image, std::span<const UnitIndex> units
);

// What a record's rows wait for; ascending, each once.
[[nodiscard]] std::vector<LinkKey> awaited_by(const BridgeDefinition& definition, const Record& record);

// The row waits for what those units of its image point at. Of apply() only, like the others.
void wait(
    BridgeState& state,
    const mapping::TableMapping& mapping,
    const LinkKey& row,
    const Image& image,
    std::span<const UnitIndex> units
);

// The row of the link waits for nothing any more.
void stop_waiting(BridgeState& state, const mapping::TableMapping& mapping, const Link& link);

// `waiting` does not wait for `awaited` any more.
void forget_waiting(BridgeState& state, const LinkKey& awaited, const LinkKey& waiting);

}  // namespace casebridge::pipeline
