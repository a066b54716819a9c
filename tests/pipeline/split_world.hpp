#pragma once

#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

// Two people with one number: Anna is row 1 of agency a, Berta row 9 of agency c. The rule by number has
// taken them for one person.

namespace casebridge::pipeline {

struct Face {
    std::string given;
    std::string family;
    std::optional<std::string> phone;
    std::optional<std::string> status;
};

inline void enter(
    World& world,
    const std::string& table,
    const std::string& key,
    const Face& face,
    const std::string& number = "77"
)
{
    world.insert(
        table,
        key,
        {
            {"given",  face.given },
            {"family", face.family},
            {"number", number     },
            {"phone",  face.phone },
            {"status", face.status}
    }
    );
}

// Agency b has no row of its own: it was inserted.
inline World falsely_linked(BridgeDefinition bridge = sample_bridge(3))
{
    World world{std::move(bridge)};
    enter(world, "a.person", "1", {"Anna", "Berg", "100", std::nullopt});
    world.read("a");
    enter(world, "c.person", "9", {"Berta", "Holm", std::nullopt, "R"});
    world.settle();
    return world;
}

// The row never was the record that it is now, as far as everything is known.
inline SplitLink taking_out(World& world, const std::string& agency, const std::string& key)
{
    return {
        AgencyId{agency},
        "person",
        LocalKey{key},
        world.record_of(agency + ".person", key).id,
        world.state().last_seq,
        ByRules{}};
}

inline RequestAnswered split(World& world, const std::string& agency, const std::string& key)
{
    return ask(world, taking_out(world, agency, key));
}

// What a row shows of its person.
inline std::string shown(World& world, const std::string& table, const std::string& key)
{
    std::string text;
    for (const auto* column : {"given", "family", "phone", "status"})
        text += (text.empty() ? "" : " ") + world.show(table, key, column);
    return text;
}

// The key of the row that the record has in the table; empty without one.
inline std::string key_in(World& world, const std::string& table, RecordId record)
{
    const auto* link = world.load(record).find_link(world.table(table).index);
    return link == nullptr ? std::string{} : link->key.value();
}

inline RecordId record_at(World& world, const std::string& table, const std::string& key)
{
    return world.record_of(table, key).id;
}

// The journal alone gives what is in memory.
inline void expect_replay(World& world)
{
    const auto again = world.replay(world.journal().size());
    for (const auto record : world.all_records()) {
        const auto* replayed = again.records.find(record);
        ASSERT_NE(replayed, nullptr);
        EXPECT_TRUE(*replayed == world.load(record)) << "record " << record.value();
    }
    EXPECT_TRUE(again.matches == world.state().matches);
    EXPECT_TRUE(again.linked_rows == world.state().linked_rows);
}

}  // namespace casebridge::pipeline
