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

}  // namespace
}  // namespace casebridge::pipeline
