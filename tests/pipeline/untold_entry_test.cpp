#include "pipeline/row_identity.hpp"
#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/deletion_world.hpp"

#include <gtest/gtest.h>

// Somebody enters a person while another agency deletes it, and neither knows of the other. In whatever order
// the two are read, the row that was entered is not deleted, and what becomes of the record is for a person.

namespace casebridge::pipeline {
namespace {

void enter(World& world, const std::string& agency, const std::string& key)
{
    world.insert(
        agency + ".person",
        key,
        {
            {"number", "77" },
            {"phone",  "900"}
    }
    );
}

void read_first(World& world, const std::string& agency)
{
    world.read(agency);
    world.settle();
}

bool somebody_is_asked(World& world)
{
    const auto& parked = world.state().parked;
    return !parked.empty() || (first_record(world).departure && !first_record(world).leaves());
}

class UntoldEntry : public ::testing::TestWithParam<const char*> {};

TEST_P(UntoldEntry, OfAThirdAgencyIsNotDeleted)
{
    auto world = linked(creating_none_at("c", with_delete(conflict::PropagateDelete{}, 3)));
    world.erase("a.person", "1");
    enter(world, "c", "9");
    read_first(world, GetParam());
    EXPECT_TRUE(world.has_row("c.person", "9"));
    EXPECT_TRUE(somebody_is_asked(world));
}

TEST_P(UntoldEntry, UnderANewKeyOfAnAgencyThatDeletedItToo)
{
    auto world = linked(with_delete(conflict::PropagateDelete{}, 3));
    world.erase("a.person", "1");
    world.erase("c.person", only_key(world, "c.person"));
    enter(world, "c", "9");
    read_first(world, GetParam());
    EXPECT_TRUE(world.has_row("c.person", "9"));
    EXPECT_TRUE(somebody_is_asked(world));
}

TEST_P(UntoldEntry, UnderTheOldKeyOfAnAgencyThatDeletedItToo)
{
    auto world = linked(with_delete(conflict::PropagateDelete{}, 3));
    const auto key = only_key(world, "c.person");
    world.erase("a.person", "1");
    world.erase("c.person", key);
    enter(world, "c", key);
    read_first(world, GetParam());
    EXPECT_TRUE(world.has_row("c.person", key));
    EXPECT_TRUE(somebody_is_asked(world));
}

INSTANTIATE_TEST_SUITE_P(ReadFirst, UntoldEntry, ::testing::Values("a", "c"));

// c deletes it knowing everything, while a person is asked about a's deletion. When c enters the person
// again, nobody has decided for a yet.
TEST(UntoldEntryAlone, ThatAPersonIsAskedAboutIsOneQuestionWithADeletionByRule)
{
    auto world = linked(creating_none_at("c", with_delete(conflict::PropagateDelete{}, 3)));
    world.erase("a.person", "1");
    enter(world, "c", "9");
    read_first(world, "c");
    ASSERT_EQ(first_record(world).departure.value().state, DepartureState::held);
    world.erase("c.person", "9");
    world.settle();
    EXPECT_EQ(first_record(world).departure.value().state, DepartureState::held);
    EXPECT_EQ(world.keys("b.person").size(), 1U);
    enter(world, "c", "10");
    world.settle();
    ASSERT_TRUE(first_record(world).departure.has_value());
    EXPECT_EQ(first_record(world).departure->tables, std::vector{world.table("a.person").index});
    EXPECT_TRUE(world.keys("a.person").empty());
}

// Otherwise its edits would flow nowhere, and nobody would know.
TEST(UntoldEntryAlone, IsAskedAboutWhereNothingMayBeDeletedToo)
{
    auto bridge = creating_none_at("c", with_delete(conflict::PropagateDelete{}, 3));
    table_named(bridge, "c.person").remote_delete = mapping::RemoteDelete::refused;
    auto world = linked(std::move(bridge));
    world.erase("a.person", "1");
    world.read("a");
    enter(world, "c", "9");
    world.settle();
    EXPECT_EQ(world.entries<RowParked>().back().code, record_deleted);
}

// The row waits, and the agency has been told meanwhile.
World told_meanwhile()
{
    auto world = linked(creating_none_at("c", with_delete(conflict::PropagateDelete{}, 3)));
    world.erase("a.person", "1");
    world.read("a");
    enter(world, "c", "9");
    world.settle();
    world.lanes().at(AgencyId{"c"}).ask_for_marker();
    world.settle();
    return world;
}

void expect_still_asked(World& world)
{
    EXPECT_EQ(world.entries<RowParked>().back().code, record_deleted);
    EXPECT_TRUE(first_record(world).leaves());
    EXPECT_TRUE(world.keys("a.person").empty());
}

TEST(UntoldEntryAlone, IsAskedAboutAfterItWasRenamed)
{
    auto world = told_meanwhile();
    world.edit("c").rename("c.person", "9", "10").commit();
    world.settle();
    expect_still_asked(world);
}

TEST(UntoldEntryAlone, IsAskedAboutAfterItCouldNotBeReadForAWhile)
{
    auto world = told_meanwhile();
    for (const auto* status : {"?", "S"}) {
        world.update(
            "c.person",
            "9",
            {
                {"status", status}
        }
        );
        world.settle();
    }
    expect_still_asked(world);
}

}  // namespace
}  // namespace casebridge::pipeline
