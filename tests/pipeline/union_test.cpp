#include "pipeline/record_values.hpp"
#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/set_world.hpp"
#include "tests/pipeline/stale_form_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

// A set that several agencies add to and take from, on its way through mapping, merge, journal and delivery.

namespace casebridge::pipeline {
namespace {

using ::testing::HasSubstr;

const conflict::UnitHistory& set_of(World& world)
{
    return world.record_of("a.person", "1").units[person::phone.value()];
}

std::size_t versions(const World& world)
{
    std::size_t count = 0;
    for (const auto& read : world.entries<RowRead>())
        count += read.versions.size();
    return count;
}

TEST(Union, WhatBothSidesPutInReachesBothInTheirOwnForm)
{
    auto world = sharing();
    EXPECT_EQ(phone_at(world, "b"), "x;y");
    set_phone(world, "a", "{x,y,\"v w\"}");
    set_phone(world, "b", "z;y;x");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{\"v w\",x,y,z}");
    EXPECT_EQ(phone_at(world, "b"), "v w;x;y;z");
    ASSERT_EQ(world.conflicts().size(), 1U);
    const auto conflict = world.conflicts().front();
    EXPECT_EQ(conflict.rule, "union");
    EXPECT_EQ(conflict.verdict, Verdict::stands);
    EXPECT_EQ(conflict.winner, std::nullopt);
    EXPECT_EQ(conflict.computed, UnitValue{Value{R"(["v w","x","y","z"])"}});
    EXPECT_TRUE(std::ranges::none_of(conflict.versions, [](const Version& version) {
        return version.tags.has_value();
    }));
    EXPECT_TRUE(set_of(world).marks.empty());
}

TEST(Union, AfterItsDeliveryAnEditIsCausalAgain)
{
    auto world = sharing();
    set_phone(world, "a", "{x}");
    set_phone(world, "b", "x;y;z");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "x;z");
    set_phone(world, "b", "z");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{z}");
    EXPECT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(set_of(world).open.size(), 1U);
}

TEST(Union, WhatNobodyCanAskForAnyMoreIsNotCarriedOn)
{
    auto world = sharing();
    for (int times = 0; times < 20; ++times) {
        set_phone(world, "a", "{x,y,z}");
        set_phone(world, "b", "v;y");
        world.settle();
        set_phone(world, "b", "x;y");
        world.settle();
    }
    for (const auto* phones : {"{x,v}", "{x,w}"}) {
        set_phone(world, "a", phones);
        world.settle();
    }
    ASSERT_EQ(set_of(world).open.size(), 1U);
    const auto& tags = set_of(world).open.front().tags;
    ASSERT_TRUE(tags);
    EXPECT_LT(tags->added.size() + tags->kept.size() + tags->removed.size(), 10U);
}

TEST(Union, AnotherOrderIsNeitherAnEditNorWrittenOver)
{
    auto world = sharing();
    const auto before = versions(world);
    set_phone(world, "a", "{y,x,y}");
    world.settle();
    EXPECT_EQ(versions(world), before);
    EXPECT_EQ(phone_at(world, "a"), "{y,x,y}");
    EXPECT_EQ(phone_at(world, "b"), "x;y");
    // The next delivery expects what the column shows now.
    set_phone(world, "b", "x;y;z");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{x,y,z}");
}

TEST(Union, AnElementThatSurvivesARemovalIsShownByAll)
{
    auto world = sharing(with_sets(3));
    set_phone(world, "a", "{x,y,z}");
    set_phone(world, "b", "x;y;z");
    set_phone(world, "b", "x;y");
    set_phone(world, "c", "{y}");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{y,z}");
    EXPECT_EQ(phone_at(world, "b"), "y;z");
    EXPECT_EQ(phone_at(world, "c"), "{y,z}");
}

TEST(Union, ARemovalBeforeADeliveryLandsIsNotUndoneByIt)
{
    auto world = sharing();
    set_phone(world, "a", "{x,y,z}");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    set_phone(world, "b", "x");
    world.execute("b");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{x,z}");
    EXPECT_EQ(phone_at(world, "b"), "x;z");
}

TEST(Union, WrittenBeforeARestartIsNoEditOfTheAgency)
{
    auto world = sharing();
    set_phone(world, "a", "{x,z}");
    set_phone(world, "b", "x;y;v");
    world.read("a");
    world.read("b");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    const auto before = versions(world);
    world.crash();
    world.settle();
    EXPECT_EQ(versions(world), before);
    EXPECT_EQ(phone_at(world, "a"), "{v,x,z}");
    EXPECT_EQ(phone_at(world, "b"), "v;x;z");
}

TEST(Union, IsShownOnlyWhereEveryAuthorMayShowHis)
{
    auto bridge = with_sets(3);
    agreement(bridge, "b", "c").shared[person_entity.value()][person::phone.value()] = false;
    auto world = sharing(bridge);
    set_phone(world, "a", "{x,y,z}");
    set_phone(world, "b", "x;y;v");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{v,x,y,z}");
    EXPECT_EQ(phone_at(world, "c"), "{x,y}");
}

TEST(Union, ARowThatJoinsLaterPutsInWhatItShows)
{
    auto bridge = with_sets(3);
    table_named(bridge, "c.person").create_when = mapping::CreateNever{};
    auto world = sharing(bridge);
    world.insert(
        "c.person",
        "9",
        {
            {"number", "77"   },
            {"phone",  "{z,x}"}
    }
    );
    world.settle();
    for (const auto* agency : {"a", "c"})
        EXPECT_EQ(phone_at(world, agency), "{x,y,z}") << agency;
    EXPECT_EQ(world.conflicts().front().type, ConflictType::insert_exists);
    // It has seen the others' since.
    set_phone(world, "c", "{z}");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "z");
}

TEST(Union, ARowThatIsReplacedAsAWholeTakesOutWhatItHad)
{
    auto world = sharing();
    set_phone(world, "b", "x;y;z");
    world.settle();
    world.edit("a")
        .erase("a.person", "1")
        .insert(
            "a.person",
            "1",
            {
                {"number", "77" },
                {"phone",  "{x}"}
    }
        )
        .commit();
    world.settle();
    // z is b's, and a new row has seen nothing of others.
    EXPECT_EQ(phone_at(world, "a"), "{x,z}");
    EXPECT_EQ(phone_at(world, "b"), "x;z");
}

TEST(Union, AnEmptySetIsNeverWrittenAsNull)
{
    auto world = sharing();
    set_phone(world, "a", "{}");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "");
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"phone", std::nullopt}
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{}");
    EXPECT_EQ(phone_at(world, "b"), "(null)");
    world.insert(
        "a.person",
        "2",
        {
            {"number", "78"}
    }
    );
    world.settle();
    std::vector<std::string> new_rows;
    for (const auto& key : world.keys("b.person"))
        if (world.show("b.person", key, "number") == "78")
            new_rows.push_back(world.show("b.person", key, "phone"));
    EXPECT_EQ(new_rows, std::vector<std::string>{""});
}

TEST(Union, WhatIsNoSetIsParkedWithoutItsValue)
{
    auto world = sharing();
    set_phone(world, "a", "{x,NULL}");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "x;y");
    const auto parked = world.entries<RowParked>();
    ASSERT_EQ(parked.size(), 1U);
    EXPECT_EQ(parked.front().code, "unmappable_value");
    EXPECT_EQ(parked.front().place, "a.person.phone (phone)");
    set_phone(world, "a", "{x}");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "x");
}

TEST(Union, AnElementThatAColumnCannotHoldIsRefusedThere)
{
    auto world = sharing();
    set_phone(world, "a", "{x,\"v;w\"}");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "x;y");
    const auto refused = world.entries<DeliveryRefused>();
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused.front().code, "unmappable_value");
    // The next edit finds what was never shown there, and takes out nothing of it.
    set_phone(world, "b", "y");
    world.settle();
    set_phone(world, "a", "{v}");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "v");
}

// What a trigger makes of b's column when we write it.
void answer_with(World& world, const std::string& text)
{
    const auto& slots = world.table("b.person").slots;
    const auto phone =
        static_cast<std::size_t>(std::ranges::find(slots, "phone", &mapping::Slot::column) - slots.begin());
    world.agency("b").trigger = [phone, text](MappingIndex, Image& row) { row[phone] = Value{text}; };
}

TEST(Union, ATriggersAnswerIsAnEditOfWhatWeWrote)
{
    auto world = sharing();
    answer_with(world, "x;z");
    set_phone(world, "a", "{x,y,v}");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{x,z}");
    EXPECT_EQ(phone_at(world, "b"), "x;z");
}

TEST(Union, AStaleFormTakesOutNothingThatItDidNotShow)
{
    auto world = sharing(guarded(with_sets()));
    set_phone(world, "b", "y;z");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{y,z}");
    save(
        world,
        {
            {"phone",  "{x,y}"},
            {"family", "Stern"}
    }
    );
    EXPECT_EQ(phone_at(world, "a"), "{y,z}");
    EXPECT_EQ(phone_at(world, "b"), "y;z");
    EXPECT_EQ(fired(world), 1U);
    EXPECT_FALSE(held(world));
}

std::vector<JournalSeq> open_seqs(World& world)
{
    std::vector<JournalSeq> seqs;
    for (const auto& version : set_of(world).open)
        seqs.push_back(version.seq);
    return seqs;
}

RequestAnswered decide_set(World& world, const UnitValue& value, const std::vector<JournalSeq>& seen)
{
    return ask(world, DecideValue{"person", world.record_of("a.person", "1").id, "phone", seen, value});
}

TEST(Union, ADecisionReachesAll)
{
    auto world = sharing();
    world.keep_nothing_cached();
    const auto answer = decide_set(world, letters("yz"), open_seqs(world));
    EXPECT_THAT(answer.text, HasSubstr("goes to every agency"));
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{y,z}");
    EXPECT_EQ(phone_at(world, "b"), "y;z");
    EXPECT_TRUE(set_of(world).marks.empty());
    const auto again = decide_set(world, letters("yz"), open_seqs(world));
    EXPECT_THAT(again.text, HasSubstr("stands already"));
}

TEST(Union, ADecisionLeavesAloneWhatThePersonHadNotSeen)
{
    auto world = sharing();
    set_phone(world, "a", "{x,y,z}");
    world.read("a");
    const auto seen = open_seqs(world);
    // While the person looks at x, y and z, b takes y out and puts v in.
    set_phone(world, "b", "x;v");
    world.read("b");
    const auto answer = decide_set(world, letters("yz"), seen);
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("count beside it: look again"));
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{v,z}");
    EXPECT_EQ(phone_at(world, "b"), "v;z");
}

TEST(Union, ADecidedValueIsASetInCanonicalForm)
{
    auto world = sharing();
    const auto answer = decide_set(world, {Value{"x, y"}}, open_seqs(world));
    EXPECT_EQ(answer.outcome, RequestOutcome::refused);
    EXPECT_THAT(answer.text, HasSubstr("canonical"));
}

TEST(Union, ReplayOfTheJournalGivesTheSameRecord)
{
    auto world = sharing(with_sets(3));
    set_phone(world, "a", "{x,z}");
    set_phone(world, "b", "y;v");
    world.read("a");
    world.read("b");
    set_phone(world, "c", "{}");
    world.settle();
    const auto live = set_of(world);
    const auto id = world.record_of("a.person", "1").id;
    ASSERT_TRUE(live.open.front().tags);
    world.crash();
    EXPECT_EQ(world.load(id).units[person::phone.value()], live);
}

TEST(OtherRules, JudgeSetsAsWholeValues)
{
    auto world = sharing(with_sets(2, conflict::Latest{}));
    set_phone(world, "a", "{x,z}");
    world.pass(std::chrono::seconds{30});
    set_phone(world, "b", "v;y");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "{v,y}");
    auto authority = sharing(with_sets(2, conflict::Authority{AgencyId{"a"}}));
    set_phone(authority, "b", "v");
    authority.settle();
    EXPECT_EQ(phone_at(authority, "b"), "x;y");
}

}  // namespace
}  // namespace casebridge::pipeline
