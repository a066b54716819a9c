#include "daemon/breaker_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// What the command line shows of transactions that the breaker has stopped.

namespace casebridge::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

hub::StoppedStream stopped()
{
    hub::StoppedStream stream;
    stream.agency = "sp";
    stream.commit_time = "2026-01-01 10:00:00+00";
    stream.when = "2026-01-01 10:00:01+00";
    stream.breaker.since = JournalSeq{117};
    auto& tripped = stream.breaker.tripped;
    tripped.agency = AgencyId{"sp"};
    tripped.commit_lsn = Lsn{0x1A2B3C};
    tripped.xid = Xid{815};
    tripped.findings.push_back({"person", BreakerReason::deleted, 4'000, 500, 10'000});
    tripped.findings.push_back({"home", BreakerReason::truncated, 70, 0, 70});
    tripped.tables.push_back({"sp.person", 3, 4'000, 0});
    tripped.tables.push_back({"sp.home", 0, 0, 70});
    return stream;
}

TEST(BreakerReport, ListsWhatIsStoppedAndWhy)
{
    const auto text = breakers_text({stopped()});
    for (const auto* part : {"sp", "117", "waits", "2026-01-01 10:00:01"})
        EXPECT_THAT(text, HasSubstr(part));
    EXPECT_THAT(
        text, HasSubstr("person: 4000 records deleted, 500 may be within the window (of 10000 linked)")
    );
    EXPECT_THAT(text, HasSubstr("home: the table with 70 linked rows is emptied by TRUNCATE"));
    EXPECT_EQ(breakers_text({}), "no stream is stopped\n");
}

TEST(BreakerReport, ShowsTheTransactionAndTheCommandLineForEachApproval)
{
    const auto text = breaker_text(stopped());
    for (const auto* part :
         {"transaction 815, committed 2026-01-01 10:00:00+00 at 0/1A2B3C",
          "sp.person: 3 changed, 4000 deleted, 0 truncated",
          "casebridge breakers approve sp --breaker 117 --reason \"…\"\n",
          "casebridge breakers approve sp --breaker 117 --deletions hold --reason \"…\"\n"})
        EXPECT_THAT(text, HasSubstr(part));
    EXPECT_THAT(text, Not(HasSubstr("parts of it")));
}

TEST(BreakerReport, SaysWhenTheCountsAreOfAPart)
{
    auto part = stopped();
    part.breaker.tripped.extent = BreakerExtent::part;
    EXPECT_THAT(breaker_text(part), HasSubstr("parts of it before this one are merged"));
}

TEST(BreakerReport, OffersNothingWhereSomebodyHasApproved)
{
    auto approved = stopped();
    approved.breaker.approved = ApprovedDeletions::hold;
    EXPECT_THAT(breaker_text(approved), Not(HasSubstr("breakers approve")));
    EXPECT_THAT(breakers_text({approved}), HasSubstr("approved"));
}

TEST(BreakerReport, IsJsonForPrograms)
{
    const auto list = nlohmann::json::parse(breakers_json({stopped()}));
    EXPECT_EQ(list[0]["breaker"], 117);
    EXPECT_EQ(list[0]["state"], "waits");
    EXPECT_EQ(list[0]["findings"][0]["records"], 4'000);
    EXPECT_EQ(list[0]["findings"][1]["reason"], "truncated");
    const auto shown = nlohmann::json::parse(breaker_json(stopped()));
    EXPECT_EQ(shown["tables"][0]["deleted"], 4'000);
    EXPECT_EQ(shown["commit_lsn"], "0/1A2B3C");
    EXPECT_EQ(shown["xid"], 815);
}

}  // namespace
}  // namespace casebridge::daemon
