#pragma once

#include "tests/pipeline/linked_world.hpp"

#include <string>
#include <vector>

// Worlds in which b has no two persons of one number.

namespace casebridge::pipeline {

inline void make_number_unique(World& world)
{
    world.agency("b").unique.emplace(world.table("b.person").index, 1);
}

// Of the person with key 1 at a.
inline std::vector<std::string> refusal_codes(World& world)
{
    std::vector<std::string> codes;
    for (const auto& [table, refusal] : world.record_of("a.person", "1").refusals)
        codes.push_back(refusal.code);
    return codes;
}

inline std::string key_at_b(World& world, const std::string& key)
{
    const auto* link = world.record_of("a.person", key).find_link(world.table("b.person").index);
    return link == nullptr ? "(none)" : link->key.value();
}

// Anna's number changes at a to the one that Bert has, and Bert's in the same transaction.
inline void hand_on(World& world, const std::string& berts_next)
{
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"number", "78"}
    }
        )
        .update("a.person", "2", {{"number", berts_next}})
        .commit();
}

// Anna has 77 and Bert 78, everywhere.
inline World with_two()
{
    auto world = linked();
    make_number_unique(world);
    world.insert(
        "a.person",
        "2",
        {
            {"number", "78" },
            {"phone",  "300"}
    }
    );
    world.settle();
    return world;
}

}  // namespace casebridge::pipeline
