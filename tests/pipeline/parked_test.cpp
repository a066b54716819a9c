#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// What happens to a row while it cannot be read: it is renamed, written by us, deleted, read again.

namespace casebridge::pipeline {
namespace {

// Anna's row at a gets a code that no mapping knows and the key "2", in one transaction.
void rename_unreadably(World& world)
{
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"status", "?"}
    }
        )
        .rename("a.person", "1", "2")
        .commit();
    world.settle();
}

void correct(World& world, const std::string& key)
{
    world.update(
        "a.person",
        key,
        {
            {"phone",  "200"},
            {"status", "W"  }
    }
    );
    world.settle();
}

// That no memory of the daemon is needed between two steps.
class Parked : public ::testing::TestWithParam<bool> {
protected:
    static void between(World& world)
    {
        if (GetParam())
            world.crash();
    }
};

INSTANTIATE_TEST_SUITE_P(RunningAndRestarted, Parked, ::testing::Bool());

TEST(ParkedRow, TellsWhichFieldOfWhichTableCannotBeRead)
{
    auto world = linked();
    rename_unreadably(world);
    const auto parked = world.entries<RowParked>();
    ASSERT_FALSE(parked.empty());
    EXPECT_EQ(parked.back().code, "unmappable_value");
    EXPECT_EQ(parked.back().place, "a.person.status (status)");
}

TEST_P(Parked, ARowRenamedWhileItCannotBeReadKeepsItsRecord)
{
    auto world = linked();
    rename_unreadably(world);
    between(world);
    world.edit("a").rename("a.person", "2", "3").commit();
    world.settle();
    between(world);
    correct(world, "3");
    EXPECT_EQ(world.all_records().size(), 1U);
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_TRUE(world.state().parked.empty());
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(world.show("a.person", "3", "phone"), "300");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST_P(Parked, ARenameThatCanBeReadReleasesWhatWasParkedUnderTheOldKey)
{
    auto world = linked();
    world.update(
        "a.person",
        "1",
        {
            {"status", "?"}
    }
    );
    world.settle();
    between(world);
    world.edit("a")
        .rename("a.person", "1", "2")
        .update(
            "a.person",
            "2",
            {
                {"phone",  "200"},
                {"status", "W"  }
    }
        )
        .commit();
    world.settle();
    EXPECT_TRUE(world.state().parked.empty());
    EXPECT_EQ(world.all_records().size(), 1U);
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST_P(Parked, NothingIsSentToTheOldKeyOfARowThatWasRenamed)
{
    auto world = linked();
    rename_unreadably(world);
    between(world);
    const auto sent = world.agency("a").wal.size();
    set_phone(world, "b", "300");
    world.settle();
    for (auto i = sent; i < world.agency("a").wal.size(); ++i)
        EXPECT_TRUE(world.agency("a").wal[i].changes.empty());
    EXPECT_EQ(count<DeliveryRefused>(world), 0U);
    EXPECT_EQ(world.show("a.person", "2", "phone"), "100");
}

TEST_P(Parked, AnotherRowUnderTheOldKeyIsAnotherRecord)
{
    auto world = linked();
    rename_unreadably(world);
    between(world);
    world.insert(
        "a.person",
        "1",
        {
            {"given",  "Bo" },
            {"family", "Tal"},
            {"number", "78" },
            {"phone",  "800"}
    }
    );
    world.settle();
    EXPECT_EQ(world.keys("b.person").size(), 2U);
    between(world);
    correct(world, "2");
    EXPECT_EQ(world.all_records().size(), 2U);
    std::set<std::string> phones;
    for (const auto& key : world.keys("b.person"))
        phones.insert(world.show("b.person", key, "phone"));
    EXPECT_EQ(phones, (std::set<std::string>{"200", "800"}));
}

TEST_P(Parked, DeletingARowRenamedWhileItCouldNotBeReadEndsItsLink)
{
    auto world = linked();
    rename_unreadably(world);
    between(world);
    world.erase("a.person", "2");
    world.settle();
    EXPECT_TRUE(world.state().parked.empty());
    const auto& record = world.load(world.all_records().front());
    const auto* link = record.find_link(world.table("a.person").index);
    ASSERT_NE(link, nullptr);
    EXPECT_EQ(world.state().state_of(*link), LinkState::ended);
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_TRUE(world.keys("a.person").empty());
}

TEST_P(Parked, AColumnLeftAloneByARenameIsTakenFromTheParkedRow)
{
    auto world = linked();
    world.update(
        "a.person",
        "1",
        {
            {"phone",  "200"},
            {"status", "?"  }
    }
    );
    world.settle();
    between(world);
    world.edit("a")
        .rename(
            "a.person",
            "1",
            "2",
            {
                {"status", "W"}
    },
            {"phone"}
        )
        .commit();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
}

// Whatever b is sent, its database makes the status unreadable.
void spoil_deliveries_to_b(World& world)
{
    const auto status = world.table("b.person").slots.size() - 2;
    world.agency("b").trigger = [status](MappingIndex, Image& row) { row[status] = Value{"?"}; };
}

// b's caseworker enters a status that can be read.
void correct_status_at_b(World& world)
{
    world.agency("b").trigger = nullptr;
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"status", "2"}
    }
    );
    world.settle();
}

// The units to which an agency gave versions, those of `from` and later.
std::vector<UnitIndex> written_by(const World& world, const std::string& agency, std::size_t from)
{
    std::vector<UnitIndex> units;
    for (auto i = from; i < world.journal().size(); ++i)
        if (const auto* read = std::get_if<RowRead>(&world.journal()[i].body);
            read != nullptr && read->agency.value() == agency)
            for (const auto& version : read->versions)
                units.push_back(version.unit);
    return units;
}

TEST_P(Parked, WhatWeWroteIsNoEditOfAnAgencyThatMadeTheRestUnreadable)
{
    auto world = linked();
    const auto start = world.journal().size();
    spoil_deliveries_to_b(world);
    set_phone(world, "a", "200");
    world.settle();
    between(world);
    correct_status_at_b(world);
    EXPECT_EQ(written_by(world, "b", start), std::vector{person::status});
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_EQ(world.show("a.person", "1", "status"), "W");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST_P(Parked, WhatWeInsertedIsNoEditOfAnAgencyThatMadeTheRestUnreadable)
{
    World world{sample_bridge(2)};
    world.settle();
    spoil_deliveries_to_b(world);
    world.insert(
        "a.person",
        "1",
        {
            {"given",  "Anna"},
            {"family", "Berg"},
            {"number", "77"  },
            {"phone",  "100" }
    }
    );
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    between(world);
    world.settle();
    EXPECT_EQ(count<RowParked>(world), 1U);
    correct_status_at_b(world);
    EXPECT_EQ(written_by(world, "b", 0), std::vector{person::status});
    EXPECT_EQ(world.show("a.person", "1", "status"), "W");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST_P(Parked, WhatLandsOnARowThatALocalEditMadeUnreadableIsNoEditOfTheAgency)
{
    auto world = linked();
    const auto start = world.journal().size();
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"full_name", "Tal, Anna"},
            {"status",    "?"        }
    }
    );
    world.execute("b");
    between(world);
    world.settle();
    correct_status_at_b(world);
    EXPECT_EQ(written_by(world, "b", start), (std::vector{person::name, person::status}));
    EXPECT_EQ(world.show("a.person", "1", "family"), "Tal");
    EXPECT_EQ(phone_at(world, "b"), "200");
}

TEST_P(Parked, AnEditThatTakesBackWhatWeWroteWhileTheRowIsParkedIsKept)
{
    auto world = linked();
    spoil_deliveries_to_b(world);
    set_phone(world, "a", "200");
    world.settle();
    between(world);
    world.agency("b").trigger = nullptr;
    set_phone(world, "b", "100");
    world.settle();
    correct_status_at_b(world);
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(phone_at(world, "b"), "100");
}

TEST_P(Parked, AParkedEditToAnEarlierValueIsNotTakenForOurs)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.settle();
    world.update(
        "a.person",
        "1",
        {
            {"given", "Hanna"}
    }
    );
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"phone",  "100"},
            {"status", "?"  }
    }
    );
    world.execute("b");
    between(world);
    world.settle();
    correct_status_at_b(world);
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(phone_at(world, "b"), "100");
}

TEST_P(Parked, ARowThatWaitedForItsParentKeepsTheTimeOfItsChange)
{
    auto bridge = sample_bridge(2);
    require_household(bridge);
    World world{std::move(bridge)};
    world.edit("a")
        .insert(
            "a.household",
            "39",
            {
                {"code", "H0"}
    }
        )
        .insert("a.person", "1", {{"number", "77"}, {"phone", "100"}, {"household_id", "39"}})
        .commit();
    world.settle();
    world.update(
        "a.person",
        "1",
        {
            {"phone",        "200"},
            {"household_id", "40" }
    }
    );
    set_phone(world, "b", "300");
    world.settle();
    ASSERT_EQ(count<RowParked>(world), 1U);
    between(world);
    world.insert(
        "a.household",
        "40",
        {
            {"code", "H1"}
    }
    );
    world.settle();
    ASSERT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.conflicts().front().verdict, Verdict::stands);
    EXPECT_EQ(phone_at(world, "a"), "300");
    EXPECT_EQ(phone_at(world, "b"), "300");
}

}  // namespace
}  // namespace casebridge::pipeline
