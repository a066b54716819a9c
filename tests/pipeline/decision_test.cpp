#include "pipeline/record_values.hpp"
#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

// A person decides what a unit is worth.

namespace casebridge::pipeline {
namespace {

using ::testing::HasSubstr;

// The person whose phone everything is about.
const Record& anna(World& world)
{
    return world.record_of("a.person", "1");
}

const conflict::UnitHistory& phones(World& world)
{
    return anna(world).units[person::phone.value()];
}

std::vector<JournalSeq> open_seqs(World& world)
{
    std::vector<JournalSeq> seqs;
    for (const auto& version : phones(world).open)
        seqs.push_back(version.seq);
    return seqs;
}

// The open version that the agency wrote.
JournalSeq version_by(World& world, const std::string& agency)
{
    const auto& open = phones(world).open;
    const auto found = std::ranges::find_if(open, [&](const Version& version) {
        return version.written_by(AgencyId{agency});
    });
    return found == open.end() ? JournalSeq{0} : found->seq;
}

bool held(World& world)
{
    return !held_units(world.bridge(), anna(world)).empty();
}

DecideValue own_value(World& world, const std::string& phone)
{
    return {"person", anna(world).id, "phone", open_seqs(world), UnitValue{Value{phone}}};
}

DecideValue taking(World& world, JournalSeq version)
{
    return {"person", anna(world).id, "phone", open_seqs(world), version};
}

// Both agencies have given the person another phone, and nobody chose.
World held_world(BridgeDefinition bridge = with_rule(conflict::Hold{}))
{
    auto world = linked(std::move(bridge));
    set_phone(world, "a", "200");
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_TRUE(held(world));
    return world;
}

TEST(Decision, EndsAHoldAndReachesEveryAgency)
{
    auto world = held_world();
    world.keep_nothing_cached();
    const auto answer = ask(world, taking(world, version_by(world, "a")));
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("goes to every agency"));
    world.settle();
    EXPECT_FALSE(held(world));
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_TRUE(phones(world).marks.empty());
}

TEST(Decision, NamesEverythingThatItWasTakenFrom)
{
    auto world = held_world();
    const auto seen = open_seqs(world);
    const auto taken = version_by(world, "b");
    ask(world, taking(world, taken));
    ASSERT_EQ(count<ValueDecided>(world), 1U);
    const auto decided = world.entries<ValueDecided>().front();
    EXPECT_EQ(decided.author, AgencyId{"b"});
    EXPECT_EQ(decided.taken, taken);
    EXPECT_EQ(decided.rule, "hold");
    EXPECT_EQ(decided.request, RequestId{1});
    EXPECT_EQ(decided.version.superseded, seen);
    EXPECT_EQ(decided.versions.size(), 2U);
}

TEST(Decision, MayBeAValueOfThePersonsOwn)
{
    auto world = held_world();
    EXPECT_EQ(ask(world, own_value(world, "400")).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "400");
    EXPECT_EQ(phone_at(world, "b"), "400");
    EXPECT_EQ(phones(world).open.front().author, AgencyId{});
}

TEST(Decision, IsAnOrdinaryVersionAfterwards)
{
    auto world = held_world();
    ask(world, taking(world, version_by(world, "a")));
    world.settle();
    const auto conflicts = world.conflicts().size();
    set_phone(world, "a", "500");
    world.settle();
    set_phone(world, "b", "600");
    world.settle();
    EXPECT_EQ(world.conflicts().size(), conflicts);
    EXPECT_EQ(phone_at(world, "a"), "600");
    EXPECT_EQ(phone_at(world, "b"), "600");
}

TEST(Decision, WasNotHadByTheAgencyWhoseValueItIsUntilAnEchoSaysSo)
{
    auto world = held_world();
    ask(world, taking(world, version_by(world, "a")));
    set_phone(world, "a", "500");
    world.settle();
    EXPECT_TRUE(held(world));
    EXPECT_EQ(phone_at(world, "a"), "500");
    EXPECT_EQ(phone_at(world, "b"), "300");
    EXPECT_EQ(world.conflicts().back().verdict, Verdict::held);
}

TEST(Decision, LeavesAValueThatThePersonHadNotSeenAndTheHoldOpen)
{
    auto world = held_world();
    auto wanted = taking(world, version_by(world, "b"));
    set_phone(world, "a", "201");
    world.settle();
    const auto answer = ask(world, std::move(wanted));
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("keeps the field on hold"));
    world.settle();
    EXPECT_TRUE(held(world));
    EXPECT_EQ(phone_at(world, "a"), "201");
    EXPECT_EQ(ask(world, taking(world, version_by(world, "a"))).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "201");
}

TEST(Decision, IsRefusedWhenNothingOfWhatThePersonSawIsThere)
{
    auto world = held_world();
    const auto stale = own_value(world, "400");
    ask(world, own_value(world, "700"));
    const auto entries = world.journal().size();
    const auto answer = ask(world, stale);
    EXPECT_EQ(answer.outcome, RequestOutcome::refused);
    EXPECT_THAT(answer.text, HasSubstr("no longer there; look again"));
    EXPECT_EQ(world.journal().size(), entries + 1);
}

TEST(Decision, AskedForAgainIsDoneWithoutASecondEntry)
{
    auto world = held_world();
    const auto wanted = own_value(world, "400");
    ask(world, wanted);
    const auto answer = ask(world, wanted);
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("stands already"));
    EXPECT_EQ(count<ValueDecided>(world), 1U);
}

TEST(Decision, OverAnAuthoritysValueStandsUntilTheAuthorityWritesAgain)
{
    auto world = linked(with_rule(conflict::Authority{AgencyId{"a"}}));
    ask(world, own_value(world, "400"));
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "400");
    EXPECT_EQ(phone_at(world, "b"), "400");
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "400") << "another agency's edit is reverted to it";
    set_phone(world, "a", "500");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "500");
}

TEST(Decision, GivesAValueBackThatAnAuthorityHadReverted)
{
    auto world = linked(with_rule(conflict::Authority{AgencyId{"a"}}));
    set_phone(world, "b", "300");
    world.settle();
    ASSERT_EQ(phone_at(world, "b"), "100");
    const auto rejected = world.conflicts().back().versions.back().seq;
    auto wanted = taking(world, rejected);
    wanted.conflict = ConflictPlace{rejected, 0};
    EXPECT_EQ(ask(world, wanted).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "300");
    EXPECT_EQ(phone_at(world, "b"), "300");
    EXPECT_EQ(world.entries<ValueDecided>().front().author, AgencyId{"b"});
}

TEST(Decision, CanBeUndoneByTakingWhatItReplaced)
{
    auto world = held_world();
    const auto of_b = version_by(world, "b");
    ask(world, taking(world, version_by(world, "a")));
    world.settle();
    ask(world, taking(world, of_b));
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "300");
    EXPECT_EQ(phone_at(world, "b"), "300");
    const auto first = world.entries<ValueDecided>().front();
    EXPECT_EQ(world.entries<ValueDecided>().back().versions.front().value, first.version.value);
}

TEST(Decision, IsMadeAfresh)
{
    auto world = held_world();
    const auto before = phones(world);
    auto wanted = own_value(world, "400");
    ask(world, wanted);
    const auto stamp = phones(world).open.front().stamp;
    for (const auto& version : before.open)
        EXPECT_GT(stamp, version.stamp);
    EXPECT_EQ(stamp, asked_at);
    auto late = held_world();
    late.pass(std::chrono::seconds{10'000});
    set_phone(late, "a", "201");
    late.settle();
    const auto newest = phones(late).open.back().stamp;
    ask(late, own_value(late, "400"));
    EXPECT_EQ(phones(late).open.front().stamp, PgTime{newest->value() + 1}) << "above clocks that run ahead";
}

TEST(Decision, SurvivesARestart)
{
    auto world = held_world();
    ask(world, taking(world, version_by(world, "a")));
    world.crash();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    world.crash();
    set_phone(world, "a", "500");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "500");
    EXPECT_FALSE(held(world));
}

TEST(Decision, IsWhatTheJournalAloneGivesAgain)
{
    auto world = held_world();
    ask(world, taking(world, version_by(world, "a")));
    world.settle();
    const auto again = world.replay(world.journal().size());
    EXPECT_EQ(*again.records.find(anna(world).id), anna(world));
}

TEST(Decision, GoesOnlyWhereTheAgreementsOfTheValuesAuthorAllow)
{
    auto bridge = with_rule(conflict::Hold{});
    auto world = held_world(bridge);
    auto& shared = agreement(world.bridge(), "a", "b").shared[person_entity.value()];
    shared[person::phone.value()] = false;
    ask(world, taking(world, version_by(world, "a")));
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_EQ(phone_at(world, "b"), "300");
    ask(world, own_value(world, "400"));
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "400");
    EXPECT_EQ(phone_at(world, "b"), "300") << "nothing lets the field into b";
}

TEST(Decision, OfThePersonsOwnGoesWhereAnyAgreementLetsTheFieldIn)
{
    auto world = held_world(with_rule(conflict::Hold{}, 3));
    for (const auto* from : {"a", "b"})
        agreement(world.bridge(), from, "c").shared[person_entity.value()][person::phone.value()] =
            from == std::string{"b"};
    ask(world, own_value(world, "400"));
    world.settle();
    EXPECT_EQ(phone_at(world, "c"), "400");
}

TEST(Decision, TriesARefusedDeliveryAgain)
{
    auto world = held_world();
    const LinkKey row{world.table("b.person").index, LocalKey{only_key(world, "b.person")}};
    world.agency("b").refusing.insert(row);
    ask(world, taking(world, version_by(world, "a")));
    world.settle();
    ASSERT_EQ(phone_at(world, "b"), "300");
    world.agency("b").refusing.clear();
    ask(world, own_value(world, "400"));
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "400");
}

class RefusedDecision : public ::testing::Test {
protected:
    std::string refusal_of(DecideValue wanted)
    {
        const auto entries = world_.journal().size();
        const auto answer = ask(world_, std::move(wanted));
        EXPECT_EQ(answer.outcome, RequestOutcome::refused);
        EXPECT_EQ(world_.journal().size(), entries + 1) << "nothing but the answer is written";
        return answer.text;
    }

    World world_ = held_world();
};

TEST_F(RefusedDecision, NamesWhatIsNotThere)
{
    auto wanted = own_value(world_, "400");
    wanted.entity = "nobody";
    EXPECT_THAT(refusal_of(wanted), HasSubstr("no entity"));
    wanted = own_value(world_, "400");
    wanted.unit = "fax";
    EXPECT_THAT(refusal_of(wanted), HasSubstr("no field or group"));
    wanted = own_value(world_, "400");
    wanted.record = RecordId{999'999};
    EXPECT_THAT(refusal_of(wanted), HasSubstr("no record"));
    wanted = own_value(world_, "400");
    wanted.entity = "household";
    wanted.unit = "code";
    EXPECT_THAT(refusal_of(wanted), HasSubstr("another entity"));
}

TEST_F(RefusedDecision, NamesAVersionThatIsNoneOfTheField)
{
    EXPECT_THAT(refusal_of(taking(world_, JournalSeq{999'999})), HasSubstr("version 999999 is none"));
    auto wanted = taking(world_, version_by(world_, "a"));
    wanted.unit = "status";
    EXPECT_THAT(refusal_of(wanted), HasSubstr("is none of this field"));
    wanted = taking(world_, version_by(world_, "a"));
    wanted.conflict = ConflictPlace{version_by(world_, "a"), 7};
    EXPECT_THAT(refusal_of(wanted), HasSubstr("no such conflict"));
}

TEST_F(RefusedDecision, NamesAValueThatTheFieldCannotHaveWithoutQuotingIt)
{
    auto wanted = own_value(world_, "400");
    wanted.unit = "status";
    wanted.value = UnitValue{Value{"secret"}};
    EXPECT_THAT(
        refusal_of(wanted), ::testing::AllOf(HasSubstr("no code"), ::testing::Not(HasSubstr("secret")))
    );
    wanted.unit = "household";
    wanted.value = UnitValue{Value{"12345"}};
    EXPECT_THAT(refusal_of(wanted), HasSubstr("no such record"));
    wanted.value = UnitValue{Value{std::to_string(anna(world_).id.value())}};
    EXPECT_THAT(refusal_of(wanted), HasSubstr("no such record")) << "a person is no household";
    wanted.unit = "name";
    EXPECT_THAT(refusal_of(wanted), HasSubstr("each of the 2 fields"));
}

}  // namespace
}  // namespace casebridge::pipeline
