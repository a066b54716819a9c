#pragma once

#include "tests/pipeline/world.hpp"

#include <algorithm>

// Where most histories begin: Anna is known to every agency, all rows are linked and agree.

namespace casebridge::pipeline {

inline World linked(BridgeDefinition bridge = sample_bridge(2))
{
    World world{std::move(bridge)};
    world.insert(
        "a.person",
        "1",
        {
            {"given",  "Anna"},
            {"family", "Berg"},
            {"number", "77"  },
            {"phone",  "100" },
            {"status", "S"   }
    }
    );
    world.settle();
    return world;
}

inline BridgeDefinition with_rule(conflict::FieldRule phone_rule, std::size_t agencies = 2)
{
    auto bridge = sample_bridge(agencies);
    rule(bridge, person_entity, person::phone) = std::move(phone_rule);
    return bridge;
}

// The only key of a table.
inline std::string only_key(World& world, const std::string& table)
{
    const auto keys = world.keys(table);
    return keys.size() == 1 ? keys.front() : "(" + std::to_string(keys.size()) + " rows)";
}

inline std::string phone_at(World& world, const std::string& agency)
{
    return world.show(agency + ".person", only_key(world, agency + ".person"), "phone");
}

inline void set_phone(World& world, const std::string& agency, const std::string& phone)
{
    world.update(
        agency + ".person",
        only_key(world, agency + ".person"),
        {
            {"phone", phone}
    }
    );
}

template <class Body>
std::size_t count(const World& world)
{
    return world.entries<Body>().size();
}

}  // namespace casebridge::pipeline
