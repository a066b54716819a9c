#include "pipeline/record_values.hpp"
#include "tests/pipeline/split_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// A false link is taken apart: what each record, each row and each agency shows afterwards.

namespace casebridge::pipeline {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// Which of the two rows is said never to have been the record, and whether memory keeps nothing.
struct Way {
    std::string agency;
    std::string key;
    bool cold = false;
};

class Split : public ::testing::TestWithParam<Way> {
protected:
    static World start(BridgeDefinition bridge = sample_bridge(3))
    {
        auto world = falsely_linked(std::move(bridge));
        if (GetParam().cold)
            world.keep_nothing_cached();
        return world;
    }

    static RequestAnswered take_apart(World& world)
    {
        return split(world, GetParam().agency, GetParam().key);
    }
};

INSTANTIATE_TEST_SUITE_P(
    BothWays, Split, ::testing::Values(Way{"a", "1"}, Way{"c", "9"}, Way{"a", "1", true}, Way{"c", "9", true})
);

TEST_P(Split, BeginsWhereEverybodyShowsAMixture)
{
    auto world = start();
    for (const std::string table : {"a.person", "c.person"}) {
        const auto key = only_key(world, table);
        EXPECT_EQ(shown(world, table, key), "Berta Holm 100 R") << table;
    }
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

TEST_P(Split, GivesEachPersonItsOwnValuesBackEverywhere)
{
    auto world = start();
    const auto answer = take_apart(world);
    EXPECT_EQ(answer.outcome, RequestOutcome::done) << answer.text;
    world.settle();
    EXPECT_EQ(shown(world, "a.person", "1"), "Anna Berg 100 (null)");
    EXPECT_EQ(shown(world, "c.person", "9"), "Berta Holm (null) R");
    const auto anna = record_at(world, "a.person", "1");
    const auto berta = record_at(world, "c.person", "9");
    ASSERT_NE(anna, berta);
    EXPECT_EQ(shown(world, "c.person", key_in(world, "c.person", anna)), "Anna Berg 100 (null)");
    EXPECT_EQ(shown(world, "a.person", key_in(world, "a.person", berta)), "Berta Holm (null) R");
    const auto at_b = [&](RecordId record) {
        return world.show("b.person", key_in(world, "b.person", record), "full_name");
    };
    EXPECT_EQ(at_b(anna), "Berg, Anna");
    EXPECT_EQ(at_b(berta), "Holm, Berta");
    for (const auto* table : {"a.person", "b.person", "c.person"})
        EXPECT_THAT(world.keys(table), SizeIs(2)) << table;
    expect_replay(world);
}

TEST_P(Split, LeavesNothingToSayAndNothingOnHold)
{
    auto world = start();
    take_apart(world);
    world.settle();
    const auto journal = world.journal().size();
    world.settle();
    EXPECT_EQ(world.journal().size(), journal);
    for (const auto record : world.all_records()) {
        EXPECT_THAT(held_units(world.bridge(), world.load(record)), IsEmpty());
        EXPECT_THAT(world.load(record).refusals, IsEmpty());
    }
}

TEST_P(Split, IsDoneInOneAppend)
{
    auto world = start();
    const auto before = world.journal().size();
    take_apart(world);
    EXPECT_TRUE(std::holds_alternative<MatchDecided>(world.journal()[before].body));
    EXPECT_TRUE(std::holds_alternative<LinkSplit>(world.journal()[before + 1].body));
    const auto& told = std::get<LinkSplit>(world.journal()[before + 1].body);
    EXPECT_EQ(told.into, world.record_of(GetParam().agency + ".person", GetParam().key).id);
    EXPECT_NE(told.into, told.record);
    EXPECT_TRUE(std::holds_alternative<RequestAnswered>(world.journal().back().body));
    expect_replay(world);
}

TEST_P(Split, SurvivesACrashWhereverItIsOnItsWay)
{
    for (int steps = 0; steps < 8; ++steps) {
        auto world = start();
        take_apart(world);
        const std::vector<std::string> agencies{"a", "b", "c"};
        for (int step = 0; step < steps; ++step) {
            const auto& agency = agencies[static_cast<std::size_t>(step) % agencies.size()];
            if (world.plan(agency)) {
                world.execute(agency);
                if (step % 2 == 0)
                    world.answer(agency);
            }
            world.crash();
            if (step % 4 == 1)
                world.read(agency);
        }
        world.crash();
        world.settle();
        EXPECT_EQ(shown(world, "a.person", "1"), "Anna Berg 100 (null)") << steps;
        EXPECT_EQ(shown(world, "c.person", "9"), "Berta Holm (null) R") << steps;
        expect_replay(world);
    }
}

TEST_P(Split, HoldsForLaterEditsAndForARowThatComesBack)
{
    auto world = start();
    const auto record = record_at(world, GetParam().agency + ".person", GetParam().key);
    take_apart(world);
    world.settle();
    const auto table = GetParam().agency + ".person";
    world.update(
        table,
        GetParam().key,
        {
            {"number", "78"}
    }
    );
    world.settle();
    world.update(
        table,
        GetParam().key,
        {
            {"number", "77"}
    }
    );
    world.settle();
    EXPECT_NE(record_at(world, table, GetParam().key), record);
    EXPECT_THAT(
        world.state().matches.at({world.table(table).index, LocalKey{GetParam().key}}).never, SizeIs(1)
    );
}

TEST_P(Split, LeavesWhatBothHaveEditedSinceWithWhomItBelongs)
{
    auto world = start();
    world.update(
        "a.person",
        "1",
        {
            {"phone",  "101"},
            {"status", "W"  }
    }
    );
    world.settle();
    world.update(
        "c.person",
        "9",
        {
            {"phone",  "901"     },
            {"family", "Holmgren"}
    }
    );
    world.settle();
    EXPECT_EQ(shown(world, "a.person", "1"), "Berta Holmgren 901 W");
    take_apart(world);
    world.settle();
    EXPECT_EQ(shown(world, "a.person", "1"), "Anna Berg 101 W");
    EXPECT_EQ(shown(world, "c.person", "9"), "Berta Holmgren 901 R");
    expect_replay(world);
}

TEST_P(Split, MergesAnEditThatWasNotReadYetWhereItsRowIs)
{
    auto world = start();
    world.update(
        "a.person",
        "1",
        {
            {"phone", "102"}
    }
    );
    world.update(
        "c.person",
        "9",
        {
            {"status", "W"}
    }
    );
    const auto answer = take_apart(world);
    EXPECT_EQ(answer.outcome, RequestOutcome::done) << answer.text;
    world.settle();
    EXPECT_EQ(shown(world, "a.person", "1"), "Anna Berg 102 (null)");
    EXPECT_EQ(shown(world, "c.person", "9"), "Berta Holm (null) W");
    expect_replay(world);
}

TEST_P(Split, GivesTheNamesBackByWhichTheyAreFound)
{
    auto world = start();
    take_apart(world);
    world.settle();
    for (const auto* table : {"a.person", "c.person"})
        for (const auto& key : world.keys(table)) {
            const auto& record = world.record_of(table, key);
            EXPECT_EQ(
                golden_value(world.bridge(), record, FieldIndex{0})->expose(), world.show(table, key, "given")
            );
        }
}

TEST(SplitValues, OfAUnitOnHoldAreNoQuestionAnyMore)
{
    auto bridge = sample_bridge(3);
    rule(bridge, person_entity, person::name) = conflict::Hold{};
    auto world = falsely_linked(std::move(bridge));
    EXPECT_THAT(held_units(world.bridge(), world.record_of("a.person", "1")), SizeIs(1));
    split(world, "c", "9");
    world.settle();
    EXPECT_THAT(held_units(world.bridge(), world.record_of("a.person", "1")), IsEmpty());
    EXPECT_EQ(shown(world, "a.person", "1"), "Anna Berg 100 (null)");
    EXPECT_EQ(shown(world, "c.person", "9"), "Berta Holm (null) R");
}

TEST(SplitValues, ThatOnlyTheRowHadReplacedAreJudgedAgain)
{
    // All three know somebody of that number; only Berta's row is another person's.
    auto bridge = sample_bridge(3);
    rule(bridge, person_entity, person::phone) = conflict::Hold{};
    World world{std::move(bridge)};
    enter(world, "a.person", "1", {"Anna", "Berg", "100", std::nullopt});
    world.read("a");
    world.insert(
        "b.person",
        "5",
        {
            {"full_name", "Berg, Anna"},
            {"number",    "77"        },
            {"phone",     "200"       }
    }
    );
    world.read("b");
    enter(world, "c.person", "9", {"Berta", "Holm", "900", "R"});
    world.settle();
    // Somebody at c decides for them all, who has seen all of it.
    const auto record = record_at(world, "a.person", "1");
    std::vector<JournalSeq> seen;
    for (const auto& version : world.load(record).units[person::phone.value()].open)
        seen.push_back(version.seq);
    ASSERT_THAT(seen, SizeIs(3));
    ask(world, DecideValue{"person", record, "phone", seen, seen.back()});
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "900");
    EXPECT_EQ(split(world, "c", "9").outcome, RequestOutcome::done);
    world.settle();
    EXPECT_THAT(held_units(world.bridge(), world.load(record)), SizeIs(1));
    EXPECT_THAT(world.load(record).units[person::phone.value()].open, SizeIs(2));
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
    EXPECT_EQ(record_at(world, "b.person", "5"), record);
    EXPECT_THAT(world.load(record).links, SizeIs(3));
    expect_replay(world);
}

TEST(SplitValues, OfAPersonsOwnStayWithTheRecord)
{
    auto world = falsely_linked();
    const auto record = record_at(world, "a.person", "1");
    const auto open = world.load(record).units[person::status.value()].open;
    ask(world, DecideValue{"person", record, "status", {open.back().seq}, UnitValue{Value{"working"}}});
    world.settle();
    split(world, "c", "9");
    world.settle();
    EXPECT_EQ(shown(world, "a.person", "1"), "Anna Berg 100 W");
    EXPECT_EQ(shown(world, "c.person", "9"), "Berta Holm (null) R");
}

TEST(SplitValues, ThatSomebodyEntersBeforeTheyAreCorrectedAreNotOverwrittenUnseen)
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
    const auto record = record_at(world, "a.person", "1");
    split(world, "c", "9");
    ASSERT_TRUE(world.plan("a"));
    world.update(
        "a.person",
        "1",
        {
            {"phone", "333"}
    }
    );
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "333");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
    EXPECT_EQ(golden_value(world.bridge(), world.load(record), FieldIndex{3})->expose(), "333");
}

TEST(SplitValues, OfAnAuthorityGoWithItAndTheOthersCountAtLast)
{
    auto bridge = sample_bridge(3);
    rule(bridge, person_entity, person::phone) = conflict::Authority{AgencyId{"c"}};
    auto world = falsely_linked(std::move(bridge));
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
            {"phone", "111"}
    }
    );
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "900");
    split(world, "c", "9");
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "111");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
}

TEST(SplitValues, ThatAnAuthorityHadRevertedAreTheRowsOwnAtLast)
{
    auto bridge = sample_bridge(3);
    rule(bridge, person_entity, person::phone) =
        conflict::Authority{AgencyId{"a"}, conflict::Authority::Others::proposed};
    auto world = falsely_linked(std::move(bridge));
    world.update(
        "c.person",
        "9",
        {
            {"phone", "900"}
    }
    );
    world.settle();
    const auto record = record_at(world, "a.person", "1");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "100");
    EXPECT_THAT(world.load(record).units[person::phone.value()].proposals, SizeIs(1));
    split(world, "c", "9");
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "100");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
    EXPECT_THAT(world.load(record).units[person::phone.value()].proposals, IsEmpty());
    EXPECT_THAT(world.load(record).units[person::phone.value()].answers, IsEmpty());
    expect_replay(world);
}

TEST(SplitValues, ThatATriggerMadeOfAnothersAreNobodys)
{
    auto world = falsely_linked();
    auto& a = world.agency("a");
    a.trigger = [&](MappingIndex table, Image& image) {
        if (table == world.table("a.person").index && image[3] && image[3]->expose() == "900")
            image[3] = Value{"0900"};
    };
    world.update(
        "c.person",
        "9",
        {
            {"phone", "900"}
    }
    );
    world.settle();
    EXPECT_EQ(world.show("c.person", "9", "phone"), "0900");
    a.trigger = nullptr;
    split(world, "c", "9");
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "100");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
}

}  // namespace
}  // namespace casebridge::pipeline
