#include "pipeline/record_values.hpp"
#include "tests/pipeline/split_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

// What points at a row whose link was taken apart, and what the row points at.

namespace casebridge::pipeline {
namespace {

using ::testing::SizeIs;

// A household at c whose head is Berta, and one at a whose head is Anna; each is known everywhere.
World with_homes(BridgeDefinition bridge = sample_bridge(3))
{
    auto world = falsely_linked(std::move(bridge));
    world.insert(
        "a.household",
        "40",
        {
            {"code",    "H1"},
            {"head_id", "1" }
    }
    );
    world.insert(
        "c.household",
        "60",
        {
            {"code",    "H2"},
            {"head_id", "9" }
    }
    );
    world.settle();
    return world;
}

RecordId head_of(World& world, const std::string& table, const std::string& key)
{
    return *as_record_id(golden_value(world.bridge(), world.record_of(table, key), FieldIndex{1}));
}

class SplitReferences : public ::testing::TestWithParam<bool> {
protected:
    static World start()
    {
        auto world = with_homes();
        if (GetParam())
            world.keep_nothing_cached();
        return world;
    }
};

INSTANTIATE_TEST_SUITE_P(WarmAndCold, SplitReferences, ::testing::Bool());

TEST_P(SplitReferences, OfTheRowsOwnAgencyMeanTheOtherRecord)
{
    auto world = start();
    const auto before = record_at(world, "c.person", "9");
    ASSERT_EQ(head_of(world, "c.household", "60"), before);
    const auto answer = split(world, "c", "9");
    EXPECT_EQ(answer.outcome, RequestOutcome::done) << answer.text;
    const auto berta = record_at(world, "c.person", "9");
    EXPECT_EQ(head_of(world, "c.household", "60"), berta);
    EXPECT_EQ(head_of(world, "a.household", "40"), before);
    world.settle();
    // Each agency's row points at its own row of the right person.
    for (const std::string agency : {"a", "b", "c"}) {
        const auto persons = agency + ".person";
        const auto homes = agency + ".household";
        for (const auto& key : world.keys(homes)) {
            const auto head = world.show(homes, key, "head_id");
            const auto wanted = world.show(homes, key, "code") == "H1" ? before : berta;
            EXPECT_EQ(head, key_in(world, persons, wanted)) << homes;
        }
    }
    EXPECT_THAT(world.conflicts(), SizeIs(1));  // Over the name, when the row was linked.
    expect_replay(world);
}

TEST_P(SplitReferences, OfOthersStayWithTheRecord)
{
    auto world = start();
    // It was entered by a, about Anna; c's row of it points at c's row of her.
    const auto anna = record_at(world, "a.person", "1");
    const auto at_c = key_in(world, "c.household", record_at(world, "a.household", "40"));
    ASSERT_EQ(world.show("c.household", at_c, "head_id"), "9");
    split(world, "c", "9");
    world.settle();
    EXPECT_EQ(head_of(world, "a.household", "40"), anna);
    EXPECT_NE(world.show("c.household", at_c, "head_id"), "9");
    EXPECT_EQ(world.show("c.household", at_c, "head_id"), key_in(world, "c.person", anna));
}

TEST_P(SplitReferences, BesideAnothersWordAreAConflict)
{
    auto world = World{sample_bridge(3)};
    if (GetParam())
        world.keep_nothing_cached();
    enter(world, "a.person", "1", {"Anna", "Berg", "100", std::nullopt});
    world.read("a");
    enter(world, "c.person", "9", {"Berta", "Holm", std::nullopt, "R"});
    world.settle();
    // Both have a household of one code: theirs, each says.
    world.insert(
        "a.household",
        "40",
        {
            {"code",    "H1"},
            {"head_id", "1" }
    }
    );
    world.insert(
        "c.household",
        "60",
        {
            {"code",    "H1"},
            {"head_id", "9" }
    }
    );
    world.read("a");
    world.read("c");
    world.settle();
    const auto home = record_at(world, "a.household", "40");
    ASSERT_EQ(record_at(world, "c.household", "60"), home);
    const auto conflicts = world.conflicts().size();
    split(world, "c", "9");
    world.settle();
    EXPECT_EQ(world.conflicts().size(), conflicts + 1);
    EXPECT_EQ(world.load(home).units[household::head.value()].open.size(), 2U);
    EXPECT_EQ(
        world.conflicts().back().base,
        UnitValue{Value{std::to_string(record_at(world, "a.person", "1").value())}}
    );
    expect_replay(world);
}

TEST(SplitReference, ThatAPersonHasTakenFromTheAgencyMeansTheOtherRecord)
{
    auto bridge = sample_bridge(3);
    rule(bridge, household_entity, household::head) = conflict::Hold{};
    auto world = falsely_linked(std::move(bridge));
    enter(world, "a.person", "2", {"Carla", "Lund", std::nullopt, std::nullopt}, "99");
    world.insert(
        "a.household",
        "40",
        {
            {"code",    "H1"},
            {"head_id", "2" }
    }
    );
    world.insert(
        "c.household",
        "60",
        {
            {"code",    "H1"},
            {"head_id", "9" }
    }
    );
    world.read("a");
    world.read("c");
    world.settle();
    const auto home = record_at(world, "c.household", "60");
    std::vector<JournalSeq> seen;
    for (const auto& version : world.load(home).units[household::head.value()].open)
        seen.push_back(version.seq);
    ask(world, DecideValue{"household", home, "head", seen, seen.back()});
    world.settle();
    split(world, "c", "9");
    world.settle();
    EXPECT_THAT(world.load(home).units[household::head.value()].open, SizeIs(1));
    EXPECT_EQ(head_of(world, "c.household", "60"), record_at(world, "c.person", "9"));
}

TEST(SplitReference, LeavesTheRowsMemoryOfDeliveriesAlone)
{
    auto bridge = sample_bridge(3);
    bridge.stale_form_windows[AgencyId{"c"}] = std::chrono::hours{1};
    auto world = with_homes(std::move(bridge));
    const auto home = record_at(world, "c.household", "60");
    world.update(
        "a.household",
        key_in(world, "a.household", home),
        {
            {"code", "H3"}
    }
    );
    world.settle();
    const auto delivered = [&] {
        return world.load(home).find_link(world.table("c.household").index)->delivered;
    };
    const auto before = delivered();
    ASSERT_THAT(before, SizeIs(1));
    split(world, "c", "9");
    EXPECT_EQ(delivered(), before);
}

TEST(SplitReference, ThatTheRowWaitsForGoesAlong)
{
    auto world = World{sample_bridge(3)};
    enter(world, "a.person", "1", {"Anna", "Berg", "100", std::nullopt});
    world.read("a");
    world.insert(
        "c.person",
        "9",
        {
            {"given",        "Berta"},
            {"family",       "Holm" },
            {"number",       "77"   },
            {"household_id", "60"   }
    }
    );
    world.settle();
    split(world, "c", "9");
    const LinkKey home{world.table("c.household").index, LocalKey{"60"}};
    EXPECT_THAT(world.state().waiting.at(home), SizeIs(1));
    world.insert(
        "c.household",
        "60",
        {
            {"code", "H2"}
    }
    );
    world.settle();
    EXPECT_TRUE(world.state().waiting.empty());
    const auto berta = record_at(world, "c.person", "9");
    EXPECT_EQ(
        world.show("a.person", key_in(world, "a.person", berta), "household_id"),
        only_key(world, "a.household")
    );
    EXPECT_EQ(world.show("a.person", "1", "household_id"), "(null)");
}

TEST(SplitReference, OfTheRowItselfIsItsOwnWord)
{
    auto world = World{sample_bridge(3)};
    world.keep_nothing_cached();
    world.insert(
        "c.household",
        "60",
        {
            {"code", "H2"}
    }
    );
    enter(world, "a.person", "1", {"Anna", "Berg", "100", std::nullopt});
    world.read("a");
    world.insert(
        "c.person",
        "9",
        {
            {"given",        "Berta"},
            {"family",       "Holm" },
            {"number",       "77"   },
            {"household_id", "60"   }
    }
    );
    world.settle();
    split(world, "c", "9");
    const auto& berta = world.record_of("c.person", "9");
    EXPECT_EQ(berta.units[person::household.value()].mark(AgencyId{"c"}), std::nullopt);
    world.settle();
    EXPECT_EQ(world.show("c.person", "9", "household_id"), "60");
    EXPECT_EQ(world.show("a.person", "1", "household_id"), "(null)");
}

}  // namespace
}  // namespace casebridge::pipeline
