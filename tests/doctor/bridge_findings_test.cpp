#include "tests/doctor/healthy_bridge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::doctor::test {

using std::chrono::microseconds;

namespace {

void set_clock(AgencyFacts& agency, std::int64_t offset_us, std::int64_t way_us)
{
    agency.server->clock = {
        {microseconds{0}, microseconds{way_us / 2 + offset_us}, microseconds{way_us}}
    };
}

}  // namespace

const std::vector<Case>& bridge_cases()
{
    static const std::vector<Case> cases{
        {"database_shared",
         [](HealthyBridge& b) {
             b.other().capture->system_identifier = "11";
             b.other().deliver->system_identifier = "11";
         }                                                                                                  },
        {"encoding_narrow",  [](HealthyBridge& b) { b.agency().server->encoding = "LATIN1"; }               },
        {"clock_apart",      [](HealthyBridge& b) { set_clock(b.other(), -1'000'300, 200); }                },
        {"clock_unsure",     [](HealthyBridge& b) { set_clock(b.other(), 0, 2'100'000); }                   },
        {"hub_empty",
         [](HealthyBridge& b) {
             b.facts.hub.schema_version = 0;
             b.facts.hub.may_create_schema = true;
         }                                                                                                  },
        {"hub_schema_old",   [](HealthyBridge& b) { b.facts.hub.schema_version = 2; }                       },
        {"hub_schema_newer", [](HealthyBridge& b) { b.facts.hub.schema_version = 4; }                       },
        {"hub_not_utf8",     [](HealthyBridge& b) { b.facts.hub.server->encoding = "LATIN1"; }              },
        {"hub_role_lacks",   [](HealthyBridge& b) { b.facts.hub.owns_schema = false; }                      },
        {"hub_unarchived",   [](HealthyBridge& b) { b.facts.hub.session->settings["archive_mode"] = "off"; }},
    };
    return cases;
}

namespace {

TEST(BridgeFindings, AHealthyBridgeHasNone)
{
    HealthyBridge bridge;
    const auto report = examine(bridge.facts);
    EXPECT_THAT(codes_of(report), testing::IsEmpty());
    EXPECT_EQ(report.servers.size(), 3U);
}

TEST(BridgeFindings, EachHasOneCauseAndNothingElseShows)
{
    expect_each(bridge_cases());
}

TEST(BridgeFindings, ClocksDoNotMatterWhereNoRuleComparesThem)
{
    HealthyBridge bridge;
    set_clock(bridge.other(), 3'600'000'000, 200);
    bridge.facts.skew_bound.reset();
    EXPECT_THAT(codes_of(examine(bridge.facts)), testing::IsEmpty());
}

TEST(BridgeFindings, ADifferenceWithinTheBoundIsNone)
{
    HealthyBridge bridge;
    set_clock(bridge.other(), 999'000, 200);
    EXPECT_THAT(codes_of(examine(bridge.facts)), testing::IsEmpty());
}

TEST(ClockOffset, IsThatOfTheShortestWayWithHalfTheWayAsDoubt)
{
    const std::vector<ClockSample> samples{
        {microseconds{0},      microseconds{9'000},  microseconds{10'000}},
        {microseconds{20'000}, microseconds{20'600}, microseconds{20'200}},
    };
    const auto offset = clock_offset(samples);
    ASSERT_TRUE(offset.has_value());
    EXPECT_EQ(offset->offset, microseconds{500});
    EXPECT_EQ(offset->uncertainty, microseconds{101});
    EXPECT_FALSE(clock_offset({}).has_value());
}

TEST(BridgeFindings, WhatWasNotReadHasNotPassed)
{
    HealthyBridge bridge;
    auto& unread = bridge.agency();
    unread.server.reset();
    unread.objects.reset();
    unread.transactions.reset();
    unread.mapping_mismatches.reset();
    unread.tables.clear();
    unread.capture_grants.reset();
    unread.deliver_grants.reset();
    bridge.facts.hub.schema_version.reset();
    const auto report = examine(bridge.facts);
    EXPECT_THAT(codes_of(report), testing::IsEmpty());
    for (const auto& subject : report.servers.front().subjects)
        for (const auto code : subject.passed())
            EXPECT_TRUE(
                subject.place().starts_with("role ") || subject.place().starts_with("connection") ||
                subject.place() == "replication login" || code == "database_shared"
            ) << code;
    const auto& schema = report.servers.back().subjects.back();
    EXPECT_EQ(schema.place(), "schema casebridge");
    EXPECT_THAT(schema.passed(), testing::ElementsAre("hub_role_lacks"));
}

TEST(BridgeFindings, AServerThatDoesNotAnswerHidesNothingOfTheOthers)
{
    HealthyBridge bridge;
    auto& gone = bridge.agency();
    const Error error{ErrorClass::transient, "connection_lost", "", "gone", ""};
    gone.capture.reset();
    gone.deliver.reset();
    gone.server.reset();
    gone.objects.reset();
    gone.refused = {
        {"capture", error},
        {"deliver", error}
    };
    const auto report = examine(bridge.facts);
    EXPECT_THAT(codes_of(report), testing::ElementsAre("unreachable", "unreachable"));
    EXPECT_TRUE(report.only_unreachable());
    bridge.other().server->origin.reset();
    EXPECT_FALSE(examine(bridge.facts).only_unreachable());
}

}  // namespace
}  // namespace casebridge::doctor::test
