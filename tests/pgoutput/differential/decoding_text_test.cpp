#include "tests/pgoutput/differential/decoding_text.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

// The judge of the differential test is tested by itself.

namespace casebridge::pgoutput::test {
namespace {

using State = Field::State;

Change only_change(const std::string& row)
{
    const auto transactions = parse_decoding_text({"BEGIN 733", row, "COMMIT 733"});
    EXPECT_EQ(transactions.at(0).xid, 733U);
    return transactions.at(0).changes.at(0);
}

TEST(DecodingText, GivesColumnsTypesAndValues)
{
    const auto change = only_change(
        "table public.t: INSERT: id[integer]:-1 \"it's \"\"a\"\" [x]:\"[text]:'it''s [y]: ''z''' "
        "n[text]:null "
        "l[text]:unchanged-toast-datum b[boolean]:true v[bit varying]:B'101' a[integer[]]:'{1,2}' "
        "e[\"s\"\"].x\".\"t]:\"[]]:'v'"
    );
    EXPECT_EQ(change.kind, "INSERT");
    EXPECT_EQ(change.schema, "public");
    EXPECT_EQ(change.table, "t");
    const auto expected = Fields{
        {"id",              "integer",                State::text,      "-1"           },
        {"it's \"a\" [x]:", "text",                   State::text,      "it's [y]: 'z'"},
        {"n",               "text",                   State::null,      ""             },
        {"l",               "text",                   State::unchanged, ""             },
        {"b",               "boolean",                State::text,      "t"            },
        {"v",               "bit varying",            State::text,      "101"          },
        {"a",               "integer[]",              State::text,      "{1,2}"        },
        {"e",               "\"s\"\"].x\".\"t]:\"[]", State::text,      "v"            },
    };
    EXPECT_EQ(change.new_row, expected);
}

TEST(DecodingText, TellsOldFromNew)
{
    const auto update =
        only_change("table a.\"B.c\": UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2");
    EXPECT_EQ(update.table, "B.c");
    EXPECT_EQ(
        update.old_row,
        (Fields{
            {"id", "integer", State::text, "1"}
    })
    );
    EXPECT_EQ(
        update.new_row,
        (Fields{
            {"id", "integer", State::text, "2"}
    })
    );
    const auto erase = only_change("table a.b: DELETE: id[integer]:1");
    EXPECT_EQ(
        erase.old_row,
        (Fields{
            {"id", "integer", State::text, "1"}
    })
    );
    EXPECT_TRUE(erase.new_row.empty());
}

TEST(DecodingText, GivesATruncateForEachTable)
{
    const auto transactions = parse_decoding_text(
        {"BEGIN 1",
         "table a.b, \"c, d\".e: TRUNCATE: restart_seqs cascade",
         "table a.b: TRUNCATE: (no-flags)",
         "COMMIT 1"}
    );
    const auto& changes = transactions.at(0).changes;
    ASSERT_EQ(changes.size(), 3U);
    EXPECT_EQ(changes[1].schema, "c, d");
    EXPECT_EQ(changes[1].options, " restart_seqs cascade");
    EXPECT_EQ(changes[2].options, "");
}

TEST(DecodingText, GivesMessagesAndLeavesOutEmptyTransactions)
{
    const auto transactions = parse_decoding_text(
        {"BEGIN 1",
         "COMMIT 1",
         "BEGIN 2",
         "message: transactional: 1 prefix: p, sz: 4 content:a, b",
         "COMMIT 2"}
    );
    ASSERT_EQ(transactions.size(), 1U);
    EXPECT_EQ(transactions[0].messages, (std::vector<std::string>{"p: a, b"}));
}

TEST(DecodingText, RefusesWhatItDoesNotUnderstand)
{
    for (const auto* const row :
         {"what",
          "table a.b: MERGE: x[integer]:1",
          "table a.b: INSERT: x[integer]:'1",
          "table a.b: INSERT: x[integer"}) {
        EXPECT_THROW(static_cast<void>(parse_decoding_text({row})), std::runtime_error) << row;
    }
}

}  // namespace
}  // namespace casebridge::pgoutput::test
