#include "tests/doctor/healthy_bridge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::doctor::test {

using Kind = postgres::PublishableTable::Kind;
using Uncovered = postgres::OtherPublication::Uncovered;
using Fires = TriggerFacts::Fires;

namespace {

void mismatch(HealthyBridge& bridge, const std::string& code)
{
    bridge.agency().mapping_mismatches->push_back(
        {ErrorClass::permanent, code, "app.client.name", "it is so", "change it"}
    );
}

}  // namespace

const std::vector<Case>& table_cases()
{
    // clang-format 14 ends with a segmentation fault on this list.
    // clang-format off
    static const std::vector<Case> cases{
        {"table_missing", [](HealthyBridge& b) {
            b.object().kind = Kind::missing;
            b.agency().objects->publication->tables.erase(b.agency().objects->publication->tables.begin());
            b.agency().tables.front().reset();
        }},
        {"not_a_table", [](HealthyBridge& b) { b.object().kind = Kind::other; }},
        {"not_logged", [](HealthyBridge& b) {
            b.object().persistence = postgres::PublishableTable::Persistence::not_logged;
        }},
        {"inherited_table", [](HealthyBridge& b) { b.object().children = postgres::Presence::there; }},
        {"no_replica_identity", [](HealthyBridge& b) { b.object().identity = postgres::ReplicaIdentity::none; }},
        {"replica_identity_full", [](HealthyBridge& b) { b.object().identity = postgres::ReplicaIdentity::full; }},
        {"published_by_others", [](HealthyBridge& b) { b.object().others = {{"theirs", Uncovered::nothing}}; }},
        {"others_publication_uncovered", [](HealthyBridge& b) {
            b.object().others = {{"theirs", Uncovered::by_row_filter}};
        }, {"published_by_others"}},
        {"column_missing", [](HealthyBridge& b) { mismatch(b, "column_missing"); }},
        {"column_generated", [](HealthyBridge& b) { mismatch(b, "column_generated"); }},
        {"key_not_unique", [](HealthyBridge& b) { mismatch(b, "key_not_unique"); }},
        {"key_without_sequence", [](HealthyBridge& b) { mismatch(b, "key_without_sequence"); }},
        {"not_a_document", [](HealthyBridge& b) { mismatch(b, "not_a_document"); }},
        {"not_an_array", [](HealthyBridge& b) { mismatch(b, "not_an_array"); }},
        {"overlapping_paths", [](HealthyBridge& b) { mismatch(b, "overlapping_paths"); }},
        {"delete_cascades", [](HealthyBridge& b) { mismatch(b, "delete_cascades"); }},
        {"row_security", [](HealthyBridge& b) { b.table().row_security = true; }},
        {"trigger_on_delivery", [](HealthyBridge& b) {
            b.table().triggers = {{"stamp", "BEFORE UPDATE", Fires::on_delivery}};
        }},
        {"trigger_left_out", [](HealthyBridge& b) {
            b.table().triggers = {{"stamp", "BEFORE UPDATE", Fires::in_replica_sessions_only}};
        }},
        {"rule_on_written_table", [](HealthyBridge& b) { b.table().rules = {"old_rule"}; }},
        {"constraint_deferrable", [](HealthyBridge& b) { b.table().uniques.push_back({"late", {"name"}, true}); }},
        {"constraint_unique", [](HealthyBridge& b) { b.table().uniques.push_back({"once", {"name"}, false}); }},
        {"identity_always_updated", [](HealthyBridge& b) { b.table().columns[1].identity_always = true; }},
        {"column_never_filled", [](HealthyBridge& b) { b.table().columns[5].not_null = true; }},
        {"foreign_key_not_mapped", [](HealthyBridge& b) {
            b.table().foreign_keys.push_back({"town_fkey", {"town"}, "app.town"});
        }},
        {"survey_without_index", [](HealthyBridge& b) { b.table().key_in_survey_order = false; }},
    };
    // clang-format on
    return cases;
}

namespace {

TEST(TableFindings, EachHasOneCauseAndNothingElseShows)
{
    expect_each(table_cases());
}

TEST(TableFindings, WhatOnlyAWriterMeetsIsNoFindingOfATableThatIsOnlyRead)
{
    HealthyBridge bridge;
    auto& only_read = *bridge.agency().tables[1];
    only_read.triggers = {
        {"stamp", "BEFORE UPDATE", Fires::on_delivery}
    };
    only_read.rules = {"old_rule"};
    only_read.columns = {
        {"other", true, false, false}
    };
    EXPECT_THAT(codes_of(examine(bridge.facts)), testing::IsEmpty());
}

TEST(TableFindings, AMappedColumnThatNobodyMayFillFailsInspiteOfItsDefault)
{
    HealthyBridge bridge;
    bridge.use().provided.erase("town");
    bridge.table().columns[2] = {"town", true, true, false};
    EXPECT_THAT(codes_of(examine(bridge.facts)), testing::ElementsAre("column_never_filled"));
    bridge.use().inserts = TableUse::Inserts::never;
    EXPECT_THAT(codes_of(examine(bridge.facts)), testing::Not(testing::Contains("column_never_filled")));
}

TEST(TableFindings, AReferenceToAnotherTableThanTheForeignKeysIsFound)
{
    HealthyBridge bridge;
    bridge.table().foreign_keys[0].referenced = "app.old_group";
    EXPECT_THAT(codes_of(examine(bridge.facts)), testing::ElementsAre("foreign_key_not_mapped"));
}

}  // namespace
}  // namespace casebridge::doctor::test
