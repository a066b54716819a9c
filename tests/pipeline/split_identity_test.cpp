#include "pipeline/record_values.hpp"
#include "tests/pipeline/split_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

// What a row is whose link was taken apart.

namespace casebridge::pipeline {
namespace {

using ::testing::HasSubstr;

// By number, else by name.
BridgeDefinition two_rules(std::size_t agencies = 3)
{
    auto bridge = sample_bridge(agencies);
    auto& rules = bridge.model.entities[person_entity.value()].identity;
    rules.clear();
    rules.push_back({{FieldIndex{2}}});
    rules.push_back({
        {FieldIndex{0}, FieldIndex{1}}
    });
    return bridge;
}

// Anna has got Berta's row by its number; a second Berta is known to b, by a number of her own.
World with_another_berta(BridgeDefinition bridge, const std::string& number)
{
    for (auto& table : bridge.tables)
        if (table.entity == person_entity)
            table.create_when = mapping::CreateNever{};
    World world{std::move(bridge)};
    enter(world, "a.person", "1", {"Anna", "Berg", "100", std::nullopt});
    world.settle();
    enter(world, "c.person", "9", {"Berta", "Holm", "900", "R"});
    world.settle();
    // Everybody calls Anna by her name again, so that nobody takes the other Berta for her.
    world.update(
        "a.person",
        "1",
        {
            {"given",  "Anna"     },
            {"family", "Berg-Holm"}
    }
    );
    world.settle();
    world.insert(
        "b.person",
        "5",
        {
            {"full_name", "Holm, Berta"},
            {"number",    number       }
    }
    );
    world.settle();
    return world;
}

TEST(SplitTarget, IsTheRecordThatTheRowsOwnWordsFind)
{
    auto world = with_another_berta(two_rules(), "88");
    const auto berta = record_at(world, "b.person", "5");
    // The row's own number is Anna's: the name alone would be contradicted.
    const auto answer = split(world, "c", "9");
    EXPECT_EQ(answer.outcome, RequestOutcome::refused);
    EXPECT_THAT(answer.text, HasSubstr("identifier_contradicts"));
    EXPECT_THAT(answer.text, HasSubstr(std::to_string(berta.value())));
    EXPECT_EQ(count<LinkSplit>(world), 0U);
}

TEST(SplitTarget, IsJoinedWhereNothingSpeaksAgainstIt)
{
    auto bridge = sample_bridge(3);
    auto& rules = bridge.model.entities[person_entity.value()].identity;
    rules.clear();
    rules.push_back({{FieldIndex{2}}});
    rules.push_back({
        {FieldIndex{0}, FieldIndex{1}}
    });
    auto world = with_another_berta(std::move(bridge), "88");
    world.update(
        "c.person",
        "9",
        {
            {"number", "88"}
    }
    );
    world.settle();
    const auto berta = record_at(world, "b.person", "5");
    const auto anna = record_at(world, "a.person", "1");
    const auto answer = split(world, "c", "9");
    EXPECT_EQ(answer.outcome, RequestOutcome::done) << answer.text;
    world.settle();
    EXPECT_EQ(record_at(world, "c.person", "9"), berta);
    EXPECT_EQ(world.show("b.person", "5", "phone"), "900");
    EXPECT_EQ(world.show("a.person", "1", "number"), "77");
    EXPECT_NE(anna, berta);
    expect_replay(world);
}

TEST(SplitTarget, IsWhatThePersonSaysWhereTheRulesAreInDoubt)
{
    auto world = with_another_berta(two_rules(), "88");
    const auto berta = record_at(world, "b.person", "5");
    auto wanted = taking_out(world, "c", "9");
    wanted.into = berta;
    const auto conflicts = world.conflicts().size();
    const auto answer = ask(world, wanted);
    EXPECT_EQ(answer.outcome, RequestOutcome::done) << answer.text;
    EXPECT_EQ(world.conflicts().size(), conflicts + 1);  // Over the number.
    EXPECT_EQ(world.conflicts().back().type, ConflictType::insert_exists);
    EXPECT_EQ(world.load(berta).units[person::name.value()].mark(AgencyId{"c"}), JournalSeq{1});
    world.settle();
    EXPECT_EQ(record_at(world, "c.person", "9"), berta);
    EXPECT_EQ(world.show("b.person", "5", "status"), "3");
    EXPECT_EQ(world.show("b.person", "5", "number"), world.show("c.person", "9", "number"));
    expect_replay(world);
}

TEST(SplitTarget, IsANewRecordWhereThePersonSaysSo)
{
    auto world = with_another_berta(two_rules(), "88");
    auto wanted = taking_out(world, "c", "9");
    wanted.into = NewRecord{};
    EXPECT_EQ(ask(world, wanted).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_NE(record_at(world, "c.person", "9"), record_at(world, "b.person", "5"));
    EXPECT_NE(record_at(world, "c.person", "9"), record_at(world, "a.person", "1"));
}

TEST(SplitTarget, EmptiesWhatIsOfNobodyWhereItJoins)
{
    auto world = with_another_berta(two_rules(), "88");
    world.update(
        "a.person",
        "1",
        {
            {"household_id", std::nullopt},
            {"status",       "W"         }
    }
    );
    world.settle();
    auto wanted = taking_out(world, "c", "9");
    wanted.into = record_at(world, "b.person", "5");
    ask(world, wanted);
    world.settle();
    EXPECT_EQ(world.show("c.person", "9", "status"), "R");
    EXPECT_EQ(world.show("a.person", "1", "status"), "W");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
}

TEST(SplitTarget, IsRefusedForARecordThatWaitsForAPerson)
{
    auto world = with_another_berta(two_rules(), "88");
    enter(world, "a.person", "6", {"Berta", "Holm", std::nullopt, std::nullopt}, "88");
    world.settle();
    world.erase("a.person", "6");
    world.settle();
    auto wanted = taking_out(world, "c", "9");
    wanted.into = record_at(world, "b.person", "5");
    EXPECT_THAT(ask(world, wanted).text, HasSubstr("waits for a person to say so"));
    EXPECT_EQ(count<LinkSplit>(world), 0U);
}

TEST(SplitTarget, IsRefusedForARecordThatIsAboutToGetARow)
{
    auto world = falsely_linked();
    enter(world, "a.person", "6", {"Carla", "Lund", std::nullopt, std::nullopt}, "99");
    world.read("a");
    ASSERT_TRUE(world.plan("c"));
    auto wanted = taking_out(world, "c", "9");
    wanted.into = record_at(world, "a.person", "6");
    EXPECT_THAT(ask(world, wanted).text, HasSubstr("is about to get a row"));
    EXPECT_EQ(count<LinkSplit>(world), 0U);
}

TEST(SplitTarget, IsRefusedForARecordThatCannotBeIt)
{
    auto world = falsely_linked();
    auto wanted = taking_out(world, "c", "9");
    wanted.into = RecordId{4711};
    EXPECT_THAT(ask(world, wanted).text, HasSubstr("there is no record 4711"));
    wanted.into = wanted.record;
    EXPECT_THAT(ask(world, wanted).text, HasSubstr("is that record now"));
    enter(world, "c.person", "8", {"Carla", "Lund", std::nullopt, std::nullopt}, "99");
    world.settle();
    wanted = taking_out(world, "c", "9");
    wanted.into = record_at(world, "c.person", "8");
    EXPECT_THAT(ask(world, wanted).text, HasSubstr("has a row at that agency"));
    EXPECT_EQ(count<LinkSplit>(world), 0U);
}

}  // namespace
}  // namespace casebridge::pipeline
