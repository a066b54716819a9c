#include "pipeline/lane_informer.hpp"
#include "pipeline/value_decision.hpp"
#include "tests/pipeline/stale_form_world.hpp"

// What becomes of the values that a stale form put back.

namespace casebridge::pipeline {
namespace {

void decide(World& world, const AgencyId& whose)
{
    const auto& record = world.record_of("a.person", "1");
    DecideValue wanted{"person", record.id, "phone", {}, JournalSeq{0}};
    for (const auto& version : phones(world).open) {
        wanted.seen.push_back(version.seq);
        if (version.author == whose)
            wanted.value = version.seq;
    }
    EntryLog log{world.state()};
    EXPECT_EQ(
        decide_value(wanted, RequestId{1}, PgTime{2'000'000'000}, {}, log).outcome, RequestOutcome::done
    );
    inform_lanes(world.state(), world.lanes(), log.entries(), std::nullopt);
    world.append(log);
    world.end_step();
    world.settle();
}

TEST(StaleForm, WhatItPutsBackIsHeldAndTheRestIsAnEdit)
{
    auto world = delivered();
    save_stale_form(world);
    EXPECT_TRUE(held(world));
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_EQ(world.show("b.person", only_key(world, "b.person"), "full_name"), "Stern, Anna");
}

TEST(StaleForm, TheConflictSaysSo)
{
    auto world = delivered();
    save_stale_form(world);
    ASSERT_EQ(world.conflicts().size(), 1U);
    const auto note = world.conflicts().front();
    EXPECT_TRUE(note.stale_form);
    EXPECT_EQ(note.unit, person::phone);
    EXPECT_EQ(note.verdict, Verdict::held);
    EXPECT_EQ(note.base, UnitValue{Value{"200"}});
    ASSERT_EQ(note.versions.size(), 2U);
    EXPECT_FALSE(note.versions.front().suspect);
    EXPECT_EQ(note.versions.front().author, AgencyId{"b"});
    EXPECT_TRUE(note.versions.back().suspect);
}

TEST(StaleForm, ADecisionForEitherValueReachesBothAgencies)
{
    for (const auto* whose : {"a", "b"}) {
        auto world = delivered();
        save_stale_form(world);
        decide(world, AgencyId{whose});
        EXPECT_FALSE(held(world));
        const std::string expected = whose == std::string{"a"} ? "100" : "200";
        EXPECT_EQ(phone_at(world, "a"), expected);
        EXPECT_EQ(phone_at(world, "b"), expected);
        EXPECT_TRUE(phones(world).marks.empty());
    }
}

TEST(StaleForm, AgreementOfTheOtherAgencyEndsTheHold)
{
    auto world = delivered();
    save_stale_form(world);
    set_phone(world, "b", "100");
    world.settle();
    EXPECT_FALSE(held(world));
    EXPECT_TRUE(phones(world).marks.empty());
    set_phone(world, "a", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "300");
    EXPECT_EQ(world.conflicts().size(), 1U) << "the later edit is causal again";
}

TEST(StaleForm, ALaterEditByTheSameAgencyHasNotSeenTheOthersValueEither)
{
    auto world = delivered_under(conflict::Hold{});
    save_stale_form(world);
    set_phone(world, "a", "300");
    world.settle();
    EXPECT_TRUE(held(world));
    ASSERT_EQ(phones(world).open.size(), 2U);
    EXPECT_EQ(phones(world).open.front().value, UnitValue{Value{"200"}});
    EXPECT_EQ(fired(world), 1U);
}

TEST(StaleForm, UnderAnyEveryOverwritingIsHeld)
{
    for (const auto* phone : {"100", "300"}) {
        auto bridge = guarded();
        bridge.stale_forms[{person_entity, person::phone}] = StaleForms::any;
        auto world = delivered(std::move(bridge));
        set_phone(world, "a", phone);
        world.settle();
        EXPECT_TRUE(held(world)) << phone;
        EXPECT_EQ(phone_at(world, "b"), "200") << phone;
        set_phone(world, "b", "400");
        world.settle();
        EXPECT_TRUE(held(world)) << "b has not seen what a put back";
    }
}

TEST(StaleForm, MaxDecidesAndTheAgencyGetsTheValueBack)
{
    auto world = delivered_under(conflict::Max{});
    save_stale_form(world);
    EXPECT_FALSE(held(world));
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_EQ(fired(world), 1U);
    EXPECT_TRUE(phones(world).marks.empty());
}

TEST(StaleForm, ALargerValueOfItStandsUnderMax)
{
    auto world = linked(guarded(with_rule(conflict::Max{})));
    set_phone(world, "b", "20");
    world.settle();
    save_stale_form(world);
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_EQ(fired(world), 1U);
}

TEST(StaleForm, SumKeepsWhatTheOtherAgencyAdded)
{
    auto world = delivered_under(conflict::Sum{});
    save_stale_form(world);
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_EQ(phone_at(world, "b"), "200");
    set_phone(world, "a", "201");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "201");
}

TEST(StaleForm, AnAuthorityIsAskedAsEver)
{
    auto of_b = delivered_under(conflict::Authority{AgencyId{"b"}});
    save_stale_form(of_b);
    EXPECT_EQ(phone_at(of_b, "a"), "200");
    EXPECT_EQ(of_b.conflicts().back().verdict, Verdict::reverted);
    auto of_a = linked(guarded(with_rule(conflict::Hold{})));
    set_phone(of_a, "b", "200");
    of_a.settle();
    rule(of_a.bridge(), person_entity, person::phone) = conflict::Authority{AgencyId{"a"}};
    save_stale_form(of_a);
    EXPECT_EQ(phone_at(of_a, "b"), "100");
    EXPECT_EQ(fired(of_a), 1U) << "b's value is recorded as one that nobody saw";
}

TEST(StaleForm, AJobThatPutsBackWhatTheRuleWritesAgainComesToAnEnd)
{
    auto world = delivered_under(conflict::Max{});
    for (int night = 0; night < 6; ++night)
        save_stale_form(world, "100", "Stern" + std::to_string(night));
    const auto refusals = world.entries<DeliveryRefused>();
    ASSERT_EQ(refusals.size(), 1U);
    EXPECT_EQ(refusals.front().code, "hop_guard");
}

TEST(StaleForm, IsRecognisedAfterARestart)
{
    auto world = delivered();
    world.keep_nothing_cached();
    world.crash();
    world.settle();
    save_stale_form(world);
    EXPECT_TRUE(held(world));
    world.crash();
    world.settle();
    EXPECT_TRUE(held(world));
    const auto id = world.all_records().front();
    EXPECT_TRUE(*world.replay(world.journal().size()).records.find(id) == world.load(id));
}

TEST(StaleForm, IsTheSameWhicheverStreamIsReadFirst)
{
    for (const auto* first : {"a", "b"}) {
        auto world = delivered();
        world.update(
            "a.person",
            "1",
            {
                {"phone",  "100"  },
                {"family", "Stern"}
        }
        );
        set_phone(world, "b", "300");
        world.read(first);
        world.settle();
        EXPECT_TRUE(held(world)) << first;
        EXPECT_EQ(phone_at(world, "a"), "100") << first;
        EXPECT_EQ(phone_at(world, "b"), "300") << first;
        EXPECT_EQ(phones(world).open.size(), 2U) << first;
    }
}

}  // namespace
}  // namespace casebridge::pipeline
