#pragma once

#include "pipeline/bridge_definition.hpp"
#include "pipeline/record.hpp"

#include <chrono>

namespace casebridge::pipeline {

// The golden value of a unit on its way to an agency.
struct Passage {
    enum class Kind {
        free,
        nothing,       // No value stands.
        no_agreement,  // One stands, and may not be shown there.
    };
    Kind kind = Kind::nothing;
    UnitValue value;  // Unless it is nothing.
};

// Whether the agency may be written what stands. One who wrote the value may show it; a value computed from
// several versions shows something of every author's.
[[nodiscard]] Passage passage_to(
    const AgencyId& agency,
    const BridgeDefinition& definition,
    const Record& record,
    UnitIndex unit,
    std::chrono::year_month_day today
);

}  // namespace casebridge::pipeline
