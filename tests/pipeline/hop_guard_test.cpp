#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

#include <cctype>

// Arguments with triggers and jobs of an agency end, visibly, and begin anew with the next edit.

namespace casebridge::pipeline {
namespace {

// Every phone that we write to the agency gets another first letter.
void prefix_phones(World& world, const std::string& agency, char letter)
{
    const auto phone = world.table(agency + ".person").slots.size() - 3;
    world.agency(agency).trigger = [phone, letter](MappingIndex, Image& row) {
        const auto text = row[phone] ? row[phone]->expose() : "";
        const bool has_letter = !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0;
        row[phone] = Value{letter + (has_letter ? text.substr(1) : text)};
    };
}

BridgeDefinition with_authority()
{
    return with_rule(conflict::Authority{AgencyId{"a"}});
}

void set_name_at_a(World& world, const std::string& given)
{
    world.update(
        "a.person",
        "1",
        {
            {"given", given}
    }
    );
    world.settle();
}

// An argument over b's phone that was ended: a says 200, b shows b200.
World ended()
{
    auto world = linked(with_authority());
    prefix_phones(world, "b", 'b');
    set_phone(world, "a", "200");
    world.settle();
    return world;
}

TEST(HopGuard, ATriggerThatChangesAnAuthoritysValueIsAnsweredThreeTimes)
{
    auto world = linked(with_authority());
    prefix_phones(world, "b", 'b');
    std::size_t written = 0;
    world.on_commit = [&](const Agency&, const DeliveryPlan& plan) { written += plan.row_count(); };
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(written, 4U);
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_EQ(phone_at(world, "b"), "b200");
    const auto refusals = world.entries<DeliveryRefused>();
    ASSERT_EQ(refusals.size(), 1U);
    EXPECT_EQ(refusals.front().agency, AgencyId{"b"});
    EXPECT_EQ(refusals.front().code, "hop_guard");
    EXPECT_EQ(refusals.front().place, "b.person/phone");
}

TEST(HopGuard, AnEndedArgumentStaysEndedAfterARestart)
{
    auto world = ended();
    world.crash();
    world.settle();
    world.crash();
    const auto journal = world.journal().size();
    world.settle();
    EXPECT_EQ(world.entries<DeliveryRefused>().size(), 1U);
    EXPECT_LE(world.journal().size(), journal + 2) << "positions behind the markers";
    EXPECT_EQ(phone_at(world, "b"), "b200");
    EXPECT_TRUE(
        *world.replay(world.journal().size()).records.find(world.all_records().front()) ==
        world.load(world.all_records().front())
    );
}

TEST(HopGuard, ARestartInTheMiddleOfAnArgumentDoesNotProlongIt)
{
    auto world = linked(with_authority());
    prefix_phones(world, "b", 'b');
    std::size_t written = 0;
    world.on_commit = [&](const Agency&, const DeliveryPlan& plan) { written += plan.row_count(); };
    set_phone(world, "a", "200");
    world.read("a");
    world.deliver("b");
    world.deliver("b");
    world.crash();
    world.settle();
    EXPECT_EQ(written, 4U);
}

TEST(HopGuard, TheOtherUnitsOfTheRowAreWritten)
{
    auto world = ended();
    set_name_at_a(world, "Hanna");
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "full_name"), "Berg, Hanna");
    EXPECT_EQ(phone_at(world, "b"), "b200");
    EXPECT_EQ(count<DeliveryRefused>(world), 1U);
}

TEST(HopGuard, AnotherAgencysEditBeginsAnew)
{
    auto world = ended();
    world.agency("b").trigger = nullptr;
    set_phone(world, "a", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "300");
    EXPECT_EQ(count<DeliveryReleased>(world), 1U);
    EXPECT_TRUE(world.load(world.all_records().front()).refusals.empty());
}

TEST(HopGuard, TheAgencysAgreementBeginsAnew)
{
    auto world = ended();
    set_phone(world, "b", "200");
    world.settle();
    EXPECT_EQ(count<DeliveryReleased>(world), 1U);
    EXPECT_TRUE(world.load(world.all_records().front()).refusals.empty());
}

TEST(HopGuard, TriggersOnBothSidesFallSilent)
{
    auto world = linked();
    prefix_phones(world, "a", 'a');
    prefix_phones(world, "b", 'b');
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(count<DeliveryRefused>(world), 1U);
    const auto journal = world.journal().size();
    world.settle();
    EXPECT_EQ(world.journal().size(), journal);
    world.agency("a").trigger = nullptr;
    world.agency("b").trigger = nullptr;
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "300");
    EXPECT_EQ(phone_at(world, "b"), "300");
}

TEST(HopGuard, AJobThatKeepsWritingAgainstAnAuthorityIsLeftAlone)
{
    auto world = linked(with_authority());
    for (int night = 0; night < 4; ++night) {
        world.pass(std::chrono::hours{24});
        set_phone(world, "b", "999");
        world.settle();
    }
    EXPECT_EQ(phone_at(world, "b"), "999");
    ASSERT_EQ(count<DeliveryRefused>(world), 1U);
    EXPECT_EQ(world.entries<DeliveryRefused>().front().code, "hop_guard");
}

TEST(HopGuard, EditsAgainstAnAuthorityThatLieFarApartAreNoArgument)
{
    auto world = linked(with_authority());
    for (int edit = 0; edit < 6; ++edit) {
        world.pass(std::chrono::hours{8 * 24});
        set_phone(world, "b", "99" + std::to_string(edit));
        world.settle();
        EXPECT_EQ(phone_at(world, "b"), "100");
    }
    EXPECT_EQ(count<DeliveryRefused>(world), 0U);
}

}  // namespace
}  // namespace casebridge::pipeline
