#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

#include <cstdint>

// A deletion that the server refuses because another row points at the row waits until that one lets go of
// it.

namespace casebridge::pipeline {
namespace {

BridgeDefinition propagating()
{
    auto bridge = sample_bridge(2);
    for (const auto entity : {person_entity, household_entity})
        bridge.on_delete.insert_or_assign(entity, conflict::PropagateDelete{});
    for (auto& table : bridge.tables)
        table.remote_delete = mapping::RemoteDelete::permitted;
    return bridge;
}

// A home at a with Anna in it, and an empty one.
World two_homes()
{
    World world{propagating()};
    world.edit("a")
        .insert(
            "a.household",
            "40",
            {
                {"code", "H1"}
    }
        )
        .insert("a.household", "41", {{"code", "H2"}})
        .insert("a.person", "1", {{"number", "77"}, {"household_id", "40"}})
        .commit();
    world.settle();
    return world;
}

// a deletes the first home while b still has Anna in it.
std::string refused_home(World& world)
{
    const auto home = world.show("b.person", only_key(world, "b.person"), "household_id");
    world.edit("a")
        .update(
            "a.person",
            "1",
            {
                {"household_id", "41"}
    }
        )
        .erase("a.household", "40")
        .commit();
    world.agency("b").locked.insert({world.table("b.person").index, LocalKey{only_key(world, "b.person")}});
    world.read("a");
    world.deliver("b");
    EXPECT_TRUE(world.has_row("b.household", home));
    world.agency("b").locked.clear();
    return home;
}

TEST(LetGo, ARowIsDeletedOnceTheOneThatPointedAtItPointsElsewhere)
{
    auto world = two_homes();
    const auto home = refused_home(world);
    EXPECT_EQ(count<DeliveryRefused>(world), 1U);
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
    EXPECT_EQ(world.keys("b.household").size(), 1U);
}

TEST(LetGo, ARowIsDeletedOnceTheOneThatPointedAtItIsGone)
{
    auto world = two_homes();
    const auto home = refused_home(world);
    world.erase("b.person", only_key(world, "b.person"));
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
}

TEST(LetGo, ARowThatLeftMemoryIsDeletedOnceTheOneThatPointedAtItIsGone)
{
    auto world = two_homes();
    world.keep_nothing_cached();
    const auto home = refused_home(world);
    world.erase("b.person", only_key(world, "b.person"));
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
}

// What the deleted row said is compared with what others wrote, also of a household that nobody looks at now.
TEST(LetGo, NamesTheHouseholdThatTheDeletedRowShowedAlthoughItLeftMemory)
{
    auto world = two_homes();
    world.keep_nothing_cached();
    const auto home = world.load(world.record_of("a.household", "40").id).id;
    const auto other = world.record_of("b.household", world.keys("b.household").back()).id;
    ASSERT_NE(home, other);
    const auto person = only_key(world, "b.person");
    world.update(
        "b.person",
        person,
        {
            {"household_id", world.keys("b.household").back()}
    }
    );
    world.erase("a.person", "1");
    world.read("b");
    world.read("a");
    const auto deleted = world.entries<RowDeleted>();
    ASSERT_EQ(deleted.size(), 1U);
    ASSERT_EQ(deleted.front().conflicts.size(), 1U);
    EXPECT_EQ(deleted.front().conflicts.front().base.front(), Value{std::to_string(home.value())});
}

// b has a person in the home that a deletes, whose row cannot be read.
std::string home_of_an_unreadable_row(World& world)
{
    world.settle();
    world.insert(
        "a.household",
        "40",
        {
            {"code", "H1"}
    }
    );
    world.settle();
    auto home = only_key(world, "b.household");
    world.insert(
        "b.person",
        "9",
        {
            {"number",       "5" },
            {"status",       "?" },
            {"household_id", home}
    }
    );
    world.settle();
    world.erase("a.household", "40");
    world.settle();
    EXPECT_TRUE(world.has_row("b.household", home));
    return home;
}

// How an unreadable row ceases to point at a home.
enum class WayOut : std::uint8_t { deleted, unreadable_elsewhere, readable_elsewhere, truncated };

void leave_home(World& world, WayOut way)
{
    switch (way) {
        case WayOut::deleted:
            world.erase("b.person", "9");
            return;
        case WayOut::unreadable_elsewhere:
            world.update(
                "b.person",
                "9",
                {
                    {"household_id", std::nullopt}
            }
            );
            return;
        case WayOut::readable_elsewhere:
            world.update(
                "b.person",
                "9",
                {
                    {"household_id", std::nullopt},
                    {"status",       "1"         }
            }
            );
            return;
        case WayOut::truncated:
            world.edit("b").truncate("b.person").commit();
            return;
    }
}

TEST(LetGo, ARowIsDeletedOnceAnUnreadableOneThatPointedAtItIsGoneOrPointsElsewhere)
{
    for (const bool cold : {false, true})
        for (const auto way :
             {WayOut::deleted, WayOut::unreadable_elsewhere, WayOut::readable_elsewhere, WayOut::truncated}) {
            World world{propagating()};
            if (cold)
                world.keep_nothing_cached();
            const auto home = home_of_an_unreadable_row(world);
            leave_home(world, way);
            world.settle();
            EXPECT_FALSE(world.has_row("b.household", home)) << static_cast<int>(way);
        }
}

TEST(LetGo, ARowIsDeletedOnceTheOneThatPointedAtItBecomesUnreadableElsewhere)
{
    auto world = two_homes();
    const auto home = refused_home(world);
    const auto person = only_key(world, "b.person");
    world.update(
        "b.person",
        person,
        {
            {"household_id", std::nullopt},
            {"status",       "?"         }
    }
    );
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
}

// The answer of a trigger makes the row unreadable in the transaction that moves it.
TEST(LetGo, ARowIsDeletedOnceWeMovedTheOneThatPointedAtItAndATriggerMadeItUnreadable)
{
    auto world = two_homes();
    const auto home = refused_home(world);
    const auto& persons = world.table("b.person");
    world.agency("b").trigger = [index = persons.index](MappingIndex table, Image& image) {
        if (table == index)
            image[3] = Value{"?"};
    };
    world.settle();
    EXPECT_FALSE(world.has_row("b.household", home));
}

TEST(LetGo, AnUnreadableRowThatStaysWhereItIsIsNoReasonToTryAgain)
{
    World world{propagating()};
    const auto home = home_of_an_unreadable_row(world);
    const auto tried = count<DeliveryReleased>(world);
    world.update(
        "b.person",
        "9",
        {
            {"phone", "1"}
    }
    );
    world.settle();
    EXPECT_TRUE(world.has_row("b.household", home));
    EXPECT_EQ(count<DeliveryReleased>(world), tried);
}

TEST(LetGo, AnotherRowOfTheTableThatGoesIsNoReasonToTryADeletionAgain)
{
    World world{propagating()};
    const auto home = home_of_an_unreadable_row(world);
    world.insert(
        "b.household",
        "70",
        {
            {"code", "H7"}
    }
    );
    world.settle();
    const auto tried = count<DeliveryReleased>(world);
    world.erase("b.household", "70");
    world.settle();
    EXPECT_TRUE(world.has_row("b.household", home));
    EXPECT_EQ(count<DeliveryReleased>(world), tried);
}

void set_aside(World& world, const std::string& table, RecordId record)
{
    (void)world.load(record);
    EntryLog log{world.state()};
    log.write(DeliverySkipped{world.table(table).agency, world.table(table).index, record, RequestId{1}});
    world.append(log);
    world.end_step();
}

TEST(LetGo, ADeletionThatIsSetAsideStaysSoWhenTheRowThatPointedAtItGoes)
{
    World world{propagating()};
    const auto home = home_of_an_unreadable_row(world);
    set_aside(world, "b.household", world.record_of("b.household", home).id);
    world.erase("b.person", "9");
    world.settle();
    EXPECT_TRUE(world.has_row("b.household", home));
    world.crash();
    world.settle();
    EXPECT_TRUE(world.has_row("b.household", home));
}

// b is about to refuse the deletion of a home because of Anna, whose row goes before we know of the refusal.
std::string home_let_go_before_the_answer(World& world, WayOut way)
{
    world.bridge().on_delete.insert_or_assign(person_entity, conflict::DetachDelete{});
    const auto person = only_key(world, "b.person");
    auto home = world.show("b.person", person, "household_id");
    world.edit("a").erase("a.person", "1").erase("a.household", "40").commit();
    world.read("a");
    EXPECT_TRUE(world.plan("b"));
    world.execute("b");
    if (way == WayOut::deleted)
        world.erase("b.person", person);
    else if (way == WayOut::truncated)
        world.edit("b").truncate("b.person").commit();
    else
        world.update(
            "b.person",
            person,
            {
                {"household_id", std::nullopt}
        }
        );
    world.read("b");
    return home;
}

TEST(LetGo, ARowIsDeletedAlthoughTheOneThatPointedAtItWentBeforeTheRefusalWasKnown)
{
    for (const auto way : {WayOut::deleted, WayOut::readable_elsewhere, WayOut::truncated}) {
        auto world = two_homes();
        const auto home = home_let_go_before_the_answer(world, way);
        world.answer("b");
        EXPECT_EQ(count<DeliveryRefused>(world), 1U);
        world.settle();
        EXPECT_FALSE(world.has_row("b.household", home));
    }
}

TEST(LetGo, ARowIsDeletedThoughARestartCameBetweenARefusalAndTheNextAttempt)
{
    for (const bool answered : {false, true}) {
        auto world = two_homes();
        const auto home = home_let_go_before_the_answer(world, WayOut::deleted);
        if (answered)
            world.answer("b");
        world.crash();
        world.settle();
        EXPECT_FALSE(world.has_row("b.household", home));
    }
}

// Bert still lives there.
TEST(LetGo, ARefusalThatHadAnotherCauseIsTriedOnceMore)
{
    auto world = two_homes();
    const auto shown = world.show("b.person", only_key(world, "b.person"), "household_id");
    world.insert(
        "b.person",
        "9",
        {
            {"number",       "5"  },
            {"status",       "?"  },
            {"household_id", shown}
    }
    );
    world.settle();
    const auto tried = count<DeliveryRefused>(world);
    world.bridge().on_delete.insert_or_assign(person_entity, conflict::DetachDelete{});
    world.edit("a").erase("a.person", "1").erase("a.household", "40").commit();
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    const auto persons = world.keys("b.person");
    world.erase("b.person", persons.front() == "9" ? persons.back() : persons.front());
    world.read("b");
    world.answer("b");
    world.settle();
    EXPECT_TRUE(world.has_row("b.household", shown));
    EXPECT_EQ(count<DeliveryRefused>(world), tried + 2);
}

}  // namespace
}  // namespace casebridge::pipeline
