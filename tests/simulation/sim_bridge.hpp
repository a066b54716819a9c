#pragma once

#include "pipeline/bridge_definition.hpp"
#include "tests/simulation/sim_rules.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The bridge that is simulated: two agencies, `north` and `south`, people and their homes; in some histories
// a third, `east`, and a fourth, `west`, that keep a few of the fields. It has every field rule, a group, a
// reference that one side requires, a condition for new rows, codes that can be unmappable in every
// direction, and units that only some directions share.
//
//   unit            rule             north          south                  east        west
//   home.code       hold             dwelling.code  home.code              house.code              identity
//   home.kind       latest           dwelling.kind  home.kind_code                                 codes
//   home.area       chosen           dwelling.area  home.area              house.area
//   person.name     latest           given, family  `{family}, {given}`                `{given} {family}`
//   person.number   hold             number         number                 number      number      identity
//   person.phone    chosen           phone          phone                  phone       phone
//   person.grade    chosen           grade          grade                  grade
//   person.status   chosen           status         status_code            state                   codes
//   person.note     latest           note           note                                           large
//   person.home     latest           dwelling_id    home_id
//
// South refuses the phone `7` and requires a home. What is not shared says shares(). A record gets a row at
// north if its status is seeking or working, at west never. Whether east and west let us delete the seed
// says.

namespace casebridge::simulation {

inline const AgencyId north{"north"};
inline const AgencyId south{"south"};
inline const AgencyId east{"east"};
inline const AgencyId west{"west"};

inline constexpr std::size_t agencies_max = 4;

inline constexpr EntityIndex home_entity{0};
inline constexpr EntityIndex person_entity{1};

// Positions of the tables in BridgeDefinition::tables.
inline constexpr MappingIndex north_homes{0};
inline constexpr MappingIndex north_people{1};
inline constexpr MappingIndex south_homes{2};
inline constexpr MappingIndex south_people{3};
inline constexpr MappingIndex east_homes{4};
inline constexpr MappingIndex east_people{5};
inline constexpr MappingIndex west_people{6};
inline constexpr std::array all_tables{
    north_homes, north_people, south_homes, south_people, east_homes, east_people, west_people};

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

// What the agencies have agreed: notes go to north only, south's phones not to west, north's status not to
// east. The checkers ask this too.
[[nodiscard]] bool shares(const AgencyId& from, const AgencyId& to, EntityIndex entity, UnitIndex unit);

// What the definition lets pass; a broken bridge may forget what was agreed.
enum class Sharing { as_agreed, everything };

// Of the first `agency_count` of north, south, east and west.
[[nodiscard]] pipeline::BridgeDefinition simulated_bridge(
    std::size_t agency_count, Sharing sharing, const Rules& rules
);

// Column without a mapping behind all mapped ones: editing it must have no effect anywhere.
inline constexpr const char* unmapped_column = "memo";

}  // namespace casebridge::simulation
