#include "pipeline/row_identity.hpp"
#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Which record a row is: several rules, doubt, and what persons decide of it.

namespace casebridge::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr FieldIndex given{0};
constexpr FieldIndex family{1};
constexpr FieldIndex number{2};

// By number, else by name however it is written.
World two_rules()
{
    auto bridge = sample_bridge(3);
    auto& rules = bridge.model.entities[person_entity.value()].identity;
    rules.clear();
    rules.push_back({{number}});
    rules.push_back({
        {given,           family         },
        {MatchForm::name, MatchForm::name}
    });
    World world{std::move(bridge)};
    world.settle();
    return world;
}

struct Entered {
    std::string agency;
    std::string key;
    std::string given;
    std::string family;
    std::optional<std::string> number;
};

// Read, and nothing delivered yet.
void enter(World& world, const Entered& row)
{
    world.insert(
        row.agency + ".person",
        row.key,
        {
            {"given",  row.given },
            {"family", row.family},
            {"number", row.number}
    }
    );
    world.read(row.agency);
}

// The row of agency c that is in doubt.
RowParked parked(const World& world)
{
    const auto all = world.entries<RowParked>();
    return all.empty() ? RowParked{} : all.back();
}

RecordId record_at(World& world, const std::string& key)
{
    return world.record_of("a.person", key).id;
}

RequestAnswered ask(World& world, const std::string& key, RecordId record, MatchVerdict verdict)
{
    return ask(world, DecideMatch{AgencyId{"c"}, "person", LocalKey{key}, record, verdict});
}

// Anna is at a, and at c somebody of her name with another number.
World contradicted()
{
    auto world = two_rules();
    enter(world, {"a", "1", "Anna", "Berg", "77"});
    enter(world, {"c", "9", "ANNA", "Berg", "99"});
    return world;
}

// At c somebody with Anna's number and Berta's name.
World disagreeing()
{
    auto world = two_rules();
    enter(world, {"a", "1", "Anna", "Berg", "77"});
    enter(world, {"a", "2", "Berta", "Holm", "88"});
    enter(world, {"c", "9", "Berta", "Holm", "77"});
    return world;
}

TEST(Match, FindsANameHoweverItIsWritten)
{
    auto world = two_rules();
    enter(world, {"a", "1", "María-José", "Núñez", "77"});
    enter(world, {"c", "9", "MARIA JOSE", "NUNEZ", std::nullopt});
    world.settle();
    EXPECT_EQ(world.record_of("c.person", "9").id, record_at(world, "1"));
    EXPECT_EQ(count<RowParked>(world), 0U);
}

TEST(Match, TellsOtherNamesApart)
{
    auto world = two_rules();
    enter(world, {"a", "1", "Ann", "Berg", "77"});
    enter(world, {"c", "9", "Anna", "Berg", std::nullopt});
    world.settle();
    EXPECT_NE(world.record_of("c.person", "9").id, record_at(world, "1"));
}

TEST(Match, OfANameWithoutALetterIsNone)
{
    auto world = two_rules();
    enter(world, {"a", "1", "-", "-", std::nullopt});
    enter(world, {"c", "9", "-", "-", std::nullopt});
    world.settle();
    EXPECT_NE(world.record_of("c.person", "9").id, record_at(world, "1"));
}

TEST(Match, ByTheFirstRuleStandsWhereTheSecondFindsNothing)
{
    auto world = two_rules();
    enter(world, {"a", "1", "Anna", "Berg", "77"});
    enter(world, {"c", "9", "Anna", "Holm", "77"});
    EXPECT_EQ(world.record_of("c.person", "9").id, record_at(world, "1"));
}

TEST(Doubt, ArisesWhereRulesFindDifferentRecords)
{
    auto world = disagreeing();
    const auto row = parked(world);
    EXPECT_EQ(row.code, rules_disagree);
    EXPECT_THAT(
        row.candidates,
        ElementsAre(
            MatchCandidate{record_at(world, "1"), {"number"}},
            MatchCandidate{record_at(world, "2"), {"name.given~name+name.family~name"}}
        )
    );
}

TEST(Doubt, ArisesWhereAStrongerIdentifierContradicts)
{
    auto world = contradicted();
    const auto row = parked(world);
    EXPECT_EQ(row.code, identifier_contradicts);
    EXPECT_THAT(
        row.candidates,
        ElementsAre(MatchCandidate{record_at(world, "1"), {"name.given~name+name.family~name"}})
    );
}

TEST(Doubt, ArisesWhereOneRuleFindsTwo)
{
    auto world = two_rules();
    enter(world, {"a", "1", "Anna", "Berg", "77"});
    enter(world, {"c", "8", "Anna", "Berg", "78"});
    ask(world, "8", record_at(world, "1"), MatchVerdict::never);
    enter(world, {"c", "9", "Anna", "Berg", std::nullopt});
    const auto row = parked(world);
    EXPECT_EQ(row.code, ambiguous_identity);
    EXPECT_EQ(row.candidates.size(), 2U);
}

TEST(Doubt, ArisesWhereOnePersonWouldBeLinkedTwice)
{
    auto world = two_rules();
    enter(world, {"c", "8", "Anna", "Berg", "77"});
    enter(world, {"c", "9", "Anna", "Berg", "77"});
    const auto row = parked(world);
    EXPECT_EQ(row.code, local_duplicate);
    EXPECT_THAT(
        row.candidates,
        ElementsAre(MatchCandidate{
            world.record_of("c.person", "8").id, {"number", "name.given~name+name.family~name"}
    })
    );
}

TEST(Doubt, KeepsItsCandidatesFromGettingAnotherRowThere)
{
    auto world = contradicted();
    world.settle();
    EXPECT_THAT(world.keys("c.person"), ElementsAre("9"));
    EXPECT_EQ(world.keys("b.person").size(), 1U);
    world.crash();
    world.settle();
    EXPECT_THAT(world.keys("c.person"), ElementsAre("9"));
}

TEST(Doubt, EndsWithItsRow)
{
    auto world = contradicted();
    world.settle();
    world.erase("c.person", "9");
    world.settle();
    EXPECT_EQ(count<DoubtSettled>(world), 1U);
    EXPECT_TRUE(world.state().in_doubt.empty());
    EXPECT_EQ(world.keys("c.person").size(), 1U);
    EXPECT_EQ(world.show("c.person", only_key(world, "c.person"), "number"), "77");
}

TEST(Doubt, EndsWhenItsRowIsCorrected)
{
    auto world = contradicted();
    world.settle();
    world.update(
        "c.person",
        "9",
        {
            {"number", "77"}
    }
    );
    world.settle();
    EXPECT_EQ(world.record_of("c.person", "9").id, record_at(world, "1"));
    EXPECT_TRUE(world.state().in_doubt.empty());
}

class DecidedMatch : public ::testing::TestWithParam<bool> {
protected:
    static void between(World& world)
    {
        if (GetParam())
            world.crash();
    }
};

INSTANTIATE_TEST_SUITE_P(RunningAndRestarted, DecidedMatch, ::testing::Bool());

TEST_P(DecidedMatch, LinksTheRowToTheRecordThatItIs)
{
    auto world = contradicted();
    world.settle();
    between(world);
    const auto answer = ask(world, "9", record_at(world, "1"), MatchVerdict::same);
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("from now on"));
    between(world);
    world.settle();
    EXPECT_EQ(world.record_of("c.person", "9").id, record_at(world, "1"));
    EXPECT_THAT(world.keys("c.person"), ElementsAre("9"));
    EXPECT_TRUE(world.state().matches.empty());
}

TEST_P(DecidedMatch, MakesARecordOfItsOwnOfARowThatIsNone)
{
    auto world = contradicted();
    world.settle();
    between(world);
    const auto answer = ask(world, "9", record_at(world, "1"), MatchVerdict::never);
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("never"));
    between(world);
    world.settle();
    EXPECT_NE(world.record_of("c.person", "9").id, record_at(world, "1"));
    EXPECT_EQ(world.keys("c.person").size(), 2U);
    EXPECT_EQ(world.keys("a.person").size(), 2U);
}

TEST_P(DecidedMatch, GoesOnToTheNextCandidate)
{
    auto world = disagreeing();
    world.settle();
    ask(world, "9", record_at(world, "1"), MatchVerdict::never);
    between(world);
    const auto row = parked(world);
    EXPECT_EQ(row.code, identifier_contradicts);
    EXPECT_THAT(
        row.candidates,
        ElementsAre(MatchCandidate{record_at(world, "2"), {"name.given~name+name.family~name"}})
    );
    ask(world, "9", record_at(world, "2"), MatchVerdict::same);
    world.settle();
    EXPECT_EQ(world.record_of("c.person", "9").id, record_at(world, "2"));
}

TEST_P(DecidedMatch, SticksWhenTheRowChangesOrGetsAnotherKey)
{
    auto world = disagreeing();
    ask(world, "9", record_at(world, "1"), MatchVerdict::never);
    between(world);
    world.edit("c").rename("c.person", "9", "10").commit();
    world.read("c");
    between(world);
    // Now everything says that it is Anna, whom a person has ruled out.
    world.update(
        "c.person",
        "10",
        {
            {"given",  "Anna"},
            {"family", "Berg"}
    }
    );
    world.settle();
    EXPECT_NE(world.record_of("c.person", "10").id, record_at(world, "1"));
}

TEST(MatchDecision, IsRefusedForWhatIsNotInDoubt)
{
    auto world = contradicted();
    const auto record = record_at(world, "1");
    EXPECT_THAT(ask(world, "7", record, MatchVerdict::same).text, HasSubstr("no row under that key"));
    EXPECT_THAT(ask(world, "9", RecordId{4711}, MatchVerdict::same).text, HasSubstr("none of those"));
    EXPECT_EQ(world.entries<RequestAnswered>().back().outcome, RequestOutcome::refused);
    EXPECT_EQ(count<MatchDecided>(world), 0U);
}

TEST(MatchDecision, NeverLinksOnePersonTwice)
{
    auto world = two_rules();
    enter(world, {"c", "8", "Anna", "Berg", "77"});
    enter(world, {"c", "9", "Anna", "Berg", "77"});
    const auto record = world.record_of("c.person", "8").id;
    EXPECT_THAT(ask(world, "9", record, MatchVerdict::same).text, HasSubstr("has another row"));
    EXPECT_EQ(ask(world, "9", record, MatchVerdict::never).outcome, RequestOutcome::done);
    EXPECT_NE(world.record_of("c.person", "9").id, record);
}

}  // namespace
}  // namespace casebridge::pipeline
