#include "pipeline/record_values.hpp"
#include "tests/pipeline/deletion_world.hpp"

#include <gtest/gtest.h>

#include <vector>

// What docs/conflict_resolution.md says of deletions in sentences rather than in its table.

namespace casebridge::pipeline {
namespace {

void enter_anna(World& world, const std::string& agency, const std::string& phone)
{
    world.insert(
        agency + ".person",
        "1",
        {
            {"number", "77" },
            {"phone",  phone}
    }
    );
}

// c is about to get a row when a person is asked: the delivery was rolled back, and only the reservation is
// left.
TEST(DeletionRule, GivesNobodyARowThatWasReservedBeforeAPersonWasAsked)
{
    World world{with_delete(conflict::HoldDelete{}, 3)};
    world.settle();
    enter_anna(world, "a", "100");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.answer("b");
    world.read("b");
    ASSERT_TRUE(world.plan("c"));
    world.roll_back("c");
    world.erase("a.person", "1");
    world.read("a");
    world.settle();
    EXPECT_TRUE(first_record(world).departure.has_value());
    EXPECT_TRUE(world.keys("c.person").empty());
}

// What came under Anna's key in the transaction that deleted her could not be read, and is gone: was it she?
TEST(DeletionRule, AsksOfARowThatNobodyCouldRead)
{
    auto world = linked(with_delete(conflict::PropagateDelete{}));
    world.edit("a")
        .erase("a.person", "1")
        .insert(
            "a.person",
            "1",
            Columns{
                Column{"number", "77"},
                Column{"status", "?" }
    }
        )
        .commit();
    world.settle();
    EXPECT_FALSE(first_record(world).departure.has_value());
    world.erase("a.person", "1");
    world.settle();
    ASSERT_TRUE(first_record(world).departure.has_value());
    EXPECT_EQ(first_record(world).departure->state, DepartureState::held);
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

// One field that b may be told is enough to be told of the deletion too.
TEST(DeletionRule, IsToldByAnAgreementThatLetsOneFieldIn)
{
    for (const bool any : {false, true}) {
        auto bridge = with_delete(conflict::PropagateDelete{});
        for (auto& units : agreement(bridge, "a", "b").shared)
            units.assign(units.size(), false);
        agreement(bridge, "a", "b").shared[person_entity.value()][person::phone.value()] = any;
        World world{std::move(bridge)};
        for (const auto* agency : {"a", "b"})
            enter_anna(world, agency, "100");
        world.settle();
        world.erase("a.person", "1");
        world.settle();
        EXPECT_EQ(world.keys("b.person").empty(), any);
    }
}

std::vector<conflict::DeleteRule> all_rules()
{
    return {
        conflict::HoldDelete{},
        conflict::DetachDelete{},
        conflict::PropagateDelete{},
        conflict::ArchiveDelete{{{person::phone, UnitValue{Value{"999"}}}}}};
}

// A person is asked about a's deletion when c deletes as well.
TEST(DeletionRule, JoinsTheQuestionThatAPersonIsAsked)
{
    for (const auto& rule : all_rules()) {
        const auto name = conflict::to_string(rule);
        auto world = linked(with_delete(conflict::HoldDelete{}, 3));
        world.erase("a.person", "1");
        world.settle();
        world.bridge().on_delete.insert_or_assign(person_entity, rule);
        world.erase("c.person", only_key(world, "c.person"));
        world.settle();
        const auto& departure = first_record(world).departure;
        ASSERT_TRUE(departure.has_value()) << name;
        EXPECT_EQ(departure->state, DepartureState::held) << name;
        EXPECT_EQ(
            departure->tables, (std::vector{world.table("a.person").index, world.table("c.person").index})
        ) << name;
        EXPECT_EQ(phone_at(world, "b"), "100") << name;
    }
}

TEST(DeletionRule, NeverPassesATruncationOn)
{
    for (const auto& rule : all_rules()) {
        const auto name = conflict::to_string(rule);
        auto world = linked(with_delete(rule));
        world.edit("a").truncate("a.person").commit();
        world.settle();
        EXPECT_EQ(phone_at(world, "b"), "100") << name;
        EXPECT_FALSE(first_record(world).departure.has_value()) << name;
        EXPECT_TRUE(world.entries<RowDeleted>().empty()) << name;
        EXPECT_TRUE(world.keys("a.person").empty()) << name << ": nobody has entered it again";
    }
}

// Under `hold` too: what went with the record does not compete with the row that comes back.
TEST(DeletionRule, LeavesNothingOfWhatItsConflictsNameOnceItIsOver)
{
    for (const auto* first : {"a", "b"}) {
        auto bridge = with_delete(conflict::PropagateDelete{});
        rule(bridge, person_entity, person::phone) = conflict::Hold{};
        auto world = linked(std::move(bridge));
        set_phone(world, "b", "200");
        world.erase("a.person", "1");
        world.read(first);
        world.settle();
        ASSERT_EQ(world.conflicts().size(), 1U) << first;
        enter_anna(world, "a", "300");
        world.settle();
        EXPECT_EQ(phone_at(world, "a"), "300") << first;
        EXPECT_EQ(phone_at(world, "b"), "300") << first;
        EXPECT_TRUE(held_units(world.bridge(), first_record(world)).empty()) << first;
    }
}

}  // namespace
}  // namespace casebridge::pipeline
