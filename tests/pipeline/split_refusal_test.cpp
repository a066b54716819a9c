#include "tests/pipeline/split_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

// A split that cannot be whole is refused, and says what has to be settled first.

namespace casebridge::pipeline {
namespace {

using ::testing::HasSubstr;

std::string refusal_of(World& world, const SplitLink& wanted)
{
    const auto journal = world.journal().size();
    const auto answer = ask(world, wanted);
    EXPECT_EQ(answer.outcome, RequestOutcome::refused);
    EXPECT_EQ(world.journal().size(), journal + 1) << "more than the answer was written";
    return answer.text;
}

std::string refusal_of(World& world, const std::string& agency, const std::string& key)
{
    return refusal_of(world, taking_out(world, agency, key));
}

TEST(RefusedSplit, NamesNothingThatIsNotThere)
{
    auto world = falsely_linked();
    auto wanted = taking_out(world, "c", "9");
    wanted.entity = "dragon";
    EXPECT_THAT(refusal_of(world, wanted), HasSubstr("keeps no such entity"));
    wanted = taking_out(world, "c", "9");
    wanted.agency = AgencyId{"z"};
    EXPECT_THAT(refusal_of(world, wanted), HasSubstr("no such agency"));
    wanted = taking_out(world, "c", "9");
    wanted.record = RecordId{4711};
    EXPECT_THAT(refusal_of(world, wanted), HasSubstr("no record of that number"));
    wanted = taking_out(world, "c", "9");
    wanted.entity = "household";
    EXPECT_THAT(refusal_of(world, wanted), HasSubstr("no record of that number and entity"));
    wanted = taking_out(world, "c", "9");
    wanted.key = LocalKey{"8"};
    EXPECT_THAT(refusal_of(world, wanted), HasSubstr("no row under that key"));
}

TEST(RefusedSplit, IsOfARowThatWeInserted)
{
    auto world = falsely_linked();
    EXPECT_THAT(refusal_of(world, "b", only_key(world, "b.person")), HasSubstr("inserted that row"));
}

TEST(RefusedSplit, IsOfARowWithoutAnother)
{
    auto world = linked(sample_bridge(3));
    EXPECT_THAT(refusal_of(world, "a", "1"), HasSubstr("no other agency"));
}

TEST(RefusedSplit, IsOfARecordThatHasChangedSinceSomebodyLooked)
{
    auto world = falsely_linked();
    const auto wanted = taking_out(world, "c", "9");
    world.update(
        "a.person",
        "1",
        {
            {"phone", "101"}
    }
    );
    world.settle();
    EXPECT_THAT(refusal_of(world, wanted), HasSubstr("since you looked"));
    EXPECT_EQ(split(world, "c", "9").outcome, RequestOutcome::done);
}

TEST(RefusedSplit, IsOfARecordForWhichSomebodyHasProposedSomethingSince)
{
    auto bridge = sample_bridge(3);
    rule(bridge, person_entity, person::phone) =
        conflict::Authority{AgencyId{"a"}, conflict::Authority::Others::proposed};
    auto world = falsely_linked(std::move(bridge));
    const auto wanted = taking_out(world, "c", "9");
    world.update(
        "c.person",
        "9",
        {
            {"phone", "900"}
    }
    );
    world.settle();
    EXPECT_THAT(refusal_of(world, wanted), HasSubstr("since you looked"));
}

TEST(RefusedSplit, WaitsForWhatIsOnItsWayToTheRow)
{
    auto world = falsely_linked();
    world.update(
        "a.person",
        "1",
        {
            {"phone", "101"}
    }
    );
    world.read("a");
    ASSERT_TRUE(world.plan("c"));
    EXPECT_THAT(refusal_of(world, "c", "9"), HasSubstr("on its way"));
    world.execute("c");
    world.answer("c");
    EXPECT_THAT(refusal_of(world, "c", "9"), HasSubstr("on its way"));
    world.crash();
    EXPECT_THAT(refusal_of(world, "c", "9"), HasSubstr("not connected"));
    world.settle();
    EXPECT_EQ(split(world, "c", "9").outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "101");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "(null)");
}

TEST(RefusedSplit, IsOfAnAgencyThatIsPaused)
{
    auto world = falsely_linked();
    ask(world, PauseAgency{AgencyId{"c"}, std::nullopt});
    EXPECT_THAT(refusal_of(world, "c", "9"), HasSubstr("paused"));
}

TEST(RefusedSplit, IsOfARowThatIsParked)
{
    auto world = falsely_linked();
    world.update(
        "c.person",
        "9",
        {
            {"status", "?"}
    }
    );
    world.settle();
    EXPECT_THAT(refusal_of(world, "c", "9"), HasSubstr("parked as"));
}

TEST(RefusedSplit, WaitsForAPersonWhoDecidesOnADeletion)
{
    auto bridge = sample_bridge(3);
    auto world = falsely_linked(std::move(bridge));
    world.erase("b.person", only_key(world, "b.person"));
    world.settle();
    EXPECT_THAT(refusal_of(world, "c", "9"), HasSubstr("casebridge deletions show"));
}

TEST(RefusedSplit, IsOfARecordThatIsBeingDeleted)
{
    auto bridge = sample_bridge(3);
    bridge.on_delete[person_entity] = conflict::PropagateDelete{};
    auto world = falsely_linked(std::move(bridge));
    world.erase("b.person", only_key(world, "b.person"));
    world.settle();
    EXPECT_THAT(refusal_of(world, "c", "9"), HasSubstr("is being deleted"));
}

// What the journal has let go of.
void lose_value(RecordHistory& history, const std::string& agency, UnitIndex unit)
{
    for (auto& version : history.versions)
        if (version.author == AgencyId{agency} && version.unit == unit)
            version.value.reset();
}

// Everybody has been dealt with since: the record forgets what was replaced before, and only the journal has
// it.
void let_forget(World& world)
{
    for (const std::string family : {"Berg", "Holm", "Lund"})
        for (const auto& [table, key] : {
                 std::pair{"a.person", "1"},
                 {"c.person", "9"}
        }) {
            world.update(
                table,
                key,
                {
                    {"family", family + table}
            }
            );
            world.settle();
        }
}

// Anna's phone was replaced by Berta's.
World replaced()
{
    auto world = falsely_linked();
    world.update(
        "c.person",
        "9",
        {
            {"phone", "900"}
    }
    );
    world.settle();
    world.update(
        "c.person",
        "9",
        {
            {"phone", "901"}
    }
    );
    world.settle();
    let_forget(world);
    return world;
}

TEST(RefusedSplit, NamesTheFieldsOfTheRecordWhoseValuesAreGone)
{
    auto world = replaced();
    const auto lost = [](RecordHistory& history) { lose_value(history, "a", person::phone); };
    const auto answer = ask(world, taking_out(world, "c", "9"), lost);
    EXPECT_EQ(answer.outcome, RequestOutcome::refused);
    EXPECT_THAT(answer.text, HasSubstr("no longer kept: phone; decide them first"));
    EXPECT_EQ(count<LinkSplit>(world), 0U);
    // As it says.
    const auto record = record_at(world, "a.person", "1");
    const auto seen = world.load(record).units[person::phone.value()].open.front().seq;
    ask(world, DecideValue{"person", record, "phone", {seen}, UnitValue{Value{"100"}}});
    world.settle();
    EXPECT_EQ(ask(world, taking_out(world, "c", "9"), lost).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "100");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "901");
}

TEST(RefusedSplit, NamesTheFieldsOfTheRowWhoseValuesAreGone)
{
    auto world = falsely_linked();
    world.update(
        "c.person",
        "9",
        {
            {"phone", "900"}
    }
    );
    world.settle();
    world.update(
        "a.person",
        "1",
        {
            {"phone", "101"}
    }
    );
    world.settle();
    let_forget(world);
    const auto lost = [](RecordHistory& history) { lose_value(history, "c", person::phone); };
    const auto answer = ask(world, taking_out(world, "c", "9"), lost);
    EXPECT_EQ(answer.outcome, RequestOutcome::refused);
    EXPECT_THAT(answer.text, HasSubstr("no longer kept: phone; enter them there again"));
    EXPECT_EQ(count<LinkSplit>(world), 0U);
}

TEST(RefusedSplit, SaysSoWhereTheJournalBeginsBehindTheLink)
{
    auto world = falsely_linked();
    const auto answer = ask(world, taking_out(world, "c", "9"), [](RecordHistory& history) {
        history.links.clear();
        history.versions.clear();
    });
    EXPECT_EQ(answer.outcome, RequestOutcome::refused);
    EXPECT_THAT(answer.text, HasSubstr("no longer kept"));
    EXPECT_EQ(count<LinkSplit>(world), 0U);
}

TEST(RefusedSplit, NeedsNoValueThatStandsBesideTheRows)
{
    auto world = falsely_linked();
    const auto answer = ask(world, taking_out(world, "c", "9"), [](RecordHistory& history) {
        lose_value(history, "a", person::name);
        lose_value(history, "c", person::name);
    });
    EXPECT_EQ(answer.outcome, RequestOutcome::done) << answer.text;
    world.settle();
    EXPECT_EQ(shown(world, "a.person", "1"), "Anna Berg 100 (null)");
}

TEST(RefusedSplit, IsOfATotalThatHoldsWhatTheRowsAgencyHasAdded)
{
    auto bridge = sample_bridge(3);
    rule(bridge, person_entity, person::phone) = conflict::Sum{};
    auto world = falsely_linked(std::move(bridge));
    world.update(
        "c.person",
        "9",
        {
            {"phone", "105"}
    }
    );
    world.settle();
    world.update(
        "a.person",
        "1",
        {
            {"phone", "107"}
    }
    );
    world.settle();
    EXPECT_THAT(refusal_of(world, "c", "9"), HasSubstr("added to what the row's agency had: phone"));
    const auto record = record_at(world, "a.person", "1");
    const auto seen = world.load(record).units[person::phone.value()].open.front().seq;
    ask(world, DecideValue{"person", record, "phone", {seen}, UnitValue{Value{"102"}}});
    world.settle();
    EXPECT_EQ(split(world, "c", "9").outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "102");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "105");
}

TEST(RefusedSplit, IsNotOfATotalThatStandsBelowIt)
{
    auto bridge = sample_bridge(3);
    rule(bridge, person_entity, person::phone) = conflict::Sum{};
    auto world = falsely_linked(std::move(bridge));
    world.update(
        "c.person",
        "9",
        {
            {"phone", "105"}
    }
    );
    world.settle();
    EXPECT_EQ(split(world, "c", "9").outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "100");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "105");
    world.update(
        "a.person",
        "1",
        {
            {"phone", "101"}
    }
    );
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "101");
    expect_replay(world);
}

}  // namespace
}  // namespace casebridge::pipeline
