#pragma once

#include "pipeline/bridge_definition.hpp"

#include <cstddef>

// The bridge of these tests: up to three agencies `a`, `b`, `c` that keep households and persons. `a` and `c`
// keep names in two columns, `b` in one ("Family, Given"), each with its own codes. Everything is shared with
// everybody, every table creates rows, every unit is judged by `latest`; a test changes what it is about.

namespace casebridge::pipeline {

inline constexpr EntityIndex household_entity{0};
inline constexpr EntityIndex person_entity{1};

namespace household {
inline constexpr UnitIndex code{0};
inline constexpr UnitIndex head{1};
}  // namespace household

namespace person {
inline constexpr UnitIndex name{0};
inline constexpr UnitIndex number{1};
inline constexpr UnitIndex phone{2};
inline constexpr UnitIndex status{3};
inline constexpr UnitIndex household{4};
}  // namespace person

[[nodiscard]] BridgeDefinition sample_bridge(std::size_t agencies);

[[nodiscard]] conflict::FieldRule& rule(BridgeDefinition& bridge, EntityIndex entity, UnitIndex unit);
[[nodiscard]] mapping::TableMapping& table_named(BridgeDefinition& bridge, const std::string& name);
[[nodiscard]] Agreement& agreement(BridgeDefinition& bridge, const std::string& from, const std::string& to);

// Rows of the person table wait for their household.
void require_household(BridgeDefinition& bridge);

}  // namespace casebridge::pipeline
