#pragma once

#include "pipeline/record_values.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// A case worker at `a` opens Anna's form (phone 100, status S), a delivery changes the row, the form is
// saved.

namespace casebridge::pipeline {

inline BridgeDefinition guarded(BridgeDefinition bridge = sample_bridge(2))
{
    for (const auto& agency : bridge.agencies)
        bridge.stale_form_windows[agency] = std::chrono::minutes{15};
    return bridge;
}

// b has changed the phone to 200, and a shows it.
inline World delivered(BridgeDefinition bridge = guarded())
{
    auto world = linked(std::move(bridge));
    set_phone(world, "b", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "200");
    return world;
}

inline World delivered_under(conflict::FieldRule rule)
{
    return delivered(guarded(with_rule(std::move(rule))));
}

inline void save(World& world, const Columns& columns)
{
    world.update("a.person", "1", columns);
    world.settle();
}

// The whole form as it was opened, with another family name.
inline void save_stale_form(
    World& world, const std::string& phone = "100", const std::string& family = "Stern"
)
{
    save(
        world,
        {
            {"phone",  phone },
            {"family", family}
    }
    );
}

inline const conflict::UnitHistory& phones(World& world)
{
    return world.record_of("a.person", "1").units[person::phone.value()];
}

inline bool held(World& world, UnitIndex unit = person::phone)
{
    return std::ranges::count(held_units(world.bridge(), world.record_of("a.person", "1")), unit) > 0;
}

inline std::size_t fired(const World& world)
{
    const auto conflicts = world.conflicts();
    return static_cast<std::size_t>(std::ranges::count(conflicts, true, &ConflictNote::stale_form));
}

}  // namespace casebridge::pipeline
