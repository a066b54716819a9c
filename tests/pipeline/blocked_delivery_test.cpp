#include "tests/pipeline/unique_numbers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

// What another row of the table stands in the way of is written when that row is out of it.

namespace casebridge::pipeline {
namespace {

// b has a row that cannot be read, with the number of a person whom a has inserted.
World with_unreadable_row()
{
    World world{sample_bridge(2)};
    make_number_unique(world);
    world.settle();
    world.insert(
        "b.person",
        "9",
        {
            {"number", "77"},
            {"status", "?" }
    }
    );
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"}
    }
    );
    world.settle();
    return world;
}

// What takes the unreadable row out of the way.
enum class WayOut : std::uint8_t { read, renumbered, deleted, truncated };

constexpr std::array ways_out = {WayOut::read, WayOut::renumbered, WayOut::deleted, WayOut::truncated};

void set_row_9(World& world, const Column& column)
{
    world.update("b.person", "9", Columns{column});
}

void take(World& world, WayOut way)
{
    switch (way) {
        case WayOut::read:
            set_row_9(world, {"status", "1"});
            return;
        case WayOut::renumbered:
            set_row_9(world, {"number", "78"});
            return;
        case WayOut::deleted:
            world.erase("b.person", "9");
            return;
        case WayOut::truncated:
            world.edit("b").truncate("b.person").commit();
            return;
    }
}

std::size_t rows_after(WayOut way)
{
    return way == WayOut::renumbered ? 2 : 1;
}

TEST(BlockedDelivery, AnInsertThatAnUnreadableRowIsInTheWayOfIsRefused)
{
    auto world = with_unreadable_row();
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{"insert_blocked"});
    EXPECT_EQ(world.keys("b.person"), std::vector<std::string>{"9"});
}

TEST(BlockedDelivery, AnInsertIsTriedAgainWhenTheRowIsReadRenumberedDeletedOrTruncated)
{
    for (const auto way : ways_out) {
        auto world = with_unreadable_row();
        take(world, way);
        world.settle();
        EXPECT_EQ(refusal_codes(world), std::vector<std::string>{});
        EXPECT_EQ(world.keys("b.person").size(), rows_after(way));
        const auto* link = world.record_of("a.person", "1").find_link(world.table("b.person").index);
        ASSERT_NE(link, nullptr);
        EXPECT_EQ(world.show("b.person", link->key.value(), "phone"), "100");
    }
}

TEST(BlockedDelivery, AnInsertIsTriedAgainAlthoughTheMemoryOfWhatFreedItIsLost)
{
    for (const auto way : ways_out) {
        auto world = with_unreadable_row();
        take(world, way);
        world.read("b");
        world.crash();
        world.settle();
        EXPECT_EQ(refusal_codes(world), std::vector<std::string>{});
        EXPECT_EQ(world.keys("b.person").size(), rows_after(way));
    }
}

// Anna and Bert are known to both; a gives Anna the number that Bert has at b.
World with_a_taken_number()
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
    world.update(
        "a.person",
        "1",
        {
            {"number", "78"}
    }
    );
    world.settle();
    return world;
}

TEST(BlockedDelivery, AnUpdateThatTakesAnotherRowsNumberIsRefused)
{
    auto world = with_a_taken_number();
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{"23505"});
    EXPECT_EQ(world.show("b.person", key_at_b(world, "1"), "number"), "77");
}

TEST(BlockedDelivery, AnUpdateIsTriedAgainWhenTheOtherRowGivesTheNumberUp)
{
    auto world = with_a_taken_number();
    world.update(
        "b.person",
        key_at_b(world, "2"),
        {
            {"number", "79"}
    }
    );
    world.settle();
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{});
    EXPECT_EQ(world.show("b.person", key_at_b(world, "1"), "number"), "78");
}

TEST(BlockedDelivery, AnotherFieldOfTheOtherRowIsNoReasonToTryAgain)
{
    auto world = with_a_taken_number();
    const auto tried = count<DeliveryReleased>(world);
    world.update(
        "b.person",
        key_at_b(world, "2"),
        {
            {"phone", "301"}
    }
    );
    world.settle();
    EXPECT_EQ(count<DeliveryReleased>(world), tried);
}

TEST(BlockedDelivery, OneThatIsSetAsideStaysSoWhateverAnotherRowDoes)
{
    auto world = with_a_taken_number();
    const auto anna = world.record_of("a.person", "1").id;
    EntryLog log{world.state()};
    log.write(DeliverySkipped{AgencyId{"b"}, world.table("b.person").index, anna, RequestId{1}});
    world.append(log);
    world.erase("b.person", key_at_b(world, "2"));
    world.settle();
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{"23505"});
    world.crash();
    world.settle();
    ASSERT_EQ(refusal_codes(world), std::vector<std::string>{"23505"});
    EXPECT_TRUE(world.record_of("a.person", "1").refusals.front().refusal.skipped.has_value());
}

TEST(BlockedDelivery, AnUpdateIsTriedAgainWhenWeGaveTheOtherRowAnotherNumber)
{
    auto world = with_two();
    hand_on(world, "79");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.answer("b");
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{"23505"});
    world.settle();
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{});
    EXPECT_EQ(world.show("b.person", key_at_b(world, "1"), "number"), "78");
}

TEST(BlockedDelivery, AnUpdateIsTriedAgainAlthoughTheEchoThatFreedItsNumberCameBeforeTheRefusal)
{
    auto world = with_two();
    hand_on(world, "79");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.read("b");
    world.settle();
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{});
    EXPECT_EQ(world.show("b.person", key_at_b(world, "1"), "number"), "78");
}

TEST(BlockedDelivery, AnInsertIsTriedAgainWhenWeGaveTheOtherRowAnotherNumber)
{
    auto world = linked();
    make_number_unique(world);
    const auto anna = only_key(world, "b.person");
    world.agency("b").locked.insert({world.table("b.person").index, LocalKey{anna}});
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"number", "78"}
    }
        )
        .insert("a.person", "2", {{"number", "77"}, {"phone", "300"}})
        .commit();
    world.settle();
    ASSERT_EQ(world.record_of("a.person", "2").refusals.size(), 1U);
    EXPECT_EQ(world.record_of("a.person", "2").refusals.front().refusal.code, "insert_blocked");
    world.agency("b").locked.clear();
    world.settle();
    EXPECT_EQ(world.show("b.person", anna, "number"), "78");
    EXPECT_EQ(world.show("b.person", key_at_b(world, "2"), "number"), "77");
}

// b's refusal of Anna's number is on its way while what stood in its way is read.
TEST(BlockedDelivery, AnUpdateIsTriedAgainAlthoughItsNumberWasFreeBeforeTheRefusalWasKnown)
{
    for (const bool restarted : {false, true}) {
        auto world = with_two();
        world.bridge().on_delete.insert_or_assign(person_entity, conflict::DetachDelete{});
        world.update(
            "a.person",
            "1",
            {
                {"number", "78"}
        }
        );
        world.read("a");
        ASSERT_TRUE(world.plan("b"));
        world.execute("b");
        world.erase("b.person", key_at_b(world, "2"));
        world.read("b");
        world.answer("b");
        EXPECT_EQ(refusal_codes(world), std::vector<std::string>{"23505"});
        if (restarted)
            world.crash();
        world.settle();
        EXPECT_EQ(refusal_codes(world), std::vector<std::string>{});
        EXPECT_EQ(world.show("b.person", key_at_b(world, "1"), "number"), "78");
    }
}

TEST(BlockedDelivery, AnInsertIsTriedAgainAlthoughTheWayWasFreeBeforeTheRefusalWasKnown)
{
    World world{sample_bridge(2)};
    make_number_unique(world);
    world.settle();
    world.insert(
        "b.person",
        "9",
        {
            {"number", "77"},
            {"status", "?" }
    }
    );
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "100"}
    }
    );
    world.read("a");
    world.read("b");
    world.deliver("b");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.erase("b.person", "9");
    world.read("b");
    world.answer("b");
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{"insert_blocked"});
    world.settle();
    EXPECT_EQ(refusal_codes(world), std::vector<std::string>{});
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

}  // namespace
}  // namespace casebridge::pipeline
