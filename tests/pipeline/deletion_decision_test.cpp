#include "pipeline/row_identity.hpp"
#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/deletion_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What persons decide of deletions, and rows that may stand for a record that is being deleted.

namespace casebridge::pipeline {
namespace {

using ::testing::HasSubstr;

RequestAnswered decide(World& world, DeletionChoice choice)
{
    const auto& record = first_record(world);
    const auto since = record.departure ? record.departure->since : JournalSeq{1};
    return ask(world, DecideDeletion{record.id, since, choice, record.last_seq});
}

// Anna is at a and b; a has deleted its row, and that is held.
World held()
{
    auto world = linked(with_delete(conflict::HoldDelete{}));
    world.erase("a.person", "1");
    world.settle();
    return world;
}

TEST(DeletionDecision, KeepLeavesTheOtherRowsAndBringsNoneBack)
{
    auto world = held();
    EXPECT_EQ(decide(world, DeletionChoice::keep).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_FALSE(first_record(world).departure.has_value());
    set_phone(world, "b", "200");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_TRUE(world.keys("a.person").empty());
}

TEST(DeletionDecision, RemoveDeletesTheOtherRows)
{
    auto world = held();
    EXPECT_EQ(decide(world, DeletionChoice::remove).outcome, RequestOutcome::done);
    world.crash();
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    EXPECT_EQ(world.entries<RowDeleted>().back().effect, DeleteEffect::confirmed);
    EXPECT_TRUE(world.conflicts().empty());
}

TEST(DeletionDecision, RemoveDeletesOnlyWhereTheMappingPermitsIt)
{
    auto world = held();
    world.bridge().tables[world.table("b.person").index.value()].remote_delete =
        mapping::RemoteDelete::refused;
    EXPECT_EQ(decide(world, DeletionChoice::remove).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

TEST(DeletionDecision, RestoreGivesTheAgencyANewRow)
{
    auto world = held();
    EXPECT_EQ(decide(world, DeletionChoice::restore).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_FALSE(first_record(world).departure.has_value());
    EXPECT_EQ(world.all_records().size(), 1U);
}

TEST(DeletionDecision, RestoreGivesNoRowWhereTheMappingCreatesNone)
{
    auto world = linked(creating_none_at("a", with_delete(conflict::HoldDelete{})));
    world.erase("a.person", "1");
    world.settle();
    EXPECT_EQ(decide(world, DeletionChoice::restore).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_TRUE(world.keys("a.person").empty());
    EXPECT_FALSE(first_record(world).departure.has_value());
    set_phone(world, "b", "200");
    world.settle();
    EXPECT_TRUE(world.keys("a.person").empty());
    world.insert(
        "a.person",
        "2",
        {
            {"number", "77"}
    }
    );
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "200");
    EXPECT_EQ(world.all_records().size(), 1U);
}

TEST(DeletionDecision, IsRefusedForADeletionThatTheRecordDoesNotHave)
{
    auto world = held();
    const auto id = first_record(world).id;
    const auto since = first_record(world).departure->since;
    for (const auto& wanted : {
             DecideDeletion{id,             JournalSeq{since.value() + 1}, DeletionChoice::remove},
             DecideDeletion{RecordId{4711}, since,                         DeletionChoice::remove}
    })
        EXPECT_EQ(ask(world, wanted).outcome, RequestOutcome::refused);
    EXPECT_EQ(decide(world, DeletionChoice::keep).outcome, RequestOutcome::done);
    EXPECT_EQ(decide(world, DeletionChoice::remove).outcome, RequestOutcome::refused) << "it is over";
    world.settle();
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

// It was read before the person decided, but behind what the person looked at.
TEST(DeletionDecision, RemoveIsRefusedOverAnEditThatThePersonHasNotSeen)
{
    auto world = held();
    const auto id = first_record(world).id;
    const auto deletion = first_record(world).departure->since;
    const auto seen = first_record(world).last_seq;
    set_phone(world, "b", "200");
    world.settle();
    for (const auto& wanted : {
             DecideDeletion{id, deletion, DeletionChoice::remove, seen        },
             DecideDeletion{id, deletion, DeletionChoice::remove, std::nullopt}
    }) {
        const auto answer = ask(world, wanted);
        EXPECT_EQ(answer.outcome, RequestOutcome::refused);
        EXPECT_THAT(answer.text, HasSubstr("look again"));
    }
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    EXPECT_EQ(decide(world, DeletionChoice::remove).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
}

TEST(DeletionDecision, NobodyGetsARowWhileItWaitsForAPerson)
{
    auto world = linked(with_delete(conflict::HoldDelete{}, 3));
    world.erase("a.person", "1");
    world.settle();
    set_phone(world, "b", "300");
    EXPECT_EQ(decide(world, DeletionChoice::remove).outcome, RequestOutcome::done);
    world.deliver("c");
    ASSERT_TRUE(world.keys("c.person").empty());
    world.settle();
    ASSERT_EQ(first_record(world).departure.value().state, DepartureState::held);
    EXPECT_TRUE(world.keys("c.person").empty());
    EXPECT_EQ(decide(world, DeletionChoice::keep).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(phone_at(world, "c"), "300");
    EXPECT_TRUE(world.keys("a.person").empty());
}

// One question about both of them.
TEST(DeletionDecision, OfTwoAgenciesDeletionsRestoresBoth)
{
    auto world = linked(with_delete(conflict::HoldDelete{}, 3));
    world.erase("a.person", "1");
    world.settle();
    const auto first = first_record(world).departure.value().since;
    world.erase("b.person", only_key(world, "b.person"));
    world.settle();
    const auto& both = first_record(world).departure.value();
    EXPECT_EQ(both.tables.size(), 2U);
    const DecideDeletion outdated{first_record(world).id, first, DeletionChoice::keep, std::nullopt};
    EXPECT_EQ(ask(world, outdated).outcome, RequestOutcome::refused) << "it was about one of them";
    EXPECT_EQ(decide(world, DeletionChoice::restore).outcome, RequestOutcome::done);
    world.settle();
    for (const auto* agency : {"a", "b", "c"})
        EXPECT_EQ(phone_at(world, agency), "100") << agency;
}

TEST(DeletionDecision, AnAgencyThatEntersThePersonAgainLeavesTheQuestionToTheOther)
{
    auto world = linked(with_delete(conflict::HoldDelete{}, 3));
    world.erase("a.person", "1");
    world.erase("b.person", only_key(world, "b.person"));
    world.settle();
    world.insert(
        "a.person",
        "8",
        {
            {"number", "77"}
    }
    );
    world.settle();
    ASSERT_TRUE(first_record(world).departure.has_value());
    EXPECT_FALSE(first_record(world).departure->is_of(world.table("a.person").index));
    EXPECT_TRUE(first_record(world).departure->is_of(world.table("b.person").index));
    EXPECT_TRUE(world.keys("b.person").empty());
}

// The person decided without knowing of it.
TEST(DeletionDecision, AnEditThatNobodySawHoldsItAgain)
{
    auto world = held();
    set_phone(world, "b", "200");
    EXPECT_EQ(decide(world, DeletionChoice::remove).outcome, RequestOutcome::done);
    const auto decided = first_record(world).departure->since;
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "200");
    ASSERT_TRUE(first_record(world).departure.has_value());
    EXPECT_EQ(first_record(world).departure->state, DepartureState::held);
    EXPECT_GT(first_record(world).departure->since, decided);
    ASSERT_EQ(world.conflicts().size(), 1U);
    EXPECT_EQ(world.conflicts().front().verdict, Verdict::held);

    EXPECT_EQ(decide(world, DeletionChoice::remove).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
}

void enter_at_c(World& world)
{
    world.insert(
        "c.person",
        "9",
        {
            {"given",  "Anna"},
            {"family", "Berg"},
            {"number", "77"  },
            {"phone",  "900" }
    }
    );
    world.read("c");
}

TEST(DeletionDecision, WhatAnArchivingDeletionSaysCanBeTakenAndItsConflictNamed)
{
    auto bridge = with_delete(conflict::ArchiveDelete{{{person::phone, UnitValue{Value{"999"}}}}});
    rule(bridge, person_entity, person::phone) = conflict::Hold{};
    auto world = linked(std::move(bridge));
    set_phone(world, "b", "200");
    world.erase("a.person", "1");
    world.read("b");
    world.read("a");
    ASSERT_EQ(world.entries<RowDeleted>().back().conflicts.size(), 1U);
    const auto deletion = first_record(world).last_seq;
    DecideValue wanted{
        .entity = "person",
        .record = first_record(world).id,
        .unit = "phone",
        .seen = { },
        .value = deletion,
        .conflict = ConflictPlace{ deletion, 0},
    };
    for (const auto& version : first_record(world).units[person::phone.value()].open)
        wanted.seen.push_back(version.seq);
    EXPECT_EQ(ask(world, wanted).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "999");
}

// Anna is at a and b, and c, which gets no rows from others, has never heard of her. a deletes its row, and
// before c is told somebody there enters her.
World doubtful()
{
    auto bridge = with_delete(conflict::PropagateDelete{}, 3);
    for (auto& table : bridge.tables)
        if (table.agency == AgencyId{"c"})
            table.create_when = mapping::CreateNever{};
    auto world = linked(std::move(bridge));
    world.erase("a.person", "1");
    world.read("a");
    enter_at_c(world);
    return world;
}

RequestAnswered match(World& world, MatchVerdict verdict)
{
    const auto id = world.entries<RowParked>().back().candidates.front().record;
    return ask(world, DecideMatch{AgencyId{"c"}, "person", LocalKey{"9"}, id, verdict});
}

TEST(DeletionIdentity, ARowEnteredWithoutKnowingOfTheDeletionIsInDoubtAndStays)
{
    auto world = doubtful();
    ASSERT_EQ(count<RowParked>(world), 1U);
    EXPECT_EQ(world.entries<RowParked>().front().code, record_deleted);
    world.settle();
    EXPECT_TRUE(world.keys("b.person").empty());
    EXPECT_TRUE(world.has_row("c.person", "9"));
    EXPECT_EQ(count<RowParked>(world), 1U);
}

TEST(DeletionIdentity, ALaterChangeOfTheRowDecidesNothing)
{
    auto world = doubtful();
    world.settle();
    world.update(
        "c.person",
        "9",
        {
            {"phone", "901"}
    }
    );
    world.settle();
    EXPECT_EQ(world.entries<RowParked>().back().code, record_deleted);
    EXPECT_TRUE(first_record(world).leaves());
    EXPECT_TRUE(world.keys("a.person").empty());
}

TEST(DeletionIdentity, ARowThatAPersonConfirmsBringsTheRecordBack)
{
    auto world = doubtful();
    world.settle();
    EXPECT_EQ(match(world, MatchVerdict::same).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_TRUE(world.has_row("c.person", "9"));
    EXPECT_EQ(world.all_records().size(), 1U);
    EXPECT_FALSE(first_record(world).departure.has_value());
    EXPECT_EQ(world.keys("a.person").size(), 1U);
    EXPECT_EQ(world.keys("b.person").size(), 1U);
}

// The deletion is still on its way to b: nothing of the confirmed row is lost either.
TEST(DeletionIdentity, ARowThatIsConfirmedAtOnceIsNotDeleted)
{
    auto world = doubtful();
    EXPECT_EQ(match(world, MatchVerdict::same).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_TRUE(world.has_row("c.person", "9"));
    EXPECT_FALSE(first_record(world).departure.has_value());
}

TEST(DeletionIdentity, ARowThatAPersonRejectsBeginsARecordOfItsOwn)
{
    auto world = doubtful();
    world.settle();
    EXPECT_EQ(match(world, MatchVerdict::never).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_EQ(world.all_records().size(), 2U);
    EXPECT_TRUE(world.has_row("c.person", "9"));
    EXPECT_TRUE(first_record(world).leaves());
}

TEST(DeletionIdentity, ASecondRowBesideOneThatIsBeingDeletedIsADuplicateUntilItIsGone)
{
    auto world = linked(with_delete(conflict::PropagateDelete{}, 3));
    const auto old = only_key(world, "c.person");
    world.erase("a.person", "1");
    world.read("a");
    enter_at_c(world);
    EXPECT_EQ(world.entries<RowParked>().back().code, local_duplicate);
    EXPECT_THAT(match(world, MatchVerdict::same).text, HasSubstr("another row"));
    world.settle();
    EXPECT_FALSE(world.has_row("c.person", old));
    EXPECT_EQ(match(world, MatchVerdict::same).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_TRUE(world.has_row("c.person", "9"));
    EXPECT_EQ(world.all_records().size(), 1U);
    EXPECT_FALSE(first_record(world).departure.has_value());
}

// That a row is the record says nothing of the others' rows.
TEST(DeletionIdentity, ARowThatAPersonConfirmsLeavesAHeldDeletionHeld)
{
    auto bridge = creating_none_at("c", with_delete(conflict::HoldDelete{}, 3));
    auto& rules = bridge.model.entities[person_entity.value()].identity;
    rules.clear();
    rules.push_back({{FieldIndex{2}}});
    rules.push_back({
        {FieldIndex{0},   FieldIndex{1}  },
        {MatchForm::name, MatchForm::name}
    });
    auto world = linked(std::move(bridge));
    world.erase("a.person", "1");
    world.settle();
    world.insert(
        "c.person",
        "9",
        {
            {"given",  "Anna"},
            {"family", "Berg"},
            {"number", "99"  }
    }
    );
    world.settle();
    EXPECT_EQ(match(world, MatchVerdict::same).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_TRUE(world.has_row("c.person", "9"));
    EXPECT_TRUE(first_record(world).departure.has_value());
}

}  // namespace
}  // namespace casebridge::pipeline
