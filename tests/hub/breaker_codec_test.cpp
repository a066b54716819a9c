#include "hub/decision_payload.hpp"
#include "hub/entry_codec.hpp"
#include "tests/hub/sample_bridge.hpp"

#include <gtest/gtest.h>

// How transactions that the breaker has stopped, and approvals of them, are stored.

namespace casebridge::hub {
namespace {

BreakerTripped tripped()
{
    BreakerTripped tripped;
    tripped.agency = AgencyId{"sp"};
    tripped.commit_lsn = Lsn{0x500};
    tripped.xid = Xid{4'000'000'000};
    tripped.commit_time = PgTime{7};
    tripped.findings.push_back({"of another configuration", BreakerReason::truncated, 40, 0, 40});
    tripped.tables.push_back({"sp.gone", 1, 2, 3});
    return tripped;
}

TEST(BreakerCodec, NamesThatTheConfigurationDoesNotHaveAreReadAllTheSame)
{
    const auto bridge = test::sample_bridge();
    const EntryCodec codec{bridge};
    EntryRow row;
    codec.encode({JournalSeq{3}, tripped()}, row);
    EXPECT_FALSE(row.payload.has_value()) << "nothing of it is personal";
    EXPECT_EQ(
        row.envelope,
        R"({"v":1,"commit_lsn":"0/500","xid":4000000000,"commit_time":7,"extent":"whole",)"
        R"("findings":[{"entity":"of another configuration","reason":"truncated","records":40,"limit":0,"linked":40}],)"
        R"("tables":[{"table":"sp.gone","changed":1,"deleted":2,"truncated":3}]})"
    );
    const auto decoded = codec.decode(row);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().place;
    EXPECT_EQ(std::get<BreakerTripped>(std::get<Entry>(*decoded).body), tripped());
}

TEST(BreakerCodec, AnApprovalIsReadAsItWasAskedFor)
{
    const AgencyId sp{"sp"};
    for (const auto deletions : {ApprovedDeletions::follow, ApprovedDeletions::hold}) {
        const auto read = read_approval(sp, approval_payload({sp, JournalSeq{117}, deletions}));
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->agency, sp);
        EXPECT_EQ(read->breaker, JournalSeq{117});
        EXPECT_EQ(read->deletions, deletions);
    }
    EXPECT_EQ(
        approval_payload({sp, JournalSeq{117}, ApprovedDeletions::hold}),
        R"({"breaker":117,"deletions":"hold"})"
    );
}

TEST(BreakerCodec, AnythingElseIsNoApproval)
{
    for (const auto* payload :
         {"",
          "{}",
          R"({"breaker": 117})",
          R"({"breaker": "117", "deletions": "hold"})",
          R"({"breaker": 117, "deletions": "skip"})",
          R"({"breaker": 117, "deletions": "hold", "more": 1})"})
        EXPECT_FALSE(read_approval(AgencyId{"sp"}, payload).has_value()) << payload;
}

}  // namespace
}  // namespace casebridge::hub
