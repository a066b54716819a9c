#include "tests/pipeline/asking.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// An agency proposes what a field should be of which another is the authority, and a person accepts or
// rejects it.

namespace casebridge::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const conflict::Authority of_a{AgencyId{"a"}, conflict::Authority::Others::proposed};

// Nothing stays in memory, so that proposals come back from where they are kept.
World proposed(const std::string& phone, std::size_t agencies = 2)
{
    auto world = linked(with_rule(of_a, agencies));
    world.keep_nothing_cached();
    set_phone(world, "b", phone);
    world.settle();
    return world;
}

const Record& anna(World& world)
{
    return world.record_of("a.person", "1");
}

const conflict::UnitHistory& phones(World& world)
{
    return anna(world).units[person::phone.value()];
}

JournalSeq proposal(World& world)
{
    const auto& proposals = phones(world).proposals;
    return proposals.empty() ? JournalSeq{1} : proposals.front().seq;
}

DecideValue accepting(World& world)
{
    DecideValue wanted{"person", anna(world).id, "phone", {}, proposal(world)};
    wanted.conflict = ConflictPlace{proposal(world), 0};
    for (const auto& version : phones(world).open)
        wanted.seen.push_back(version.seq);
    return wanted;
}

TEST(Proposal, IsRevertedRecordedAndKept)
{
    auto world = proposed("300");
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(phone_at(world, "b"), "100");
    ASSERT_THAT(world.conflicts(), SizeIs(1));
    EXPECT_EQ(world.conflicts().front().verdict, Verdict::proposed);
    ASSERT_THAT(phones(world).proposals, SizeIs(1));
    EXPECT_EQ(phones(world).proposals.front().value, UnitValue{Value{"300"}});
}

TEST(Proposal, OutlivesACrashAndWhatTheAuthorityWritesMeanwhile)
{
    auto world = proposed("300");
    set_phone(world, "a", "400");
    world.settle();
    world.crash();
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "400");
    EXPECT_THAT(phones(world).proposals, SizeIs(1));
}

TEST(Proposal, ThatIsAcceptedReachesEveryAgencyTheOneWhoseItWasToo)
{
    auto world = proposed("300", 3);
    const auto answer = ask(world, accepting(world));
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("goes to every agency"));
    world.settle();
    for (const auto* agency : {"a", "b", "c"})
        EXPECT_EQ(phone_at(world, agency), "300") << agency;
    EXPECT_THAT(phones(world).proposals, IsEmpty());
    EXPECT_THAT(world.entries<ValueDecided>(), SizeIs(1));
    EXPECT_EQ(world.entries<ValueDecided>().front().author, AgencyId{"b"});
    set_phone(world, "a", "500");
    world.settle();
    EXPECT_EQ(phone_at(world, "b"), "500");
}

TEST(Proposal, ThatIsRejectedLeavesWhatStands)
{
    auto world = proposed("300");
    const RejectProposal wanted{anna(world).id, "phone", proposal(world)};
    EXPECT_EQ(ask(world, wanted).outcome, RequestOutcome::done);
    world.settle();
    EXPECT_THAT(phones(world).proposals, IsEmpty());
    EXPECT_EQ(phone_at(world, "a"), "100");
    EXPECT_EQ(phone_at(world, "b"), "100");
    world.crash();
    world.settle();
    EXPECT_THAT(phones(world).proposals, IsEmpty());
    EXPECT_EQ(ask(world, wanted).outcome, RequestOutcome::refused);
}

TEST(Proposal, OnlyWhatWaitsCanBeRejected)
{
    auto world = proposed("300");
    const auto seq = proposal(world);
    for (const auto& wanted : {
             RejectProposal{RecordId{4711}, "phone",  seq          },
             RejectProposal{anna(world).id, "fax",    seq          },
             RejectProposal{anna(world).id, "status", seq          },
             RejectProposal{anna(world).id, "phone",  JournalSeq{1}}
    }) {
        const auto answer = ask(world, wanted);
        EXPECT_EQ(answer.outcome, RequestOutcome::refused) << wanted.unit;
        EXPECT_THAT(answer.text, ::testing::Not(HasSubstr("300")));
    }
    EXPECT_THAT(phones(world).proposals, SizeIs(1));
    EXPECT_THAT(world.entries<ProposalRejected>(), IsEmpty());
}

TEST(Proposal, AValueThatTheAuthorityEntersMeanwhileIsNotOverwrittenByAcceptance)
{
    auto world = proposed("300");
    const auto wanted = accepting(world);
    set_phone(world, "a", "400");
    world.settle();
    EXPECT_EQ(ask(world, wanted).outcome, RequestOutcome::refused);
    world.settle();
    EXPECT_EQ(phone_at(world, "a"), "400");
    EXPECT_THAT(phones(world).proposals, SizeIs(1));
}

}  // namespace
}  // namespace casebridge::pipeline
