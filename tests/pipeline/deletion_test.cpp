#include "pipeline/record_values.hpp"
#include "tests/pipeline/deletion_world.hpp"

#include <gtest/gtest.h>

// What follows when an agency deletes its row: by each rule, in every order of arrival.

namespace casebridge::pipeline {
namespace {

BridgeDefinition propagating(std::size_t agencies = 2)
{
    return with_delete(conflict::PropagateDelete{}, agencies);
}

std::vector<DeleteEffect> effects(const World& world)
{
    std::vector<DeleteEffect> found;
    for (const auto& deleted : world.entries<RowDeleted>())
        found.push_back(deleted.effect);
    return found;
}

void erase_at(World& world, const std::string& agency)
{
    world.erase(agency + ".person", only_key(world, agency + ".person"));
}

TEST(Deletion, IsHeldUnlessARuleSaysOtherwise)
{
    auto world = linked();
    erase_at(world, "a");
    world.settle();
    EXPECT_TRUE(world.has_row("b.person", only_key(world, "b.person")));
    ASSERT_TRUE(first_record(world).departure.has_value());
    EXPECT_EQ(first_record(world).departure->state, DepartureState::held);
    EXPECT_EQ(effects(world), std::vector{DeleteEffect::held});
}

TEST(Deletion, OfARowThatNobodyElseHasHoldsNothing)
{
    World world{sample_bridge(2)};
    world.bridge().tables[world.table("b.person").index.value()].create_when = mapping::CreateNever{};
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77"}
    }
    );
    world.settle();
    world.erase("a.person", "1");
    world.settle();
    EXPECT_FALSE(first_record(world).departure.has_value());
    EXPECT_EQ(effects(world), std::vector{DeleteEffect::none});
}

TEST(Deletion, ThatIsHeldEndsWhenTheRowComesBack)
{
    auto world = linked();
    const auto key = only_key(world, "b.person");
    erase_at(world, "b");
    world.settle();
    world.insert(
        "b.person",
        key,
        {
            {"number",    "77"        },
            {"full_name", "Berg, Anna"}
    }
    );
    world.settle();
    EXPECT_FALSE(first_record(world).departure.has_value());
}

TEST(Deletion, DetachesWhereTheRuleSaysSo)
{
    auto world = linked(with_delete(conflict::DetachDelete{}));
    erase_at(world, "a");
    world.settle();
    set_phone(world, "b", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_TRUE(world.keys("a.person").empty());
    EXPECT_FALSE(first_record(world).departure.has_value());
    EXPECT_EQ(effects(world), std::vector{DeleteEffect::detached});
}

TEST(Deletion, ArchivesWhatItLeavesBehind)
{
    auto world = linked(with_delete(conflict::ArchiveDelete{{{person::phone, UnitValue{Value{"999"}}}}}));
    erase_at(world, "a");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "999");
    EXPECT_EQ(effects(world), std::vector{DeleteEffect::archived});
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(Deletion, ArchivesOverAConcurrentEditAsTheFieldsRuleSays)
{
    auto bridge = with_delete(conflict::ArchiveDelete{{{person::phone, UnitValue{Value{"999"}}}}});
    rule(bridge, person_entity, person::phone) = conflict::Hold{};
    auto world = linked(std::move(bridge));
    set_phone(world, "b", "200");
    erase_at(world, "a");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    const auto deleted = world.entries<RowDeleted>();
    const auto noted = deleted.front().conflicts.size() + world.conflicts().size();
    EXPECT_EQ(noted, 1U);
    EXPECT_EQ(held_units(world.bridge(), first_record(world)).size(), 1U);
}

TEST(Deletion, IsPropagatedToEverybodyThatPermitsIt)
{
    auto bridge = propagating(3);
    auto world = linked(std::move(bridge));
    world.bridge().tables[world.table("c.person").index.value()].remote_delete =
        mapping::RemoteDelete::refused;
    erase_at(world, "a");
    world.settle();
    EXPECT_TRUE(world.keys("a.person").empty());
    EXPECT_TRUE(world.keys("b.person").empty());
    EXPECT_EQ(world.keys("c.person").size(), 1U);
    EXPECT_EQ(effects(world), (std::vector{DeleteEffect::propagated, DeleteEffect::confirmed}));
    set_phone(world, "c", "300");
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty()) << "nobody gets the row back by an edit";
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(Deletion, IsNotToldWithoutAnAgreement)
{
    auto bridge = propagating();
    std::erase_if(bridge.agreements, [](const Agreement& one) { return one.from == AgencyId{"a"}; });
    auto world = linked(std::move(bridge));
    world.settle();
    world.insert(
        "b.person",
        "9",
        {
            {"number", "77"}
    }
    );
    world.settle();
    world.erase("a.person", "1");
    world.settle();
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

// The edit was made before the deletion reached its database, and is read before or behind it.
TEST(Deletion, WinsOverAConcurrentEditInEitherOrderAndNamesIt)
{
    for (const auto* first : {"a", "b"}) {
        auto world = linked(propagating());
        set_phone(world, "b", "200");
        erase_at(world, "a");
        world.read(first);
        world.settle();
        EXPECT_TRUE(world.keys("b.person").empty()) << first;
        const auto notes = world.conflicts();
        ASSERT_EQ(notes.size(), 1U) << first;
        EXPECT_EQ(notes.front().verdict, Verdict::deleted) << first;
        EXPECT_EQ(
            notes.front().type,
            std::string{first} == "a" ? ConflictType::update_deleted : ConflictType::delete_origin_differs
        );
        EXPECT_EQ(notes.front().versions.back().value, UnitValue{Value{"200"}}) << first;
    }
}

// The row shows an edit that the deletion was planned without: it is not deleted before that was read.
TEST(Deletion, DoesNotDeleteARowThatWasEditedOnTheWay)
{
    auto world = linked(propagating());
    erase_at(world, "a");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    set_phone(world, "b", "200");
    world.execute("b");
    EXPECT_EQ(phone_at(world, "b"), "200");
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    ASSERT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.conflicts().front().type, ConflictType::update_deleted);
}

TEST(Deletion, ByBothIsNoConflict)
{
    auto world = linked(propagating());
    erase_at(world, "a");
    erase_at(world, "b");
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    EXPECT_TRUE(world.conflicts().empty());
    EXPECT_EQ(effects(world).size(), 2U);
}

TEST(Deletion, IsSentAgainByTheNextProcess)
{
    auto world = linked(propagating());
    erase_at(world, "a");
    world.read("a");
    world.crash();
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
}

TEST(Deletion, OfOursIsKnownAgainByTheNextProcess)
{
    auto world = linked(propagating());
    erase_at(world, "a");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.crash();
    world.settle();
    EXPECT_EQ(effects(world), (std::vector{DeleteEffect::propagated, DeleteEffect::confirmed}));
}

TEST(Deletion, IsOverWhenItsAgencyHasTheRowAgain)
{
    auto world = linked(propagating());
    erase_at(world, "a");
    world.settle();
    ASSERT_TRUE(world.keys("b.person").empty());
    world.insert(
        "a.person",
        "1",
        {
            {"given",  "Anna"},
            {"family", "Berg"},
            {"number", "77"  },
            {"phone",  "300" }
    }
    );
    world.settle();
    EXPECT_EQ(world.all_records().size(), 1U);
    EXPECT_EQ(phone_at(world, "b"), "300");
    EXPECT_FALSE(first_record(world).departure.has_value());
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(Deletion, IsOverWhenAnAgencyThatKnewOfItRegistersThePersonAnew)
{
    auto world = linked(propagating());
    erase_at(world, "a");
    world.settle();
    world.insert(
        "b.person",
        "50",
        {
            {"full_name", "Berg, Anna"},
            {"number",    "77"        },
            {"phone",     "400"       }
    }
    );
    world.settle();
    EXPECT_EQ(world.all_records().size(), 1U);
    EXPECT_EQ(phone_at(world, "a"), "400");
}

TEST(Deletion, ThatIsBackWhileOursIsOnTheWayGivesTheOtherAgencyANewRow)
{
    auto world = linked(propagating());
    erase_at(world, "a");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77" },
            {"phone",  "300"}
    }
    );
    world.read("a");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "300");
    EXPECT_TRUE(world.has_row("a.person", "1"));
}

TEST(Deletion, InsideTheSameTransactionAsAnInsertIsNone)
{
    auto world = linked(propagating());
    const auto key = only_key(world, "b.person");
    world.edit("b")
        .erase("b.person", key)
        .insert(
            "b.person",
            key,
            {
                {"full_name", "Berg, Anna"},
                {"number",    "77"        },
                {"phone",     "500"       }
    }
        )
        .commit();
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "500");
    EXPECT_FALSE(first_record(world).departure.has_value());
}

TEST(Deletion, ByACascadeInsideOurTransactionIsTheAgencys)
{
    auto world = linked(propagating());
    const auto key = only_key(world, "b.person");
    set_phone(world, "a", "600");
    world.read("a");
    ASSERT_TRUE(world.plan("b"));
    world.execute("b");
    // The transaction of ours shows the row deleted by a trigger.
    auto& wal = world.agency("b").wal;
    auto& change = wal.back().changes.front();
    change.operation = RowOperation::erase;
    change.old_row = Tuple(change.new_row.size());
    change.old_row->front() = change.new_row.front();
    change.new_row.clear();
    world.agency("b").rows.clear();
    world.settle();
    EXPECT_EQ(effects(world).front(), DeleteEffect::propagated);
    EXPECT_TRUE(world.keys("a.person").empty());
}

TEST(Deletion, ThatTheServerRefusesWaitsForAChangeAndOutlivesACrash)
{
    auto world = linked(propagating());
    const auto key = only_key(world, "b.person");
    erase_at(world, "a");
    world.agency("b").refusing.insert({world.table("b.person").index, LocalKey{key}});
    world.settle();
    EXPECT_TRUE(world.has_row("b.person", key));
    EXPECT_EQ(first_record(world).refusals.size(), 1U);
    world.crash();
    world.agency("b").refusing.clear();
    world.settle();
    EXPECT_TRUE(world.has_row("b.person", key)) << "a refusal is durable";
    world.update(
        "b.person",
        key,
        {
            {"phone", "700"}
    }
    );
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
}

// Nothing permits to delete b's row: it stays, and what is edited there stands.
TEST(Deletion, AnEditWhereNoAgreementPermitsToDeleteIsNotLost)
{
    auto bridge = propagating();
    for (auto& entity : agreement(bridge, "a", "b").shared)
        entity.assign(entity.size(), false);
    World world{std::move(bridge)};
    for (const auto* agency : {"a", "b"})
        world.insert(
            std::string{
                agency
        } +
                ".person",
            "1",
            {{"number", "77"}, {"phone", "100"}}
        );
    world.settle();
    world.erase("a.person", "1");
    world.settle();
    set_phone(world, "b", "700");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "700");
    EXPECT_TRUE(std::ranges::none_of(world.conflicts(), [](const ConflictNote& note) {
        return note.verdict == Verdict::deleted;
    }));
}

}  // namespace
}  // namespace casebridge::pipeline
