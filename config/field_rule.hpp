#pragma once

#include "config/entry.hpp"
#include "pipeline/bridge_definition.hpp"

#include <optional>

// Reads one rule: a word, an object, or a list of them.

namespace casebridge::config {

// The rule that stands at the entry, whatever it is for.
[[nodiscard]] std::optional<conflict::FieldRule> read_field_rule(
    const Entry& entry, const pipeline::BridgeDefinition& definition
);

// The same rule for a unit: what it compares or adds must be of the unit's type. Anything that does not fit
// is a mistake at the entry, and the answer is nothing.
[[nodiscard]] std::optional<conflict::FieldRule> fit_to_unit(
    const Entry& entry,
    conflict::FieldRule rule,
    const CanonicalModel& model,
    EntityIndex entity,
    UnitIndex unit
);

// Reports the rules at the entry that fit only some types: a default is for all fields.
[[nodiscard]] bool fits_as_default(const Entry& entry, const conflict::FieldRule& rule);

}  // namespace casebridge::config
