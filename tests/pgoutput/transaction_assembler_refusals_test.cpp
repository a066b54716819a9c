#include "tests/pgoutput/support/assembler_conversation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace casebridge::pgoutput {
namespace {

AssemblyLimits bytes_of_ours(std::size_t bytes_max)
{
    return {std::numeric_limits<std::size_t>::max(), bytes_max, "ours"};
}

using namespace test;

using TransactionAssemblerRefusals = AssemblerConversation;

TEST_F(TransactionAssemblerRefusals, RefusesWhateverNeedsATransactionOutsideOfOne)
{
    const auto row = OldRow{
        .kind = OldRow::Kind::key, .cells = {text("1"), null}
    };
    const std::vector<Message> homeless{
        commit(100),
        insert("1"),
        Update{.relation = person,            .old_row = {}, .new_row = {text("1"), null}},
        Delete{.relation = person, .old_row = row},
        Truncate{.relations = {person}           },
        emitted(EmittedMessage::Kind::transactional),
    };
    for (const auto& message : homeless) {
        assembler.reset();
        given(person_relation());
        expect_violation(message, message_name(message), "no transaction has begun");
    }
}

TEST_F(TransactionAssemblerRefusals, RefusesABeginInsideATransaction)
{
    given(begin(100));
    expect_violation(begin(200), "Begin", "the transaction before it has not ended");
}

TEST_F(TransactionAssemblerRefusals, RefusesAnOriginThatDoesNotFollowABegin)
{
    const auto origin = Origin{.name = "elsewhere", .position = Lsn{42}};
    expect_violation(origin, "Origin", "does not follow a Begin");
    assembler.reset();
    given(begin(100), person_relation());
    expect_violation(origin, "Origin", "does not follow a Begin");
    assembler.reset();
    given(begin(100), origin);
    expect_violation(origin, "Origin", "does not follow a Begin");
}

TEST_F(TransactionAssemblerRefusals, RefusesAnImmediateMessageInsideATransaction)
{
    given(begin(100));
    expect_violation(
        emitted(EmittedMessage::Kind::immediate), "Message", "not transactional, but inside a transaction"
    );
}

TEST_F(TransactionAssemblerRefusals, RefusesARelationNobodyDescribed)
{
    constexpr auto sentence = "relation 7 has not been described";
    const auto row = OldRow{
        .kind = OldRow::Kind::key, .cells = {text("1"), null}
    };
    const std::vector<Message> changes{
        insert("1"),
        Update{.relation = person,            .old_row = {}, .new_row = {text("1"), null}},
        Delete{.relation = person, .old_row = row},
        Truncate{.relations = {person}           },
    };
    for (const auto& message : changes) {
        assembler.reset();
        given(begin(100));
        expect_violation(message, message_name(message), sentence);
    }
}

TEST_F(TransactionAssemblerRefusals, RefusesARowWithAnotherNumberOfColumns)
{
    constexpr auto wrong_new = "new row with another number of columns than its relation";
    constexpr auto wrong_old = "old row with another number of columns than its relation";
    const auto good = Tuple{text("1"), null};
    for (const auto& bad : {
             Tuple{text("1")},
             Tuple{text("1"), null, null},
             Tuple{    }
    }) {
        for (const auto kind : {OldRow::Kind::key, OldRow::Kind::full}) {
            const auto old_row = OldRow{.kind = kind, .cells = bad};
            const std::vector<std::pair<Message, const char*>> cases{
                {Insert{.relation = person, .new_row = bad},                      wrong_new},
                {Update{.relation = person, .old_row = {}, .new_row = bad},       wrong_new},
                {Update{.relation = person, .old_row = old_row, .new_row = good}, wrong_old},
                {Delete{.relation = person, .old_row = old_row},                  wrong_old},
            };
            for (const auto& [message, sentence] : cases) {
                assembler.reset();
                given(begin(100), person_relation());
                expect_violation(message, message_name(message), sentence);
            }
        }
    }
}

TEST_F(TransactionAssemblerRefusals, RefusesAnOldRowWhoseValuesWereNotSent)
{
    for (const auto kind : {OldRow::Kind::key, OldRow::Kind::full}) {
        const auto old_row = OldRow{
            .kind = kind, .cells = {text("1"), unchanged}
        };
        assembler.reset();
        given(begin(100), person_relation());
        expect_violation(
            Update{
                .relation = person, .old_row = old_row, .new_row = {text("1"), null}
        },
            "Update",
            "old row with an unchanged value"
        );
        assembler.reset();
        given(begin(100), person_relation());
        expect_violation(
            Delete{.relation = person, .old_row = old_row}, "Delete", "old row with an unchanged value"
        );
    }
}

TEST_F(TransactionAssemblerRefusals, RefusesACommitThatContradictsItsBegin)
{
    given(begin(100));
    expect_violation(commit(101), "Commit", "commit position differs from the one that Begin announced");

    assembler.reset();
    given(begin(100));
    auto late = commit(100);
    late.commit_time = PgTime{1001};
    expect_violation(late, "Commit", "commit time differs from the one that Begin announced");

    assembler.reset();
    given(begin(100));
    auto without_length = commit(100);
    without_length.end_lsn = Lsn{100};
    expect_violation(without_length, "Commit", "end position is not behind the commit position");
}

TEST_F(TransactionAssemblerRefusals, ForgetsTransactionAndRelationsWhenReset)
{
    given(begin(100), person_relation(), insert("1"));
    assembler.reset();
    given(begin(200));
    expect_violation(insert("1"), "Insert", "relation 7 has not been described");
}

TEST_F(TransactionAssemblerRefusals, AllowsAnUnsplitTransactionOfExactlyTheLimit)
{
    assembler = TransactionAssembler{bytes_of_ours(50)};
    given(begin(100), Origin{.name = "ours", .position = Lsn{1}}, person_relation(), insert("1"));
    EXPECT_EQ(yield<SourceTransaction>(commit(100)).bytes, 50U);
}

TEST_F(TransactionAssemblerRefusals, RefusesAnUnsplitTransactionAboveTheLimitAndNamesTheSetting)
{
    assembler = TransactionAssembler{bytes_of_ours(49)};
    given(begin(100), Origin{.name = "ours", .position = Lsn{1}}, person_relation(), insert("1"));
    const auto error = refusal(commit(100));
    EXPECT_EQ(error.code, "transaction_too_large");
    EXPECT_EQ(error.place, "pgoutput Commit");
    EXPECT_EQ(
        error.message, "the transaction committed at 0/64 has more than transaction_bytes_max = 49 bytes"
    );
    EXPECT_NE(error.remedy.find("transaction_bytes_max"), std::string::npos);
}

TEST_F(TransactionAssemblerRefusals, RefusesAnImmediateMessageAboveTheLimit)
{
    assembler = TransactionAssembler{bytes_of_ours(9)};
    EXPECT_EQ(refusal(emitted(EmittedMessage::Kind::immediate)).code, "transaction_too_large");
}

TEST_F(TransactionAssemblerRefusals, WorksAgainAfterAnErrorAndAReset)
{
    static_cast<void>(refusal(insert("1")));
    assembler.reset();
    given(begin(100), person_relation(), insert("1"));
    EXPECT_EQ(yield<SourceTransaction>(commit(100)).changes.size(), 1U);
}

using TransactionAssemblerDeathTest = AssemblerConversation;

TEST_F(TransactionAssemblerDeathTest, AssertsThatNobodyGoesOnAfterAnError)
{
    static_cast<void>(refusal(insert("1")));
    EXPECT_DEATH(static_cast<void>(assembler.feed(begin(100), 10)), "assertion failed");
}

}  // namespace
}  // namespace casebridge::pgoutput
