#include "tests/pgoutput/support/assembler_conversation.hpp"
#include "tests/pgoutput/support/wire.hpp"

#include <gtest/gtest.h>

#include <vector>

// Transactions that are given out in parts.

namespace casebridge::pgoutput {
namespace {

using namespace test;

using TransactionParts = AssemblerConversation;

AssemblyLimits rows(std::size_t rows_max)
{
    return {rows_max, std::numeric_limits<std::size_t>::max(), "ours"};
}

AssemblyLimits bytes(std::size_t bytes_max)
{
    return {std::numeric_limits<std::size_t>::max(), bytes_max, "ours"};
}

TEST_F(TransactionParts, AreGivenOutAsSoonAsTheyAreFull)
{
    assembler = TransactionAssembler{rows(2)};
    given(begin(100), Origin{.name = "elsewhere", .position = Lsn{42}}, person_relation(), insert("1"));

    const auto first = yield<SourceTransaction>(insert("2"));
    EXPECT_EQ(first.portion, Portion::more_follows);
    EXPECT_EQ(first.xid, Xid{5});
    EXPECT_EQ(first.commit_lsn, Lsn{100});
    EXPECT_EQ(first.end_lsn, Lsn{});
    EXPECT_EQ(first.commit_time, PgTime{1000});
    EXPECT_EQ(first.origin->name, "elsewhere");
    ASSERT_EQ(first.changes.size(), 2U);

    given(insert("3"));
    const auto last = yield<SourceTransaction>(commit(100));
    EXPECT_EQ(last.portion, Portion::last);
    EXPECT_EQ(last.commit_lsn, Lsn{100});
    EXPECT_EQ(last.end_lsn, Lsn{108});
    EXPECT_EQ(last.origin->name, "elsewhere");
    ASSERT_EQ(last.changes.size(), 1U);
    EXPECT_EQ(last.changes[0].ordinal, 2U);
    EXPECT_EQ(describe(last.changes[0].new_row), "3|NULL");
}

TEST_F(TransactionParts, OfATransactionThatFillsThemExactlyEndWithAnEmptyOne)
{
    assembler = TransactionAssembler{rows(1)};
    given(begin(100), person_relation());
    static_cast<void>(yield<SourceTransaction>(insert("1")));
    const auto last = yield<SourceTransaction>(commit(100));
    EXPECT_EQ(last.portion, Portion::last);
    EXPECT_TRUE(last.changes.empty());
    EXPECT_EQ(last.end_lsn, Lsn{108});
}

TEST_F(TransactionParts, AreCutByBytesAsWell)
{
    assembler = TransactionAssembler{bytes(40)};
    given(begin(100), person_relation(), insert("1"));
    const auto first = yield<SourceTransaction>(insert("2"));
    EXPECT_EQ(first.bytes, 40U);
    given(insert("3"));
    EXPECT_EQ(yield<SourceTransaction>(commit(100)).bytes, 20U);
}

TEST_F(TransactionParts, KeepTheMessagesAmongTheirChanges)
{
    assembler = TransactionAssembler{rows(2)};
    given(begin(100), person_relation(), insert("1"), emitted(EmittedMessage::Kind::transactional));
    const auto first = yield<SourceTransaction>(insert("2"));
    ASSERT_EQ(first.messages.size(), 1U);
    EXPECT_EQ(first.messages[0].ordinal, 1U);
    given(emitted(EmittedMessage::Kind::transactional));
    const auto last = yield<SourceTransaction>(commit(100));
    ASSERT_EQ(last.messages.size(), 1U);
    EXPECT_EQ(last.messages[0].ordinal, 3U);
}

TEST_F(TransactionParts, DoNotExistOfOurOwnTransactions)
{
    assembler = TransactionAssembler{rows(1)};
    given(
        begin(100), Origin{.name = "ours", .position = Lsn{1}}, person_relation(), insert("1"), insert("2")
    );
    const auto whole = yield<SourceTransaction>(commit(100));
    EXPECT_EQ(whole.portion, Portion::whole);
    EXPECT_EQ(whole.changes.size(), 2U);
}

TEST_F(TransactionParts, LeaveNothingBehindForTheNextTransaction)
{
    assembler = TransactionAssembler{rows(2)};
    given(begin(100), person_relation(), insert("1"));
    static_cast<void>(yield<SourceTransaction>(insert("2")));
    static_cast<void>(yield<SourceTransaction>(commit(100)));
    given(begin(200), insert("3"));
    const auto next = yield<SourceTransaction>(commit(200));
    EXPECT_EQ(next.portion, Portion::whole);
    ASSERT_EQ(next.changes.size(), 1U);
    EXPECT_EQ(next.changes[0].ordinal, 0U);
}

TEST_F(TransactionParts, AreForgottenByAReset)
{
    assembler = TransactionAssembler{rows(2)};
    given(begin(100), person_relation(), insert("1"));
    static_cast<void>(yield<SourceTransaction>(insert("2")));
    assembler.reset();
    given(begin(100), person_relation(), insert("1"));
    EXPECT_EQ(yield<SourceTransaction>(commit(100)).portion, Portion::whole);
}

}  // namespace
}  // namespace casebridge::pgoutput
