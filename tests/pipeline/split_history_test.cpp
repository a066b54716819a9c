#include "pipeline/record_values.hpp"
#include "tests/pipeline/split_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

// Which versions count again when a link is taken apart, and what is left of the row in its record's books.

namespace casebridge::pipeline {
namespace {

using ::testing::SizeIs;

void set(World& world, const std::string& agency, const std::string& key, const std::string& phone)
{
    world.update(
        agency + ".person",
        key,
        {
            {"phone", phone}
    }
    );
}

const std::vector<Version>& phones(World& world, RecordId record)
{
    return world.load(record).units[person::phone.value()].open;
}

std::string phone_of(const Version& version)
{
    return version.value.front()->expose();
}

// Anna's phone is 100 everywhere; c's people replace it by 900 while a's enter 101, unseen by each other.
World crossed(conflict::FieldRule rule)
{
    auto world = falsely_linked(with_rule(std::move(rule), 3));
    set(world, "c", "9", "900");
    set(world, "a", "1", "101");
    world.read("c");
    world.read("a");
    world.settle();
    return world;
}

TEST(SplitHistory, ForgetsWhatItsOwnAgencyHasReplacedSince)
{
    auto world = crossed(conflict::Hold{});
    const auto record = record_at(world, "a.person", "1");
    split(world, "c", "9");
    ASSERT_THAT(phones(world, record), SizeIs(1));
    EXPECT_EQ(phone_of(phones(world, record).front()), "101");
}

TEST(SplitHistory, ForgetsWhatItsOwnAgencyHasReplacedByTheSame)
{
    auto world = falsely_linked(with_rule(conflict::Hold{}, 3));
    const auto record = record_at(world, "a.person", "1");
    set(world, "c", "9", "900");
    set(world, "a", "1", "900");
    world.read("c");
    world.read("a");
    world.settle();
    split(world, "c", "9");
    ASSERT_THAT(phones(world, record), SizeIs(1));
    EXPECT_EQ(phone_of(phones(world, record).front()), "900");
}

TEST(SplitHistory, ForgetsNothingThatIsAddedUp)
{
    auto world = crossed(conflict::Sum{});
    split(world, "c", "9");
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "101");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
}

TEST(SplitHistory, ForgetsWhatAnotherAgencyHasReplacedSince)
{
    auto world = falsely_linked(with_rule(conflict::Hold{}, 3));
    const auto record = record_at(world, "a.person", "1");
    set(world, "c", "9", "900");
    set(world, "b", only_key(world, "b.person"), "200");
    world.read("c");
    world.read("b");
    world.settle();
    split(world, "c", "9");
    ASSERT_THAT(phones(world, record), SizeIs(1));
    EXPECT_EQ(phone_of(phones(world, record).front()), "200");
}

TEST(SplitHistory, TakesNoTriggersAnswerForTheRowsOwnWord)
{
    auto world = falsely_linked();
    set(world, "c", "9", "900");
    world.settle();
    world.agency("c").trigger = [&](MappingIndex table, Image& image) {
        if (table == world.table("c.person").index && image[3] && image[3]->expose() == "101")
            image[3] = Value{"0101"};
    };
    set(world, "a", "1", "101");
    world.settle();
    ASSERT_EQ(world.show("a.person", "1", "phone"), "0101");
    world.agency("c").trigger = nullptr;
    split(world, "c", "9");
    world.settle();
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
    EXPECT_EQ(world.show("a.person", "1", "phone"), "101");
}

TEST(SplitHistory, HasTheRowsWordsFromBeforeItWasDeletedAndCameBack)
{
    auto world = falsely_linked();
    set(world, "c", "9", "900");
    world.settle();
    world.erase("c.person", "9");
    world.settle();
    enter(world, "c.person", "9", {"Berta", "Holm", std::nullopt, "R"});
    world.settle();
    ASSERT_EQ(world.show("a.person", "1", "phone"), "900");
    EXPECT_EQ(split(world, "c", "9").outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "100");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
}

// Anna had row 8 at c, which is gone; then Berta's row 9 is taken for hers.
World with_a_former_row()
{
    auto bridge = sample_bridge(3);
    bridge.on_delete[person_entity] = conflict::DetachDelete{};
    rule(bridge, person_entity, person::phone) = conflict::Hold{};
    World world{std::move(bridge)};
    enter(world, "a.person", "1", {"Anna", "Berg", std::nullopt, std::nullopt});
    world.read("a");
    enter(world, "c.person", "8", {"Anna", "Berg", "800", std::nullopt});
    world.settle();
    world.erase("c.person", "8");
    world.settle();
    enter(world, "c.person", "9", {"Berta", "Holm", "900", "R"});
    world.settle();
    return world;
}

TEST(SplitHistory, LeavesTheWordsOfAFormerRowWithTheRecord)
{
    auto world = with_a_former_row();
    EXPECT_EQ(split(world, "c", "9").outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "800");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
}

TEST(SplitHistory, LeavesWhatAPersonHasTakenFromAFormerRowWithTheRecord)
{
    auto world = with_a_former_row();
    const auto record = record_at(world, "a.person", "1");
    JournalSeq former;
    for (const auto& entry : world.journal())
        if (const auto* read = std::get_if<RowRead>(&entry.body);
            read != nullptr && read->key == LocalKey{"8"} && !read->versions.empty())
            former = entry.seq;
    ask(world, DecideValue{"person", record, "phone", {phones(world, record).front().seq}, former});
    world.settle();
    ASSERT_EQ(world.show("c.person", "9", "phone"), "800");
    split(world, "c", "9");
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "phone"), "800");
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
}

TEST(SplitBooks, RememberAfterACrashWhatTheRowLacks)
{
    // Nobody else gets a row of the new record, which would bring it back to mind.
    auto bridge = sample_bridge(3);
    for (auto& table : bridge.tables)
        table.create_when = mapping::CreateNever{};
    auto world = falsely_linked(std::move(bridge));
    world.update(
        "c.person",
        "9",
        {
            {"phone", "900"}
    }
    );
    world.settle();
    set(world, "a", "1", "101");
    world.settle();
    ASSERT_EQ(world.show("c.person", "9", "phone"), "101");
    split(world, "c", "9");
    // Twice a marker says that everything before it was dealt with, and nothing is written.
    for (int times = 0; times < 2; ++times) {
        world.crash();
        world.read("c");
    }
    world.crash();
    world.settle();
    EXPECT_EQ(world.show("c.person", "9", "phone"), "900");
}

TEST(SplitBooks, CountTheRowOnce)
{
    auto world = falsely_linked();
    split(world, "c", "9");
    EXPECT_EQ(world.state().linked_rows[world.table("c.person").index.value()], 1U);
}

TEST(SplitBooks, HaveNoMarkOfAnAgencyWithoutARow)
{
    auto bridge = sample_bridge(3);
    agreement(bridge, "a", "c").shared[person_entity.value()][person::phone.value()] = false;
    auto world = falsely_linked(std::move(bridge));
    const auto record = record_at(world, "a.person", "1");
    ASSERT_TRUE(world.load(record).units[person::phone.value()].mark(AgencyId{"c"}));
    split(world, "c", "9");
    for (const auto& unit : world.load(record).units)
        EXPECT_FALSE(unit.mark(AgencyId{"c"}));
}

TEST(SplitBooks, ForgetWhatWasRefusedForTheRow)
{
    auto world = falsely_linked();
    const auto record = record_at(world, "a.person", "1");
    const auto c = world.table("c.person").index;
    // Nothing of Berta is open any more, so that nothing of Anna changes.
    world.update(
        "a.person",
        "1",
        {
            {"given",  "Anna"},
            {"family", "Berg"},
            {"number", "78"  },
            {"status", "W"   }
    }
    );
    world.settle();
    enter(world, "c.person", "8", {"Carla", "Lund", "500", std::nullopt}, "99");
    world.settle();
    world.agency("c").unique.insert({c, 3});
    set(world, "a", "1", "500");
    world.settle();
    ASSERT_NE(world.load(record).find_refusal(c), nullptr);
    ASSERT_TRUE(world.state().blocked.contains({c, record}));
    EXPECT_EQ(split(world, "c", "9").outcome, RequestOutcome::done);
    EXPECT_EQ(world.load(record).find_refusal(c), nullptr);
    EXPECT_FALSE(world.state().blocked.contains({c, record}));
}

}  // namespace
}  // namespace casebridge::pipeline
