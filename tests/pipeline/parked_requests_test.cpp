#include "pipeline/parked_requests.hpp"

#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

// What operators do about parked rows and refused deliveries.

namespace casebridge::pipeline {
namespace {

using ::testing::HasSubstr;

const AgencyId b{"b"};

RequestAnswered retry(World& world, ParkedNames names)
{
    return ask(world, RetryParked{std::move(names)});
}

RequestAnswered skip(World& world, ParkedNames names)
{
    return ask(world, SkipParked{std::move(names)});
}

ParkedNames row_named(JournalSeq since)
{
    return {{since}, {}};
}

ParkedNames delivery_to_b(World& world)
{
    return {{}, {{world.record_of("a.person", "1").id, b}}};
}

// The number of the only parked row.
JournalSeq parked_number(World& world)
{
    EXPECT_EQ(world.state().parked.size(), 1U);
    return world.state().parked.empty() ? JournalSeq{0} : world.state().parked.begin()->second.since;
}

// From here on a knows the code.
void mend(World& world)
{
    auto& table = table_named(world.bridge(), "a.person");
    for (auto& unit : table.units)
        for (auto& binding : unit.bindings)
            if (auto* codes = std::get_if<mapping::CodeCodec>(&binding.codec))
                codes->codes.emplace_back("X", "retired");
}

// Anna's row at a has another phone and a code that nobody knows.
World parked_world()
{
    auto world = linked();
    world.update(
        "a.person",
        "1",
        {
            {"phone",  "200"},
            {"status", "X"  }
    }
    );
    world.settle();
    EXPECT_EQ(world.state().parked.size(), 1U);
    return world;
}

// b refuses a's new phone.
World refusing_world()
{
    auto world = linked();
    set_phone(world, "a", "200");
    auto& side = world.agency("b");
    side.refusing.insert({world.table("b.person").index, LocalKey{only_key(world, "b.person")}});
    world.settle();
    EXPECT_EQ(count<DeliveryRefused>(world), 1U);
    EXPECT_EQ(phone_at(world, "b"), "100");
    return world;
}

// That no memory of the daemon is needed between two steps.
class ParkedRequests : public ::testing::TestWithParam<bool> {
protected:
    static void between(World& world)
    {
        if (GetParam())
            world.crash();
    }
};

INSTANTIATE_TEST_SUITE_P(RunningAndRestarted, ParkedRequests, ::testing::Bool());

// A mended mapping alone moves nothing: who mended it says so.
TEST(ParkedRow, WaitsForARetryWhenItsMappingIsMended)
{
    auto world = parked_world();
    mend(world);
    world.crash();
    world.settle();
    EXPECT_EQ(world.state().parked.size(), 1U);
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_EQ(retry(world, row_named(parked_number(world))).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_TRUE(world.state().parked.empty());
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "status"), "3");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST_P(ParkedRequests, ARetryOfWhatCannotBeReadYetSaysWhyAndCountsNoFurtherChange)
{
    auto world = parked_world();
    between(world);
    const auto number = parked_number(world);
    const auto answer = retry(world, row_named(number));
    EXPECT_EQ(answer.outcome, RequestOutcome::refused);
    EXPECT_THAT(answer.text, HasSubstr("parked again: unmappable_value at a.person.status"));
    between(world);
    EXPECT_EQ(parked_number(world), number);
    EXPECT_EQ(world.state().parked.begin()->second.count, 1U);
    EXPECT_EQ(phone_at(world, "b"), "100");
}

// The database of the parked row had not seen it, and is not said to have when the row is read at last.
TEST_P(ParkedRequests, ARetriedRowSupersedesNothingThatItsAgencyLacked)
{
    auto world = parked_world();
    set_phone(world, "b", "300");
    world.settle();
    between(world);
    EXPECT_EQ(world.show("a.person", "1", "phone"), "200");
    mend(world);
    retry(world, row_named(parked_number(world)));
    world.settle();
    const auto conflicts = world.conflicts();
    ASSERT_EQ(conflicts.size(), 1U);
    EXPECT_EQ(conflicts.front().unit, person::phone);
    EXPECT_EQ(phone_at(world, "a"), phone_at(world, "b"));
}

TEST(ParkedRow, RetriedBringsThoseThatWaitedForItWithIt)
{
    auto bridge = sample_bridge(2);
    require_household(bridge);
    for (auto& table : bridge.tables)
        for (auto& slot : table.slots)
            if (slot.column == "code")
                for (auto& unit : table.units)
                    if (unit.unit == household::code)
                        unit.bindings.front().codec = mapping::DateCodec{"YYYY-MM-DD"};
    World world{std::move(bridge)};
    world.settle();
    world.edit("a")
        .insert(
            "a.household",
            "39",
            {
                {"code", "not yet"}
    }
        )
        .insert("a.person", "1", {{"number", "77"}, {"phone", "100"}, {"household_id", "39"}})
        .commit();
    world.settle();
    ASSERT_EQ(world.state().parked.size(), 2U);
    for (auto& table : world.bridge().tables)
        for (auto& unit : table.units)
            if (table.entity == household_entity && unit.unit == household::code)
                unit.bindings.front().codec = mapping::PlainCodec{};
    world.crash();
    const LinkKey household{world.table("a.household").index, LocalKey{"39"}};
    EXPECT_EQ(
        retry(world, row_named(world.state().parked.at(household).since)).outcome, RequestOutcome::done
    );
    world.settle();
    EXPECT_TRUE(world.state().parked.empty());
    EXPECT_EQ(phone_at(world, "b"), "100");
}

TEST_P(ParkedRequests, ARowSetAsideStaysAsItIsUntilItChanges)
{
    auto world = parked_world();
    EXPECT_EQ(skip(world, row_named(parked_number(world))).outcome, RequestOutcome::done);
    EXPECT_EQ(world.entries<ParkedSkipped>().front().request, RequestId{1});
    EXPECT_TRUE(world.state().parked.begin()->second.skipped.has_value());
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "200");
    world.update(
        "a.person",
        "1",
        {
            {"status", "Y"}
    }
    );
    world.settle();
    EXPECT_FALSE(world.state().parked.begin()->second.skipped.has_value());
    between(world);
    world.update(
        "a.person",
        "1",
        {
            {"status", "W"}
    }
    );
    world.settle();
    EXPECT_TRUE(world.state().parked.empty());
    EXPECT_EQ(phone_at(world, "a"), phone_at(world, "b"));
    EXPECT_EQ(world.conflicts().size(), 1U);
}

// Not even for the rows that wait for it does anything come of it.
TEST_P(ParkedRequests, WhatWasSetAsideCanBeRetried)
{
    auto world = parked_world();
    skip(world, row_named(parked_number(world)));
    mend(world);
    between(world);
    EXPECT_EQ(retry(world, row_named(parked_number(world))).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST_P(ParkedRequests, ARefusedDeliveryIsTriedAgainWhenAskedFor)
{
    auto world = refusing_world();
    world.agency("b").refusing.clear();
    between(world);
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
    const auto answer = retry(world, delivery_to_b(world));
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("@b: queued again"));
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_TRUE(world.record_of("a.person", "1").refusals.empty());
}

TEST(RefusedDelivery, ThatIsRefusedAgainIsListedAgain)
{
    auto world = refusing_world();
    skip(world, delivery_to_b(world));
    retry(world, delivery_to_b(world));
    world.settle();
    EXPECT_EQ(count<DeliveryRefused>(world), 2U);
    ASSERT_EQ(world.record_of("a.person", "1").refusals.size(), 1U);
    EXPECT_FALSE(world.record_of("a.person", "1").refusals.front().refusal.skipped.has_value());
}

TEST_P(ParkedRequests, ADeliverySetAsideIsTriedAgainWhenTheRecordChanges)
{
    auto world = refusing_world();
    EXPECT_EQ(skip(world, delivery_to_b(world)).outcome, RequestOutcome::done);
    between(world);
    EXPECT_EQ(world.record_of("a.person", "1").refusals.front().refusal.skipped, RequestId{1});
    world.agency("b").refusing.clear();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
    set_phone(world, "a", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "300");
    EXPECT_TRUE(world.record_of("a.person", "1").refusals.empty());
}

TEST(ParkedRequest, OfWhatIsNotParkedIsRefusedAndChangesNothing)
{
    auto world = linked();
    for (const auto& names : {row_named(JournalSeq{1}), delivery_to_b(world)}) {
        EXPECT_EQ(retry(world, names).outcome, RequestOutcome::refused);
        EXPECT_EQ(skip(world, names).outcome, RequestOutcome::refused);
    }
    const ParkedNames nobody{
        {                            },
        { {RecordId{9'999}, b}, {RecordId{1}, AgencyId{"x"}}}
    };
    EXPECT_EQ(retry(world, nobody).outcome, RequestOutcome::refused);
    EXPECT_EQ(count<DeliveryReleased>(world) + count<ParkedSkipped>(world), 0U);
}

// One that goes through is enough to be done; the others are named.
TEST(ParkedRequest, ForSeveralSaysWhatBecameOfEach)
{
    auto world = parked_world();
    auto names = row_named(parked_number(world));
    names.rows.push_back(JournalSeq{9'999});
    mend(world);
    const auto answer = retry(world, names);
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr(": read; 9999: no row is parked under that number"));
}

}  // namespace
}  // namespace casebridge::pipeline
