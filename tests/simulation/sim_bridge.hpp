#pragma once

#include "pipeline/bridge_definition.hpp"
#include "tests/simulation/sim_rules.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The bridge that is simulated: two agencies, `north` and `south`, people and their homes. It has every field
// rule, a group, a reference that one side requires, a condition for new rows, codes that can be unmappable
// in either direction, and a unit that only one direction shares.
//
//   unit            rule             north             south
//   home.code       hold             dwelling.code     home.code              identity
//   home.kind       latest           dwelling.kind     home.kind_code         codes; poison possible
//   home.area       chosen           dwelling.area     home.area
//   person.name     latest           given, family     full_name `{family}, {given}`
//   person.number   hold             number            number                 identity
//   person.phone    chosen           phone             phone                  south refuses `7`
//   person.grade    chosen           grade             grade
//   person.status   chosen           status            status_code            codes; poison possible
//   person.note     latest           note              note                   large; south to north only
//   person.home     latest           dwelling_id       home_id                south requires it

namespace casebridge::simulation {

inline const AgencyId north{"north"};
inline const AgencyId south{"south"};

inline constexpr EntityIndex home_entity{0};
inline constexpr EntityIndex person_entity{1};

// Positions of the tables in BridgeDefinition::tables.
inline constexpr MappingIndex north_homes{0};
inline constexpr MappingIndex north_people{1};
inline constexpr MappingIndex south_homes{2};
inline constexpr MappingIndex south_people{3};

namespace home {
inline constexpr UnitIndex code{0};
inline constexpr UnitIndex kind{1};
inline constexpr UnitIndex area{2};
}  // namespace home

namespace person {
inline constexpr UnitIndex name{0};
inline constexpr UnitIndex number{1};
inline constexpr UnitIndex phone{2};
inline constexpr UnitIndex grade{3};
inline constexpr UnitIndex status{4};
inline constexpr UnitIndex note{5};
inline constexpr UnitIndex home{6};
}  // namespace person

// What the definition lets pass; a broken bridge may forget that `note` goes one way only.
enum class Sharing { as_agreed, everything };

[[nodiscard]] pipeline::BridgeDefinition simulated_bridge(Sharing sharing, const Rules& rules);

// Column without a mapping behind all mapped ones: editing it must have no effect anywhere.
inline constexpr const char* unmapped_column = "memo";

}  // namespace casebridge::simulation
