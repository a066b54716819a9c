#pragma once

#include <array>

// The projections, each a table of schema casebridge, and of casebridge_snapshot under the same name and with
// the same columns.

namespace casebridge::hub {

inline constexpr std::array projection_tables{
    "record",
    "link",
    "identity",
    "reference",
    "waiting",
    "hold",
    "refusal",
    "departure",
    "proposal",
    "conflict",
    "decision",
    "parked",
    "match_decision",
    "agency_state",
    "table_state",
    "request",
};

}  // namespace casebridge::hub
