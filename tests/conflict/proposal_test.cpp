#include "tests/conflict/versions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What others than the authority want a field to be, and what becomes of it.

namespace casebridge::conflict {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const AgencyId a{"a"};
const AgencyId b{"b"};
const AgencyId c{"c"};
const FieldRule rule = Authority{a, Authority::Others::proposed};

// What the authority has written stands, and everybody has it.
UnitHistory standing(const std::string& value)
{
    return {{version(5, "a", value, 100)}, {}, {}, {}};
}

Change edit(const AgencyId& author, const std::string& value)
{
    Change change{author, text(value), PgTime{200}, JournalSeq{9}};
    change.authority_linked = true;
    return change;
}

Admission admission(const UnitHistory& history, const Change& change)
{
    return merge_change(history, rule, change).added.admission;
}

void apply(UnitHistory& history, const Change& change, std::int64_t seq)
{
    apply_version(history, merge_change(history, rule, change).added, change.author, JournalSeq{seq});
}

std::vector<std::int64_t> waiting(const UnitHistory& history)
{
    std::vector<std::int64_t> seqs;
    for (const auto& proposal : history.proposals)
        seqs.push_back(proposal.seq.value());
    return seqs;
}

TEST(Proposal, AnothersEditWaitsAndChangesNothing)
{
    auto history = standing("1");
    EXPECT_EQ(admission(history, edit(b, "2")), Admission::proposed);
    apply(history, edit(b, "2"), 10);
    EXPECT_EQ(history.open, standing("1").open);
    ASSERT_THAT(waiting(history), ElementsAre(10));
    EXPECT_EQ(history.proposals.front().value, text("2"));
    EXPECT_EQ(history.proposals.front().author, b);
    EXPECT_EQ(history.proposals.front().stamp, PgTime{200});
    EXPECT_EQ(judge(history.open, rule).value, text("1"));
}

TEST(Proposal, OnlyAnEditThatSomebodyMeantIsOne)
{
    const auto history = standing("1");
    auto triggered = edit(b, "2");
    triggered.in_our_transaction = true;
    EXPECT_EQ(admission(history, triggered), Admission::rejected);
    auto stale = edit(b, "2");
    stale.unseen_from = JournalSeq{4};
    EXPECT_EQ(admission(history, stale), Admission::rejected);
    EXPECT_EQ(merge_change(history, Authority{a}, edit(b, "2")).added.admission, Admission::rejected);
    EXPECT_EQ(admission(history, edit(b, "1")), Admission::rejected);
}

TEST(Proposal, AnAgencysNewestWordReplacesItsOlderOneAndNobodyElses)
{
    auto history = standing("1");
    apply(history, edit(b, "2"), 10);
    apply(history, edit(c, "3"), 11);
    apply(history, edit(b, "4"), 12);
    EXPECT_THAT(waiting(history), ElementsAre(11, 12));
}

TEST(Proposal, EnteringWhatStandsTakesItBack)
{
    auto history = standing("1");
    apply(history, edit(b, "2"), 10);
    apply(history, edit(b, "1"), 11);
    EXPECT_THAT(waiting(history), IsEmpty());
}

TEST(Proposal, ATriggersAnswerDoesNotTakeItBack)
{
    auto history = standing("1");
    apply(history, edit(b, "2"), 10);
    auto triggered = edit(b, "9");
    triggered.in_our_transaction = true;
    apply(history, triggered, 11);
    EXPECT_THAT(waiting(history), ElementsAre(10));
}

TEST(Proposal, IsOverWhenTheAuthorityEntersItsValueItself)
{
    auto history = standing("1");
    apply(history, edit(b, "2"), 10);
    apply(history, edit(a, "7"), 11);
    EXPECT_THAT(waiting(history), ElementsAre(10));
    apply(history, edit(a, "2"), 12);
    EXPECT_THAT(waiting(history), IsEmpty());
}

TEST(Proposal, IsOverWhenAPersonDecidesForItsValue)
{
    auto history = standing("1");
    apply(history, edit(b, "2"), 10);
    apply(history, edit(c, "3"), 11);
    apply_decision(history, {{}, text("2"), PgTime{300}, {JournalSeq{5}}}, b, JournalSeq{12});
    EXPECT_THAT(waiting(history), ElementsAre(11));
}

TEST(Proposal, IsOverWhenAPersonRejectsItAndNoOtherIs)
{
    auto history = standing("1");
    apply(history, edit(b, "2"), 10);
    apply(history, edit(c, "3"), 11);
    reject_proposal(history, JournalSeq{10});
    EXPECT_THAT(waiting(history), ElementsAre(11));
    reject_proposal(history, JournalSeq{10});
    EXPECT_THAT(waiting(history), ElementsAre(11));
}

TEST(Proposal, WithoutARowOfTheAuthorityAnEditStandsAndTheAgencysProposalIsOver)
{
    auto history = standing("1");
    apply(history, edit(b, "2"), 10);
    auto alone = edit(b, "3");
    alone.authority_linked = false;
    apply(history, alone, 11);
    EXPECT_THAT(waiting(history), IsEmpty());
    EXPECT_EQ(judge(history.open, rule).value, text("3"));
}

}  // namespace
}  // namespace casebridge::conflict
