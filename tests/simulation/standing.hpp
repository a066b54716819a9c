#pragma once

#include "conflict/unit_history.hpp"
#include "tests/simulation/rows.hpp"
#include "tests/simulation/sim_rules.hpp"

#include <optional>
#include <span>
#include <vector>

// The field rules as docs/conflict_resolution.md words them, a second time: nothing of conflict/ is asked.

namespace casebridge::simulation {

// One of the values that compete for a unit.
struct Claim {
    JournalSeq seq;
    AgencyId author;
    std::optional<PgTime> stamp;
    Text value;
    // Under `sum`: everything that the journal says it carries.
    std::optional<Tally> tally = std::nullopt;
    bool suspect = false;  // A stale form's.
};

// The value that stands; nothing when a person has to decide, or nobody has said anything.
[[nodiscard]] std::optional<Text> standing_among(RuleKind kind, std::span<const Claim> claims);
[[nodiscard]] std::optional<Text> standing_value(
    const Rules& rules, EntityIndex entity, UnitIndex unit, std::span<const Version> open
);

// The number of a counter's text; an empty counter has counted nothing.
[[nodiscard]] long long number_of(const Text& text);

}  // namespace casebridge::simulation
