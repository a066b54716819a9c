#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

// Histories in which an edit would be lost, or a conflict invented, by a merge that knows less about what an
// agency's database contained.

namespace casebridge::pipeline {
namespace {

TEST(Causality, AnEditBesideADeliveryInFlightIsOnlyWhatItChanged)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"status", "2"}
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_EQ(world.show("a.person", "1", "status"), "W");
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(Causality, AValueThatLeftAndCameBackUnderADeliveryIsComparedAgain)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    set_phone(world, "b", "300");
    set_phone(world, "b", "100");
    world.execute("b");
    EXPECT_EQ(phone_at(world, "b"), "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(phone_at(world, "b"), "100");
}

TEST(Causality, ANewlyLinkedRowHasSeenNothing)
{
    auto bridge = with_rule(conflict::Hold{});
    table_named(bridge, "b.person").create_when = mapping::CreateNever{};
    auto world = linked(bridge);
    world.insert(
        "b.person",
        "9",
        {
            {"number", "77" },
            {"phone",  "900"}
    }
    );
    world.settle();
    ASSERT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.conflicts().front().type, ConflictType::insert_exists);
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(phone_at(world, "b"), "900");
    EXPECT_EQ(world.show("b.person", "9", "full_name"), "Berg, Anna");
}

// The phone is not shared with b; it is entered after the entry up to which b's row is inserted, and before
// that is planned.
TEST(Causality, WhatItsRowWasInsertedWithoutAnAgencyHasNotSeen)
{
    auto bridge = with_rule(conflict::Hold{});
    agreement(bridge, "a", "b").shared[person_entity.value()][person::phone.value()] = false;
    World world{std::move(bridge)};
    world.settle();
    world.insert(
        "a.person",
        "1",
        Columns{
            Column{"number", "77"}
    }
    );
    world.insert(
        "a.person",
        "2",
        Columns{
            Column{"number", "78"}
    }
    );
    world.update(
        "a.person",
        "1",
        Columns{
            Column{"phone", "200"}
    }
    );
    world.read("a");
    world.deliver_at_most(1);
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.read("b");
    world.answer("b");
    const auto key = only_key(world, "b.person");
    world.settle();
    world.update(
        "b.person",
        key,
        Columns{
            Column{"phone", "300"}
    }
    );
    world.settle();
    EXPECT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.show("a.person", "1", "phone"), "200");
}

TEST(Causality, WhatAnAgencyRefusedItHasNotSeen)
{
    auto world = linked();
    const LinkKey row{world.table("b.person").index, LocalKey{only_key(world, "b.person")}};
    world.agency("b").refusing.insert(row);
    set_phone(world, "a", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "100");
    EXPECT_EQ(count<DeliveryRefused>(world), 1U);
    world.agency("b").refusing.clear();
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(phone_at(world, "a"), "300");
    EXPECT_EQ(phone_at(world, "b"), "300");
}

TEST(Causality, AMarkBeginsWithTheOldestVersionThatWasMissedSupersededOrNot)
{
    auto world = linked();
    world.agency("b").refusing.insert({world.table("b.person").index, LocalKey{only_key(world, "b.person")}});
    set_phone(world, "a", "200");
    world.read("a");
    const auto oldest = world.journal().back().seq;
    set_phone(world, "a", "210");
    world.read("a");
    const auto written_between = world.entries<MarksMoved>().size();
    world.settle();
    const auto moved = world.entries<MarksMoved>();
    ASSERT_GT(moved.size(), written_between);
    ASSERT_EQ(moved[written_between].marks.size(), 1U);
    const auto from = moved[written_between].marks.front().from;
    ASSERT_TRUE(from);
    EXPECT_LE(*from, oldest);
}

TEST(Causality, AgreeingEditsAreHadByBothWithoutADelivery)
{
    auto world = linked();
    set_phone(world, "a", "500");
    set_phone(world, "b", "500");
    world.settle();
    EXPECT_TRUE(world.conflicts().empty());
    set_phone(world, "a", "600");
    world.settle();
    EXPECT_TRUE(world.conflicts().empty());
    EXPECT_EQ(phone_at(world, "b"), "600");
}

TEST(Causality, TheWinnersNextEditIsNoSecondConflict)
{
    auto world = linked();
    set_phone(world, "a", "200");
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(phone_at(world, "a"), "300");
    set_phone(world, "b", "400");
    world.settle();
    EXPECT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(phone_at(world, "a"), "400");
}

TEST(Causality, ARestartNeitherForgetsNorInventsWhatAnAgencyHad)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"status",    "2"        },
            {"full_name", "Berg, Eva"}
    }
    );
    world.execute("b");
    world.crash();
    world.settle();
    EXPECT_TRUE(world.conflicts().empty());
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_EQ(world.show("a.person", "1", "given"), "Eva");
    set_phone(world, "b", "300");
    world.crash();
    world.settle();
    EXPECT_TRUE(world.conflicts().empty());
    EXPECT_EQ(phone_at(world, "a"), "300");
}

TEST(Causality, AnEditBeforeACommittedDeliveryStaysConcurrentAfterARestart)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.read("a");
    set_phone(world, "b", "300");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.crash();
    world.settle();
    EXPECT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(phone_at(world, "a"), phone_at(world, "b"));
}

TEST(Causality, WhatIsReadTwiceCountsOnce)
{
    auto world = linked();
    set_phone(world, "a", "200");
    world.settle();
    EntryLog log{world.state()};
    const auto& wal = world.agency("b").wal;
    const auto report = world.stream("b").merge(wal, log).value();
    EXPECT_EQ(report.repeated, wal.size());
    EXPECT_TRUE(log.entries().empty());
}

TEST(Causality, AGroupMergesAsOne)
{
    auto world = linked();
    world.update(
        "a.person",
        "1",
        {
            {"given", "Hanna"}
    }
    );
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"full_name", "Tal, Anna"}
    }
    );
    world.settle();
    EXPECT_EQ(world.show("a.person", "1", "given"), "Anna");
    EXPECT_EQ(world.show("a.person", "1", "family"), "Tal");
    EXPECT_EQ(world.conflicts().size(), 1U);
}

TEST(Causality, AHeldUnitStaysAsItIsOnBothSidesWhileTheRestFlows)
{
    auto world = linked(with_rule(conflict::Hold{}));
    set_phone(world, "a", "200");
    world.update(
        "b.person",
        only_key(world, "b.person"),
        {
            {"phone",  "300"},
            {"status", "2"  }
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_EQ(phone_at(world, "b"), "300");
    EXPECT_EQ(world.show("a.person", "1", "status"), "W");
    ASSERT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.conflicts().front().verdict, Verdict::held);
    EXPECT_EQ(world.conflicts().front().versions.size(), 2U);
}

TEST(Causality, AHoldEndsWhenTheSidesAgree)
{
    auto world = linked(with_rule(conflict::Hold{}));
    set_phone(world, "a", "200");
    set_phone(world, "b", "300");
    world.settle();
    set_phone(world, "a", "300");
    world.settle();
    set_phone(world, "b", "400");
    world.settle();
    EXPECT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(phone_at(world, "a"), "400");
}

TEST(Causality, AnAuthorityRevertsEvenEditsThatKnewItsValue)
{
    auto world = linked(with_rule(conflict::Authority{AgencyId{"a"}}));
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(phone_at(world, "b"), "100");
    ASSERT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.conflicts().front().verdict, Verdict::reverted);
    set_phone(world, "a", "400");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "400");
}

TEST(Causality, WithoutARowOfTheAuthorityOrdinaryCausalityHolds)
{
    auto bridge = with_rule(conflict::Authority{AgencyId{"c"}}, 3);
    table_named(bridge, "c.person").create_when = mapping::CreateNever{};
    auto world = linked(bridge);
    set_phone(world, "b", "300");
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "300");
    EXPECT_TRUE(world.conflicts().empty());
}

}  // namespace
}  // namespace casebridge::pipeline
