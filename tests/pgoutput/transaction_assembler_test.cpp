#include "tests/pgoutput/support/assembler_conversation.hpp"
#include "tests/pgoutput/support/wire.hpp"

#include <gtest/gtest.h>

namespace casebridge::pgoutput {
namespace {

using namespace test;

using TransactionAssemblerTest = AssemblerConversation;

TEST_F(TransactionAssemblerTest, YieldsAWholeTransactionAtItsCommit)
{
    given(begin(100), Origin{.name = "elsewhere", .position = Lsn{42}}, person_relation(), insert("1"));

    const auto transaction = yield<SourceTransaction>(commit(100));

    EXPECT_EQ(transaction.xid, Xid{5});
    EXPECT_EQ(transaction.commit_lsn, Lsn{100});
    EXPECT_EQ(transaction.end_lsn, Lsn{108});
    EXPECT_EQ(transaction.commit_time, PgTime{1000});
    ASSERT_TRUE(transaction.origin.has_value());
    EXPECT_EQ(transaction.origin->name, "elsewhere");
    EXPECT_EQ(transaction.origin->position, Lsn{42});
    ASSERT_EQ(transaction.changes.size(), 1U);
    EXPECT_EQ(*transaction.changes[0].relation, person_relation());
    EXPECT_EQ(transaction.changes[0].operation, RowOperation::insert);
    EXPECT_EQ(transaction.changes[0].old_row, std::nullopt);
    EXPECT_EQ(describe(transaction.changes[0].new_row), "1|NULL");
    EXPECT_EQ(transaction.bytes, 50U);
}

TEST_F(TransactionAssemblerTest, StartsEachTransactionFromNothing)
{
    given(begin(100), Origin{.name = "elsewhere", .position = Lsn{42}}, person_relation(), insert("1"));
    static_cast<void>(yield<SourceTransaction>(commit(100)));
    given(begin(200), insert("2"));

    const auto second = yield<SourceTransaction>(commit(200));

    EXPECT_EQ(second.origin.has_value(), false);
    ASSERT_EQ(second.changes.size(), 1U);
    EXPECT_EQ(second.changes[0].ordinal, 0U);
    EXPECT_EQ(second.bytes, 30U);
}

TEST_F(TransactionAssemblerTest, CountsChangesAndMessagesInOneSequence)
{
    given(
        begin(100), person_relation(), insert("1"), emitted(EmittedMessage::Kind::transactional), insert("2")
    );

    const auto transaction = yield<SourceTransaction>(commit(100));

    ASSERT_EQ(transaction.changes.size(), 2U);
    ASSERT_EQ(transaction.messages.size(), 1U);
    EXPECT_EQ(transaction.changes[0].ordinal, 0U);
    EXPECT_EQ(transaction.messages[0].ordinal, 1U);
    EXPECT_EQ(transaction.messages[0].prefix, "casebridge");
    EXPECT_EQ(transaction.messages[0].content, "token");
    EXPECT_EQ(transaction.changes[1].ordinal, 2U);
}

TEST_F(TransactionAssemblerTest, ShowsWhatAKeyRowDoesNotSay)
{
    const auto key = OldRow{
        .kind = OldRow::Kind::key, .cells = {text("1"), null}
    };
    given(
        begin(100),
        person_relation(),
        Update{
            .relation = person, .old_row = key, .new_row = {text("2"), unchanged}
    }
    );
    given(Delete{.relation = person, .old_row = key});

    const auto transaction = yield<SourceTransaction>(commit(100));

    ASSERT_EQ(transaction.changes.size(), 2U);
    EXPECT_EQ(transaction.changes[0].operation, RowOperation::update);
    EXPECT_EQ(describe(transaction.changes[0].old_row.value()), "1|ABSENT");
    EXPECT_EQ(describe(transaction.changes[0].new_row), "2|UNCHANGED");
    EXPECT_EQ(transaction.changes[1].operation, RowOperation::erase);
    EXPECT_EQ(describe(transaction.changes[1].old_row.value()), "1|ABSENT");
    EXPECT_TRUE(transaction.changes[1].new_row.empty());
}

TEST_F(TransactionAssemblerTest, KeepsTheNullsOfAFullRowAndOfTheKeyItself)
{
    const auto full = OldRow{
        .kind = OldRow::Kind::full, .cells = {text("1"), null}
    };
    const auto null_key = OldRow{
        .kind = OldRow::Kind::key, .cells = {null, text("more than was asked")}
    };
    given(begin(100), person_relation());
    given(Delete{.relation = person, .old_row = full}, Delete{.relation = person, .old_row = null_key});

    const auto transaction = yield<SourceTransaction>(commit(100));

    EXPECT_EQ(describe(transaction.changes.at(0).old_row.value()), "1|NULL");
    EXPECT_EQ(describe(transaction.changes.at(1).old_row.value()), "NULL|more than was asked");
}

TEST_F(TransactionAssemblerTest, YieldsOneChangeForEachTruncatedRelation)
{
    auto plan = person_relation();
    plan.oid = RelationOid{8};
    given(
        begin(100),
        person_relation(),
        plan,
        Truncate{
            .relations = {RelationOid{8}, person}
    }
    );

    const auto transaction = yield<SourceTransaction>(commit(100));

    ASSERT_EQ(transaction.changes.size(), 2U);
    EXPECT_EQ(transaction.changes[0].operation, RowOperation::truncate);
    EXPECT_EQ(transaction.changes[0].relation->oid, RelationOid{8});
    EXPECT_EQ(transaction.changes[0].ordinal, 0U);
    EXPECT_EQ(transaction.changes[1].operation, RowOperation::truncate);
    EXPECT_EQ(transaction.changes[1].relation->oid, person);
    EXPECT_EQ(transaction.changes[1].ordinal, 1U);
}

TEST_F(TransactionAssemblerTest, LetsEarlierChangesKeepTheRelationTheyHad)
{
    given(
        begin(100), person_relation("name"), insert("1"), insert("2"), person_relation("title"), insert("3")
    );

    const auto transaction = yield<SourceTransaction>(commit(100));

    ASSERT_EQ(transaction.changes.size(), 3U);
    EXPECT_EQ(transaction.changes[0].relation->columns[1].name, "name");
    EXPECT_EQ(transaction.changes[0].relation, transaction.changes[1].relation);
    EXPECT_EQ(transaction.changes[2].relation->columns[1].name, "title");
}

TEST_F(TransactionAssemblerTest, PassesOverTypes)
{
    given(
        begin(100),
        Type{.oid = TypeOid{9}, .schema = "public", .name = "status"},
        person_relation(),
        insert("1")
    );
    EXPECT_EQ(yield<SourceTransaction>(commit(100)).changes.size(), 1U);
}

TEST_F(TransactionAssemblerTest, YieldsAnImmediateMessageAtOnce)
{
    const auto message = yield<ImmediateMessage>(emitted(EmittedMessage::Kind::immediate));
    EXPECT_EQ(message.lsn, Lsn{77});
    EXPECT_EQ(message.prefix, "casebridge");
    EXPECT_EQ(message.content, "token");
    EXPECT_EQ(message.bytes, 10U);
}

}  // namespace
}  // namespace casebridge::pgoutput
