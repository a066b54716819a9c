#include "tests/pgoutput/differential/decoded_stream.hpp"
#include "tests/pgoutput/differential/decoding_text.hpp"
#include "tests/pgoutput/differential/workload.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

// The same random transactions, read by three slots of a real server: pgoutput in protocol 1 through the
// decoder and the assembler, pgoutput in protocol 2 with streaming through the decoder, and test_decoding
// through a parser of its own. All three say the same.

namespace casebridge::pgoutput {
namespace {

using test::Change;
using test::Field;
using test::Fields;
using test::Transaction;

// How often the things occurred that make this worth while.
struct Seen {
    std::map<std::string, int> kinds;
    std::map<std::string, int> types;
    int transactions = 0;
    int nulls = 0;
    int unchanged = 0;
    int key_changes = 0;
    int truncate_options = 0;
    int messages = 0;
    int streamed = 0;
    int aborted_parts = 0;

    void count(const Change& change)
    {
        ++kinds[change.kind];
        truncate_options += change.options.empty() ? 0 : 1;
        key_changes += change.kind == "UPDATE" && !change.old_row.empty() ? 1 : 0;
        for (const auto& field : change.new_row) {
            nulls += field.state == Field::State::null ? 1 : 0;
            unchanged += field.state == Field::State::unchanged ? 1 : 0;
            if (field.state == Field::State::text)
                ++types[field.type];
        }
    }

    void count(const Transaction& transaction)
    {
        ++transactions;
        messages += static_cast<int>(transaction.messages.size());
        for (const auto& change : transaction.changes)
            count(change);
    }
};

class Differential : public testing::Test {
protected:
    void SetUp() override
    {
        casebridge::test::sql(conninfo_, test::workload_schema());
        create_slot("whole", "pgoutput");
        create_slot("streamed", "pgoutput");
        create_slot("text", "test_decoding");
    }

    void create_slot(const std::string& name, const std::string& plugin) const
    {
        casebridge::test::sql(
            conninfo_, "SELECT pg_create_logical_replication_slot('" + name + "', '" + plugin + "')"
        );
    }

    [[nodiscard]] std::vector<test::Bytes> payloads(const std::string& slot, const std::string& options) const
    {
        std::vector<test::Bytes> payloads;
        for (const auto& row : casebridge::test::sql(
                 conninfo_,
                 "SELECT encode(data, 'hex') FROM pg_logical_slot_get_binary_changes('" + slot +
                     "', NULL, NULL, 'publication_names', 'everything', 'messages', 'true', " + options + ")"
             ))
            payloads.push_back(test::wire(row.at(0).value()));
        return payloads;
    }

    [[nodiscard]] std::vector<Transaction> by_test_decoding() const
    {
        std::vector<std::string> lines;
        for (auto& row : casebridge::test::sql(
                 conninfo_, "SELECT data FROM pg_logical_slot_get_changes('text', NULL, NULL)"
             ))
            lines.push_back(std::move(row.at(0).value()));
        auto transactions = test::parse_decoding_text(lines);
        // pgoutput of PostgreSQL 15 sends no generated columns.
        for (auto& transaction : transactions)
            for (auto& change : transaction.changes)
                for (auto* const row : {&change.old_row, &change.new_row})
                    std::erase_if(*row, [](const Field& field) { return field.column == "twice"; });
        return transactions;
    }

    [[nodiscard]] test::TypeNames type_names() const
    {
        test::TypeNames names;
        for (const auto& row :
             casebridge::test::sql(conninfo_, "SELECT oid, format_type(oid, NULL) FROM pg_type"))
            names[TypeOid{static_cast<std::uint32_t>(std::stoul(row.at(0).value()))}] = row.at(1).value();
        return names;
    }

    void compare(int seed)
    {
        test::Workload workload{static_cast<std::uint32_t>(seed)};
        for (const auto& script : workload.transactions(60))
            casebridge::test::sql(conninfo_, script);
        const auto types = type_names();
        const auto expected = by_test_decoding();
        const auto whole = test::read_protocol_1(payloads("whole", "'proto_version', '1'"), types);
        const auto streamed =
            test::read_protocol_2(payloads("streamed", "'proto_version', '2', 'streaming', 'on'"), types);
        expect_same(expected, whole);
        expect_same(expected, streamed.transactions);
        for (const auto& transaction : expected)
            seen_.count(transaction);
        seen_.streamed += streamed.streamed;
        seen_.aborted_parts += streamed.aborted_parts;
    }

    static void expect_same(const std::vector<Transaction>& expected, const std::vector<Transaction>& read)
    {
        ASSERT_EQ(expected.size(), read.size());
        for (std::size_t index = 0; index < expected.size(); ++index)
            ASSERT_TRUE(expected[index] == read[index])
                << "test_decoding: " << describe(expected[index]) << "pgoutput: " << describe(read[index]);
    }

    // 64 kB is the least; many transactions are larger and are streamed.
    casebridge::test::Cluster cluster_{
        {.settings = {"logical_decoding_work_mem = 64kB", "max_prepared_transactions = 64"}}};
    std::string conninfo_ = cluster_.conninfo();
    Seen seen_;
};

TEST_F(Differential, TheDecoderSaysWhatTestDecodingSays)
{
    for (int seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        ASSERT_NO_FATAL_FAILURE(compare(seed));
    }
    // Otherwise the workload would have lost its point.
    for (const auto* const kind : {"INSERT", "UPDATE", "DELETE", "TRUNCATE"})
        EXPECT_GT(seen_.kinds[kind], 20) << kind;
    EXPECT_GT(seen_.types.size(), 30U);
    EXPECT_GT(seen_.transactions, 200);
    EXPECT_GT(seen_.nulls, 100);
    EXPECT_GT(seen_.unchanged, 50);
    EXPECT_GT(seen_.key_changes, 20);
    EXPECT_GT(seen_.truncate_options, 10);
    EXPECT_GT(seen_.messages, 10);
    EXPECT_GT(seen_.streamed, 30);
    EXPECT_GT(seen_.aborted_parts, 5);
}

}  // namespace
}  // namespace casebridge::pgoutput
