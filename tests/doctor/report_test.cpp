#include "doctor/report.hpp"

#include "tests/doctor/healthy_bridge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace casebridge::doctor::test {
namespace {

using testing::HasSubstr;
using testing::Not;

Report spoiled()
{
    HealthyBridge bridge;
    bridge.agency().server->inactive_slots = {
        {"old", 5}
    };
    bridge.object().identity = postgres::ReplicaIdentity::none;
    return examine(bridge.facts);
}

TEST(ReportText, NamesTheWorstFirstAndIsShortAboutNotes)
{
    const auto text = report_text(spoiled(), Detail::findings);
    EXPECT_THAT(
        text,
        HasSubstr(
            "one, PostgreSQL 15.20, clock 0 ms ahead of ours (± 0.101 ms): 1 error, 0 warnings, 1 note; "
        )
    );
    EXPECT_THAT(text, HasSubstr("  error no_replica_identity: app.client: "));
    EXPECT_LT(text.find("no_replica_identity"), text.find("inactive_slot"));
    EXPECT_THAT(text, HasSubstr("UPDATE and DELETE of the agency's own application fail"));
    EXPECT_THAT(text, Not(HasSubstr("pg_drop_replication_slot")));
    EXPECT_THAT(text, Not(HasSubstr("  ok: ")));
    EXPECT_THAT(text, HasSubstr("bridge b: 1 error, 0 warnings, 1 note\n"));
}

TEST(ReportText, TellsOnRequestWhatWasExaminedAndIsWell)
{
    const auto text = report_text(spoiled(), Detail::everything);
    EXPECT_THAT(text, HasSubstr("pg_drop_replication_slot"));
    EXPECT_THAT(
        text,
        HasSubstr("  ok: app.client: none of table_missing, not_a_table, not_logged, inherited_table, "
                  "replica_identity_full")
    );
}

TEST(ReportJson, HasTheDocumentedShape)
{
    const auto json = nlohmann::json::parse(report_json(spoiled()));
    EXPECT_EQ(json["bridge"], "b");
    EXPECT_EQ(json["errors"], 1);
    EXPECT_EQ(json["warnings"], 0);
    EXPECT_EQ(json["notes"], 1);
    ASSERT_EQ(json["servers"].size(), 3U);
    const auto& one = json["servers"][0];
    EXPECT_EQ(one["server"], "one");
    EXPECT_EQ(one["version"], "15.20");
    EXPECT_DOUBLE_EQ(one["clock"]["uncertainty_ms"].get<double>(), 0.101);
    ASSERT_EQ(one["findings"].size(), 2U);
    for (const auto* key : {"severity", "code", "place", "cause", "effect", "remedy"})
        EXPECT_FALSE(one["findings"][0][key].get<std::string>().empty()) << key;
    EXPECT_EQ(json["servers"][2]["server"], "hub");
    EXPECT_FALSE(one["passed"].empty());
}

}  // namespace
}  // namespace casebridge::doctor::test
