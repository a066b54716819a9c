#include "connectors/pgoutput/decode.hpp"
#include "connectors/pgoutput/transaction_assembler.hpp"
#include "tests/pgoutput/support/golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <span>
#include <string>
#include <vector>

// The captured stream, as a consumer of the room sees it.

namespace casebridge::pgoutput {
namespace {

using test::describe;
using test::GoldenMessage;
using test::read_golden;

const AssemblyLimits unlimited{std::numeric_limits<std::size_t>::max(), std::numeric_limits<std::size_t>::max(), ""};

std::string describe(const RowChange& change)
{
    const auto table = change.relation->schema + "." + change.relation->table;
    const auto old_row = change.old_row ? " from " + describe(*change.old_row) : "";
    switch (change.operation) {
        case RowOperation::insert:
            return "insert " + table + " " + describe(change.new_row);
        case RowOperation::update:
            return "update " + table + old_row + " to " + describe(change.new_row);
        case RowOperation::erase:
            return "erase " + table + old_row;
        case RowOperation::truncate:
            return "truncate " + table;
    }
    return "";
}

// One line for the transaction's head, one for each change and message in the order of their ordinals.
std::vector<std::string> describe(const SourceTransaction& transaction)
{
    std::vector<std::string> lines(1 + transaction.changes.size() + transaction.messages.size());
    lines[0] = transaction.origin ? "transaction of " + transaction.origin->name + " at " +
                                        to_string(transaction.origin->position)
                                  : "transaction";
    for (const auto& change : transaction.changes)
        lines.at(1 + change.ordinal) = describe(change);
    for (const auto& message : transaction.messages)
        lines.at(1 + message.ordinal) = "message " + message.prefix + " " + message.content;
    return lines;
}

std::vector<std::string> describe(const Assembled& assembled)
{
    if (const auto* const message = std::get_if<ImmediateMessage>(&assembled))
        return {
            "immediate message " + message->prefix + " of " + std::to_string(message->content.size()) +
            " bytes"};
    return describe(std::get<SourceTransaction>(assembled));
}

// Feeds the messages up to the first error; `yielded` gets all that comes out.
Result<void> feed_all(
    TransactionAssembler& assembler, std::span<const GoldenMessage> messages, std::vector<Assembled>& yielded
)
{
    for (const auto& golden : messages) {
        auto fed = assembler.feed(*decode_message(golden.bytes), golden.bytes.size());
        if (fed.has_error())
            return fed.error();
        if (fed->has_value())
            yielded.push_back(std::move(**fed));
    }
    return {};
}

// What a stream without mistakes yields.
std::vector<Assembled> assemble(TransactionAssembler& assembler, std::span<const GoldenMessage> messages)
{
    std::vector<Assembled> yielded;
    EXPECT_TRUE(feed_all(assembler, messages, yielded).has_value());
    return yielded;
}

std::vector<std::string> lines_of(const std::vector<Assembled>& yielded)
{
    std::vector<std::string> lines;
    for (const auto& one : yielded)
        for (auto& line : describe(one))
            lines.push_back(std::move(line));
    return lines;
}

const std::vector<std::string> expected_lines{
    "transaction",
    "insert Amt Süd.Bürger 1|Königsallee 7 – Öst|1980-02-29|04109|open|12.50",
    R"(insert Amt Süd.Bürger 2||NULL|NULL|closed, "late"|NULL)",
    "transaction",
    R"(update Amt Süd.Bürger to 2|木 🙂 '"\|NULL|NULL|closed, "late"|NULL)",
    "transaction",
    R"(update Amt Süd.Bürger from 2|ABSENT|ABSENT|ABSENT|ABSENT|ABSENT to 3|木 🙂 '"\|NULL|NULL|closed, "late"|NULL)",
    "transaction",
    "erase Amt Süd.Bürger from 1|ABSENT|ABSENT|ABSENT|ABSENT|ABSENT",
    "transaction",
    "insert public.household 1|A",
    "insert public.household 2|B",
    "insert public.household 3|NULL",
    "insert public.household 4|",
    "transaction",
    "insert public.plan 1|<2100 bytes>",
    "transaction",
    "update public.plan from 1|ABSENT to 2|UNCHANGED",
    "transaction",
    "update public.plan to 2|UNCHANGED",
    "transaction",
    "insert public.plan_full 1|<2100 bytes>",
    "transaction",
    "update public.plan_full from 1|<2100 bytes> to 2|UNCHANGED",
    "transaction",
    "erase public.plan_full from 2|<2100 bytes>",
    "transaction",
    "insert public.member 1|1|Ann|NULL",
    "insert public.member 1|2|NULL|NULL",
    "update public.member to 1|1|Anna|NULL",
    "update public.member from 1|2|ABSENT|ABSENT to 1|3|NULL|NULL",
    "erase public.member from 1|3|ABSENT|ABSENT",
    "transaction",
    "insert public.household 5|E|2",
    "transaction",
    "insert public.log_entry a line",
    "transaction",
    "truncate public.household",
    "truncate public.member",
    "transaction",
    "truncate public.log_entry",
    "transaction",
    "insert public.household 6|NULL|1",
    "message casebridge inside ünd\nso",
    "erase public.household from 6|ABSENT|ABSENT",
    "transaction",
    "message casebridge ",
    "immediate message other of 9 bytes",
    "transaction of casebridge_sp at 0/2A",
    "insert public.household 7|ours|1",
    "transaction of casebridge_sp at 0/2B",
    "message casebridge marker",
    // An update that moves a row into the publication's row filter arrives as an insert, and its out-of-line
    // value does not arrive at all.
    "transaction",
    "insert public.filtered 101|UNCHANGED",
    "transaction",
    "erase public.filtered from 101|ABSENT",
    // The server marks an old row by the identity of the partitioned table, but fills it by the partition's:
    // this NULL is not the value that the row had.
    "transaction",
    "insert public.visit 1|2024|root FULL, partition DEFAULT",
    "transaction",
    "erase public.visit from 1|2024|NULL",
    "transaction",
    "insert public.claim 1|2024|root DEFAULT, partition FULL",
    "transaction",
    "update public.claim from 1|2024|root DEFAULT, partition FULL to 1|2024|changed",
    "transaction",
    "erase public.claim from 1|2024|changed",
};

TEST(GoldenStream, AssemblesToTheTransactionsThatWereCommitted)
{
    TransactionAssembler assembler{unlimited};
    const auto messages = read_golden("messages.hex");
    EXPECT_THAT(lines_of(assemble(assembler, messages)), testing::ElementsAreArray(expected_lines));
}

TEST(GoldenStream, CommitsInTheOrderOfThePositions)
{
    TransactionAssembler assembler{unlimited};
    Lsn behind_last;
    for (const auto& one : assemble(assembler, read_golden("messages.hex")))
        if (const auto* const transaction = std::get_if<SourceTransaction>(&one)) {
            EXPECT_GE(transaction->commit_lsn, behind_last);
            behind_last = transaction->end_lsn;
        }
}

TEST(GoldenStream, AccountsForEveryByte)
{
    TransactionAssembler assembler{unlimited};
    const auto messages = read_golden("messages.hex");
    std::size_t received = 0;
    for (const auto& golden : messages)
        received += golden.bytes.size();
    std::size_t accounted = 0;
    for (const auto& one : assemble(assembler, messages))
        accounted += std::visit([](const auto& yielded) { return yielded.bytes; }, one);
    EXPECT_EQ(accounted, received);
}

TEST(GoldenStream, ShowsTheNewShapeOfATableFromItsNextChangeOn)
{
    TransactionAssembler assembler{unlimited};
    std::vector<std::string> second_columns;
    for (const auto& one : assemble(assembler, read_golden("messages.hex")))
        if (const auto* const transaction = std::get_if<SourceTransaction>(&one))
            for (const auto& change : transaction->changes)
                if (change.relation->table == "household")
                    if (const auto& name = change.relation->columns.at(1).name;
                        second_columns.empty() || second_columns.back() != name)
                        second_columns.push_back(name);
    EXPECT_THAT(second_columns, testing::ElementsAre("label", "title"));
}

TEST(GoldenStream, LeavesNoTraceOfAConnectionThatBrokeAnywhere)
{
    const auto messages = read_golden("messages.hex");
    TransactionAssembler assembler{unlimited};
    for (std::size_t broken_at = 0; broken_at < messages.size(); ++broken_at) {
        static_cast<void>(assemble(assembler, std::span{messages}.first(broken_at)));
        assembler.reset();
        ASSERT_EQ(lines_of(assemble(assembler, messages)), expected_lines) << "broken at " << broken_at;
        assembler.reset();
    }
}

// A message that is lost, doubled or out of order may be noticed or not; what is yielded is well-formed
// always.
TEST(GoldenStream, WithAMessageLostOrDoubledOrSwappedYieldsOnlyRowsThatFitTheirRelation)
{
    const auto messages = read_golden("messages.hex");
    const auto check = [](const std::vector<GoldenMessage>& changed) {
        TransactionAssembler assembler{unlimited};
        std::vector<Assembled> yielded;
        static_cast<void>(feed_all(assembler, changed, yielded));
        for (const auto& one : yielded)
            if (const auto* const transaction = std::get_if<SourceTransaction>(&one))
                for (const auto& change : transaction->changes) {
                    const auto width = change.relation->columns.size();
                    if (change.old_row) {
                        ASSERT_EQ(change.old_row->size(), width);
                    }
                    if (!change.new_row.empty()) {
                        ASSERT_EQ(change.new_row.size(), width);
                    }
                }
    };
    for (std::size_t index = 0; index + 1 < messages.size(); ++index) {
        const auto at = static_cast<std::ptrdiff_t>(index);
        auto lost = messages;
        lost.erase(lost.begin() + at);
        check(lost);
        auto doubled = messages;
        doubled.insert(doubled.begin() + at, messages[index]);
        check(doubled);
        auto swapped = messages;
        std::swap(swapped[index], swapped[index + 1]);
        check(swapped);
    }
}

TEST(GoldenStream, IsRefusedWhenABeginOrACommitIsLost)
{
    const auto messages = read_golden("messages.hex");
    for (std::size_t index = 0; index + 1 < messages.size(); ++index) {
        const auto type = messages[index].bytes.front();
        if (type != std::byte{'B'} && type != std::byte{'C'})
            continue;
        auto lost = messages;
        lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(index));
        TransactionAssembler assembler{unlimited};
        std::vector<Assembled> yielded;
        EXPECT_TRUE(feed_all(assembler, lost, yielded).has_error()) << messages[index].place;
    }
}

}  // namespace
}  // namespace casebridge::pgoutput
