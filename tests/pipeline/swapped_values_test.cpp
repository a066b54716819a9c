#include "tests/pipeline/unique_numbers.hpp"

#include <gtest/gtest.h>

// Rows that take each other's unique values are written together or not at all.

namespace casebridge::pipeline {
namespace {

void give_number(World& world, const std::string& key, const std::string& number)
{
    world.update(
        "a.person",
        key,
        Columns{
            Column{"number", number}
    }
    );
}

void expect_swapped(World& world)
{
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{});
    EXPECT_EQ(world.show("b.person", key_at_b(world, "1"), "number"), "78");
    EXPECT_EQ(world.show("b.person", key_at_b(world, "2"), "number"), "77");
}

// Neither can go first.
TEST(SwappedValues, TwoRowsThatTakeEachOthersNumberAreWrittenTogether)
{
    auto world = with_two();
    hand_on(world, "77");
    world.settle();
    expect_swapped(world);
    EXPECT_EQ(count<DeliveryRefused>(world), 0U);
}

TEST(SwappedValues, TwoRowsWhoseNumbersCameOneAfterTheOtherAreWrittenTogetherToo)
{
    auto world = with_two();
    give_number(world, "1", "78");
    world.settle();
    ASSERT_EQ(refusal_codes(world), std::vector<std::string>{"23505"});
    give_number(world, "2", "77");
    world.settle();
    expect_swapped(world);
}

TEST(SwappedValues, TwoRowsAreWrittenTogetherAlthoughTheSecondWasRefusedAfterAStart)
{
    auto world = with_two();
    give_number(world, "1", "78");
    world.settle();
    world.crash();
    give_number(world, "2", "77");
    world.settle();
    expect_swapped(world);
}

// Each of them once by itself and once with the other: not for ever.
TEST(SwappedValues, TwoRowsThatWaitForAThirdAreTriedTogetherOnce)
{
    auto world = with_two();
    world.insert(
        "a.person",
        "3",
        Columns{
            Column{"number", "79" },
            Column{"phone",  "400"}
    }
    );
    world.settle();
    give_number(world, "1", "78");
    world.settle();
    give_number(world, "3", "78");
    world.settle();
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{"23505"});
    EXPECT_EQ(count<DeliveryRefused>(world), 4U);
}

// So many that they do not fit into one delivery: what one of them shows is no reason to try the others
// again.
TEST(SwappedValues, ManyRowsThatWaitForOneAreNotTriedForEver)
{
    auto world = with_two();
    for (int person = 3; person < 12; ++person)
        world.insert(
            "a.person",
            std::to_string(person),
            Columns{
                Column{"number", std::to_string(100 + person)},
                Column{"phone",  "400"                       }
        }
        );
    world.settle();
    world.deliver_at_most(1);
    for (int person = 3; person < 12; ++person)
        give_number(world, std::to_string(person), "78");
    world.settle();
    const auto refused = count<DeliveryRefused>(world);
    world.settle();
    EXPECT_EQ(count<DeliveryRefused>(world), refused);
    EXPECT_EQ(world.state().blocked.size(), 9U);
}

}  // namespace
}  // namespace casebridge::pipeline
