#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// How parked rows leave: with their table, by a survey, beside a conflict.

namespace casebridge::pipeline {
namespace {

void spoil(World& world)
{
    world.update(
        "a.person",
        "1",
        {
            {"status", "?"}
    }
    );
    world.read("a");
}

// The projections learn of it by the entry alone.
TEST(ParkedRelease, OfATruncatedTableIsJournalled)
{
    auto world = linked();
    spoil(world);
    ASSERT_EQ(world.state().parked.size(), 1U);
    world.edit("a").truncate("a.person").commit();
    world.read("a");
    EXPECT_TRUE(world.state().parked.empty());
    const auto released = world.entries<ParkedReleased>();
    ASSERT_EQ(released.size(), 1U);
    EXPECT_EQ(released.front().key, LocalKey{"1"});
}

}  // namespace
}  // namespace casebridge::pipeline
