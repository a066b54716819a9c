#include "pipeline/record_values.hpp"
#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/deletion_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

// What only three agencies can live through: what one had from another before the third, and the orders in
// which the hub may hear of it.

namespace casebridge::pipeline {
namespace {

using Order = std::array<std::string, 3>;

std::vector<Order> all_orders()
{
    Order order{"a", "b", "c"};
    std::vector<Order> orders;
    do
        orders.push_back(order);
    while (std::ranges::next_permutation(order).found);
    return orders;
}

void read_in(World& world, const Order& order)
{
    for (const auto& agency : order)
        world.read(agency);
}

// Everybody shows this phone.
void expect_phones(World& world, const std::string& phone)
{
    for (const auto* agency : {"a", "b", "c"})
        EXPECT_EQ(phone_at(world, agency), phone) << agency;
}

// c keeps a person's number and phone and nothing else.
BridgeDefinition few_fields_at_c(BridgeDefinition bridge)
{
    auto& table = table_named(bridge, "c.person");
    std::erase_if(table.units, [](const mapping::MappedUnit& unit) {
        return unit.unit != person::number && unit.unit != person::phone;
    });
    return bridge;
}

void erase_at(World& world, const std::string& agency)
{
    world.erase(agency + ".person", only_key(world, agency + ".person"));
}

const Record& anna(World& world)
{
    return world.load(world.all_records().front());
}

RequestAnswered decide(World& world, DeletionChoice choice)
{
    const auto& record = anna(world);
    return ask(world, DecideDeletion{record.id, record.departure.value().since, choice, record.last_seq});
}

// a's edit has reached b, where somebody went on from it, and not c.
TEST(ThreeAgencies, WhatOneWroteOverAnothersValueIsNoConflictForTheThirdInAnyOrder)
{
    for (const auto& order : all_orders()) {
        auto world = linked(with_rule(conflict::Hold{}, 3));
        set_phone(world, "a", "200");
        world.read("a");
        ASSERT_TRUE(world.plan("b"));
        world.execute("b");
        set_phone(world, "b", "300");
        read_in(world, order);
        world.settle();
        expect_phones(world, "300");
        EXPECT_TRUE(world.conflicts().empty());
    }
}

// That b had a's edit does not mean that c had it.
TEST(ThreeAgencies, WhatOneOfTheOthersHadTheThirdMayLack)
{
    for (const auto& order : all_orders()) {
        auto world = linked(with_rule(conflict::Hold{}, 3));
        set_phone(world, "a", "200");
        world.read("a");
        world.deliver("b");
        set_phone(world, "c", "300");
        read_in(world, order);
        world.settle();
        ASSERT_EQ(world.conflicts().size(), 1U);
        EXPECT_EQ(world.conflicts().front().verdict, Verdict::held);
        EXPECT_EQ(phone_at(world, "a"), "200");
        EXPECT_EQ(phone_at(world, "b"), "200");
        EXPECT_EQ(phone_at(world, "c"), "300");
    }
}

TEST(ThreeAgencies, TheLoserMayBeAtTheThirdAndEverybodyGetsTheWinner)
{
    for (const auto& order : all_orders()) {
        auto world = linked(with_rule(conflict::Latest{}, 3));
        set_phone(world, "c", "300");
        world.pass(std::chrono::seconds{5});
        set_phone(world, "a", "200");
        read_in(world, order);
        world.settle();
        expect_phones(world, "200");
        ASSERT_EQ(world.conflicts().size(), 1U);
        EXPECT_EQ(world.conflicts().front().versions.size(), 2U);
        // The next edit of the loser replaces what it lost to.
        set_phone(world, "c", "400");
        world.settle();
        expect_phones(world, "400");
        EXPECT_EQ(world.conflicts().size(), 1U);
    }
}

// c3 knew c1's predecessor only: with the loser forgotten, the order of reading would decide.
TEST(ThreeAgencies, ALoserIsRememberedUntilEverybodyHasWhatReplacedIt)
{
    for (const auto& order : all_orders()) {
        auto world = linked(with_rule(conflict::Latest{}, 3));
        set_phone(world, "b", "250");
        world.pass(std::chrono::seconds{5});
        set_phone(world, "c", "300");
        world.pass(std::chrono::seconds{5});
        set_phone(world, "a", "200");
        for (const auto& agency : order) {
            world.read(agency);
            world.crash();
        }
        world.settle();
        expect_phones(world, "200");
        std::size_t named = 0;
        for (const auto& note : world.conflicts())
            named += note.versions.size();
        EXPECT_GE(named, 4U);  // All three, one of them twice.
    }
}

TEST(ThreeAgencies, AnAuthorityRevertsBothOthers)
{
    for (const auto& order : all_orders()) {
        auto world = linked(with_rule(conflict::Authority{AgencyId{"a"}}, 3));
        set_phone(world, "b", "250");
        set_phone(world, "c", "300");
        read_in(world, order);
        world.settle();
        expect_phones(world, "100");
        EXPECT_EQ(world.conflicts().size(), 2U);
    }
}

// An agency that is told a value by us does not become its author.
TEST(ThreeAgencies, AValueReachesNobodyByWayOfAnAgencyThatItWasSharedWith)
{
    auto bridge = with_rule(conflict::Latest{}, 3);
    agreement(bridge, "a", "c").shared[person_entity.value()][person::phone.value()] = false;
    auto world = linked(std::move(bridge));
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_EQ(phone_at(world, "c"), "(null)");
    // c never saw what stands.
    set_phone(world, "c", "300");
    world.settle();
    ASSERT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.conflicts().front().type, ConflictType::update_origin_differs);
}

TEST(ThreeAgencies, OneThatIsAwayStopsNeitherOfTheOthersAndCatchesUp)
{
    auto world = linked(with_rule(conflict::Hold{}, 3));
    const auto without_c = [&] {
        for (int round = 0; round < 3; ++round)
            for (const auto* agency : {"a", "b"}) {
                world.read(agency);
                if (world.plan(agency)) {
                    world.execute(agency);
                    world.answer(agency);
                }
            }
    };
    for (const auto* phone : {"200", "300", "400"}) {
        const bool at_a = phone != std::string{"300"};
        set_phone(world, at_a ? "a" : "b", phone);
        without_c();
        EXPECT_EQ(phone_at(world, at_a ? "b" : "a"), phone);
    }
    EXPECT_EQ(phone_at(world, "c"), "100");
    world.crash();
    world.settle();
    expect_phones(world, "400");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(ThreeAgencies, AFieldThatOneDoesNotKeepCrossesBetweenTheOthers)
{
    auto world = linked(few_fields_at_c(sample_bridge(3)));
    world.update(
        "a.person",
        "1",
        {
            {"status", "W"}
    }
    );
    world.settle();
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "status"), "2");
    EXPECT_EQ(world.show("c.person", only_key(world, "c.person"), "status"), "(null)");
    set_phone(world, "c", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "300");
    for (const auto& unit : anna(world).units)
        EXPECT_FALSE(unit.mark(AgencyId{"c"}).has_value());
}

TEST(ThreeAgencies, ADeletionReachesBothOthersInAnyOrder)
{
    for (const auto& order : all_orders()) {
        auto world = linked(with_delete(conflict::PropagateDelete{}, 3));
        erase_at(world, "a");
        set_phone(world, "c", "300");
        read_in(world, order);
        world.crash();
        world.settle();
        for (const auto* agency : {"a", "b", "c"})
            EXPECT_TRUE(world.keys(std::string{agency} + ".person").empty()) << agency;
        ASSERT_EQ(world.conflicts().size(), 1U);
        EXPECT_EQ(world.conflicts().front().verdict, Verdict::deleted);
    }
}

// Nobody at c knew that there is a name: it went all the same.
TEST(ThreeAgencies, ADeletionByOneThatKeepsFewFieldsNamesWhatItNeverHad)
{
    auto world = linked(few_fields_at_c(with_delete(conflict::PropagateDelete{}, 3)));
    erase_at(world, "c");
    world.settle();
    EXPECT_TRUE(world.keys("a.person").empty());
    EXPECT_TRUE(world.keys("b.person").empty());
    std::vector<UnitIndex> named;
    for (const auto& note : world.conflicts()) {
        EXPECT_EQ(note.type, ConflictType::delete_origin_differs);
        EXPECT_EQ(note.verdict, Verdict::deleted);
        named.push_back(note.unit);
    }
    EXPECT_EQ(named, (std::vector{person::name, person::status}));
}

// a and b have deleted Anna, c has her; a person is asked.
World held_for_two()
{
    auto world = linked(with_delete(conflict::HoldDelete{}, 3));
    erase_at(world, "a");
    world.settle();
    erase_at(world, "b");
    world.crash();
    world.settle();
    return world;
}

void enter_again(World& world, const std::string& agency)
{
    world.insert(
        agency + ".person",
        "90",
        {
            {"number", "77"}
    }
    );
    world.settle();
}

TEST(ThreeAgencies, WhatIsDecidedOfTwoHeldDeletionsIsDecidedForBoth)
{
    auto world = held_for_two();
    const auto& departure = anna(world).departure.value();
    EXPECT_TRUE(departure.is_of(world.table("a.person").index));
    EXPECT_TRUE(departure.is_of(world.table("b.person").index));
    EXPECT_FALSE(departure.is_of(world.table("c.person").index));
    EXPECT_EQ(decide(world, DeletionChoice::restore).outcome, RequestOutcome::done);
    world.settle();
    expect_phones(world, "100");
    EXPECT_FALSE(anna(world).departure.has_value());
}

TEST(ThreeAgencies, OneThatEntersTheRowAgainLeavesTheOthersDeletionToBeDecided)
{
    for (const auto* back : {"a", "b"}) {
        auto world = held_for_two();
        const auto asked = anna(world).departure.value().since;
        enter_again(world, back);
        const std::string gone = back == std::string{"a"} ? "b" : "a";
        const auto& departure = anna(world).departure.value();
        EXPECT_EQ(departure.state, DepartureState::held);
        EXPECT_EQ(departure.tables, std::vector{world.table(gone + ".person").index});
        // Whoever looked before has not seen that.
        const auto stale = ask(world, DecideDeletion{anna(world).id, asked, DeletionChoice::keep});
        EXPECT_EQ(stale.outcome, RequestOutcome::refused);
        EXPECT_EQ(decide(world, DeletionChoice::restore).outcome, RequestOutcome::done);
        world.settle();
        EXPECT_EQ(world.keys(gone + ".person").size(), 1U);
    }
}

TEST(ThreeAgencies, AHeldDeletionThatIsCarriedOutReachesWhoeverIsLeft)
{
    auto world = held_for_two();
    EXPECT_EQ(decide(world, DeletionChoice::remove).outcome, RequestOutcome::done);
    world.crash();
    world.settle();
    EXPECT_TRUE(world.keys("c.person").empty());
    // Each of the two that had deleted it may enter it again.
    enter_again(world, "a");
    for (const auto* agency : {"a", "b", "c"})
        EXPECT_EQ(world.keys(std::string{agency} + ".person").size(), 1U) << agency;
}

// That a had deleted its row long before has nothing to do with it.
TEST(ThreeAgencies, WhatOneHadDeletedBeforeStaysDeletedWhenTheOthersRowsComeBack)
{
    auto bridge = with_delete(conflict::PropagateDelete{}, 3);
    for (const auto* table : {"b.person", "c.person"})
        table_named(bridge, table).create_when = mapping::CreateNever{};
    auto world = linked(std::move(bridge));
    erase_at(world, "a");
    world.settle();
    for (const auto* agency : {"b", "c"}) {
        world.insert(
            std::string{
                agency
        } +
                ".person",
            "70",
            {{"number", "77"}}
        );
        world.settle();
    }
    ASSERT_EQ(world.all_records().size(), 1U);
    erase_at(world, "b");
    world.settle();
    EXPECT_TRUE(world.keys("c.person").empty());
    enter_again(world, "b");
    EXPECT_FALSE(anna(world).departure.has_value());
    EXPECT_TRUE(world.keys("a.person").empty());
}

}  // namespace
}  // namespace casebridge::pipeline
