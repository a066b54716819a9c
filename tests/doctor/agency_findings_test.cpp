#include "tests/doctor/healthy_bridge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::doctor::test {

using Extent = postgres::PublicationObject::Extent;
using Operations = postgres::PublicationObject::Operations;
using Through = OtherObject::Through;

const std::vector<Case>& agency_cases()
{
    static const Error refused{ErrorClass::permanent, "28000", "", "no", ""};
    // clang-format 14 ends with a segmentation fault on this list.
    // clang-format off
    static const std::vector<Case> cases{
        // Connections
        {"unreachable", [](HealthyBridge& b) {
            b.agency().deliver.reset();
            b.agency().refused.push_back({"deliver", {ErrorClass::transient, "connection_lost", "", "gone", ""}});
        }},
        {"login_refused", [](HealthyBridge& b) {
            b.agency().deliver.reset();
            b.agency().refused.push_back({"deliver", refused});
        }},
        {"replication_refused", [](HealthyBridge& b) { b.agency().replication_error = refused; }},
        {"not_visible", [](HealthyBridge& b) {
            b.agency().not_visible.push_back({"something", {ErrorClass::permanent, "42501", "", "no", "grant it"}});
        }},
        {"connections_differ", [](HealthyBridge& b) { b.agency().capture->database = "old"; }},
        {"tls_off", [](HealthyBridge& b) { b.agency().capture->encrypted = false; }},
        {"tls_unverified", [](HealthyBridge& b) { b.agency().capture->sslmode = "require"; }},
        // Server
        {"server_too_old", [](HealthyBridge& b) { b.agency().objects->server_version = 140020; }},
        {"server_outdated", [](HealthyBridge& b) { b.agency().server->version = 150013; }},
        {"server_is_standby", [](HealthyBridge& b) {
            b.agency().objects->recovery = postgres::AgencyObjects::Recovery::standby;
        }},
        {"wal_level_too_low", [](HealthyBridge& b) { b.agency().objects->wal_level = "replica"; }},
        {"no_free_slot", [](HealthyBridge& b) {
            b.agency().objects->slot.reset();
            b.agency().objects->slots_used = 10;
        }, {"slot_missing"}},
        {"no_free_wal_sender", [](HealthyBridge& b) {
            b.agency().server->slot->active_pid.reset();
            b.agency().server->wal_senders_used = 10;
        }},
        {"no_free_origin", [](HealthyBridge& b) {
            b.agency().server->origin.reset();
            b.agency().server->origins = 10;
        }, {"origin_missing"}},
        {"wal_sender_timeout_unsuited", [](HealthyBridge& b) {
            b.agency().capture->settings["wal_sender_timeout"] = "0";
        }},
        {"wal_unbounded", [](HealthyBridge& b) {
            b.agency().deliver->settings["max_slot_wal_keep_size"] = "-1";
        }},
        {"slots_time_out", [](HealthyBridge& b) {
            b.agency().deliver->settings["idle_replication_slot_timeout"] = "3600";
        }},
        {"durability_off", [](HealthyBridge& b) { b.agency().deliver->settings["fsync"] = "off"; }},
        {"encoding_unknown", [](HealthyBridge& b) { b.agency().server->encoding = "SQL_ASCII"; }},
        {"output_plugin_refused", [](HealthyBridge& b) {
            b.agency().transactions->output_plugins = "test_decoding";
        }},
        {"output_plugins_open", [](HealthyBridge& b) {
            b.agency().transactions->output_plugins = "pgoutput, test_decoding";
        }},
        {"old_transaction", [](HealthyBridge& b) { b.agency().transactions->oldest_seconds = 61; }},
        {"inactive_slot", [](HealthyBridge& b) { b.agency().server->inactive_slots = {{"old", 5}}; }},
        // Sessions and roles
        {"values_logged", [](HealthyBridge& b) { b.agency().deliver->settings["log_statement"] = "mod"; }},
        {"read_only_by_default", [](HealthyBridge& b) {
            b.agency().deliver->settings["default_transaction_read_only"] = "on";
        }},
        {"isolation_raised", [](HealthyBridge& b) {
            b.agency().deliver->settings["default_transaction_isolation"] = "serializable";
        }},
        {"replication_role_changed", [](HealthyBridge& b) {
            b.agency().deliver->settings["session_replication_role"] = "replica";
        }},
        {"role_too_powerful", [](HealthyBridge& b) { b.agency().deliver->role.replication = true; }},
        {"role_owns", [](HealthyBridge& b) { b.agency().deliver_grants->tables[0].owner = true; }},
        {"role_membership", [](HealthyBridge& b) { b.agency().deliver->role.memberships = {"pg_write_all_data"}; }},
        {"role_not_for_replication", [](HealthyBridge& b) { b.agency().capture->role.replication = false; }},
        {"connection_limit_low", [](HealthyBridge& b) { b.agency().capture->role.connection_limit = 1; }},
        {"password_expires", [](HealthyBridge& b) { b.agency().deliver->role.valid_for_seconds = 86'400; }},
        {"grant_missing", [](HealthyBridge& b) {
            b.agency().deliver_grants->tables[0].columns["UPDATE"].erase("town");
        }},
        {"grant_excess", [](HealthyBridge& b) { b.agency().deliver_grants->tables[0].on_table = {"DELETE"}; }},
        {"grant_public", [](HealthyBridge& b) {
            b.agency().deliver_grants->others = {{"TABLE", "app.list", "SELECT", Through::everybody}};
        }},
        {"grant_wide", [](HealthyBridge& b) {
            b.agency().capture_grants->tables[0].columns["SELECT"].insert("secret");
        }},
        // Publication, slot and origin
        {"not_set_up", [](HealthyBridge& b) {
            b.agency().hub_position.reset();
            b.agency().objects->publication.reset();
            b.agency().objects->slot.reset();
            b.agency().server->slot.reset();
        }},
        {"publication_missing", [](HealthyBridge& b) {
            b.agency().objects->publication.reset();
            b.agency().objects->slot.reset();
            b.agency().server->slot.reset();
        }, {"slot_missing"}},
        {"publication_too_wide", [](HealthyBridge& b) {
            b.agency().objects->publication->extent = Extent::schemas_or_all;
            b.agency().objects->publication->tables.clear();
        }},
        {"publication_filters", [](HealthyBridge& b) {
            b.agency().objects->publication->tables[0].extent = postgres::PublishedTable::Extent::part;
        }},
        {"publication_operations", [](HealthyBridge& b) {
            b.agency().objects->publication->operations = Operations::some;
        }},
        {"table_not_published", [](HealthyBridge& b) { b.agency().objects->publication->tables.pop_back(); }},
        {"published_without_mapping", [](HealthyBridge& b) {
            b.agency().objects->publication->tables.push_back(
                {"app", "more", postgres::PublishedTable::Extent::whole, postgres::ReplicaIdentity::none}
            );
        }, {"no_replica_identity"}},
        {"slot_missing", [](HealthyBridge& b) {
            b.agency().objects->slot.reset();
            b.agency().server->slot.reset();
        }},
        {"slot_of_another_kind", [](HealthyBridge& b) {
            b.agency().objects->slot->kind = postgres::SlotObject::Kind::another;
        }},
        {"slot_lost", [](HealthyBridge& b) { b.agency().objects->slot->wal = postgres::SlotObject::Wal::lost; }},
        {"slot_without_publication", [](HealthyBridge& b) { b.agency().objects->publication.reset(); }},
        {"slot_read_by_others", [](HealthyBridge& b) { b.agency().server->slot->reader = "somebody"; }},
        {"wal_budget_low", [](HealthyBridge& b) { b.agency().server->slot->safe_wal_size = 200'000'000; }},
        {"catalog_xmin_old", [](HealthyBridge& b) { b.agency().server->slot->catalog_xmin_age = 100'000'001; }},
        {"server_behind_hub", [](HealthyBridge& b) { b.agency().hub_position = Lsn{1001}; }},
        {"slot_ahead_of_hub", [](HealthyBridge& b) {
            b.agency().server->slot->active_pid.reset();
            b.agency().server->slot->confirmed = Lsn{b.agency().hub_position->value() + 1};
        }},
        {"origin_missing", [](HealthyBridge& b) { b.agency().server->origin.reset(); }},
    };
    // clang-format on
    return cases;
}

namespace {

TEST(AgencyFindings, ASlotThatIsReadMovesOnWhileItIsLookedAt)
{
    HealthyBridge bridge;
    bridge.agency().server->slot->active_pid = 4711;
    bridge.agency().server->slot->confirmed = Lsn{bridge.agency().hub_position->value() + 1};
    EXPECT_FALSE(codes_of(examine(bridge.facts)).contains("slot_ahead_of_hub"));
}

TEST(AgencyFindings, EachHasOneCauseAndNothingElseShows)
{
    expect_each(agency_cases());
}

TEST(AgencyFindings, RemediesOfGrantsAreStatements)
{
    HealthyBridge bridge;
    auto& grants = *bridge.agency().deliver_grants;
    grants.tables[0].columns["UPDATE"] = {"name"};
    grants.tables[0].on_sequence.clear();
    grants.functions_missing = {"pg_replication_origin_oid(text)"};
    grants.others = {
        {"TABLE", "app.a", "SELECT", OtherObject::Through::grant},
        {"TABLE", "app.b", "SELECT", OtherObject::Through::grant}
    };
    std::vector<std::string> remedies;
    const auto subjects = examine_grants(bridge.agency(), bridge.facts.agencies[0].uses);
    for (const auto& finding : subjects[1].findings())
        remedies.push_back(finding.remedy);
    EXPECT_THAT(
        remedies,
        testing::ElementsAre(
            R"(GRANT EXECUTE ON FUNCTION pg_replication_origin_oid(text) TO "writer")",
            R"(GRANT UPDATE ("group_id", "town") ON "app"."client" TO "writer")",
            R"(GRANT USAGE ON SEQUENCE app.client_id_seq TO "writer")",
            R"(REVOKE SELECT ON TABLE app.a, app.b FROM "writer")"
        )
    );
}

TEST(AgencyFindings, DeleteIsNeededWhereTheMappingPermitsItAndTooMuchElsewhere)
{
    HealthyBridge bridge;
    auto& use = bridge.facts.agencies[0].uses[0];
    use.deletes = TableUse::Deletes::possible;
    auto found = examine_grants(bridge.agency(), bridge.facts.agencies[0].uses)[1].findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(std::string{found[0].kind->code}, "grant_missing");
    EXPECT_EQ(found[0].remedy, R"(GRANT DELETE ON "app"."client" TO "writer")");

    bridge.agency().deliver_grants->tables[0].on_table = {"DELETE"};
    found = examine_grants(bridge.agency(), bridge.facts.agencies[0].uses)[1].findings();
    EXPECT_TRUE(found.empty());

    bridge.agency().capture_grants->tables[0].on_table = {"DELETE"};
    found = examine_grants(bridge.agency(), bridge.facts.agencies[0].uses)[0].findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(std::string{found[0].kind->code}, "grant_excess");
}

TEST(AgencyFindings, AWideGrantOnATableIsNarrowedByTwoStatements)
{
    HealthyBridge bridge;
    auto& table = bridge.agency().capture_grants->tables[1];
    table.on_table = {"SELECT"};
    table.columns["SELECT"] = {"id", "remark"};
    const auto findings = examine_grants(bridge.agency(), bridge.facts.agencies[0].uses)[0].findings();
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(
        findings[0].remedy,
        R"(REVOKE SELECT ON "app"."group" FROM "reader"; GRANT SELECT ("id") ON "app"."group" TO "reader")"
    );
}

TEST(AgencyFindings, ASuperuserIsOneFindingAndNotAHundred)
{
    HealthyBridge bridge;
    bridge.agency().deliver->role.superuser = true;
    bridge.agency().deliver_grants->tables[0].owner = true;
    EXPECT_THAT(codes_of(examine(bridge.facts)), testing::ElementsAre("role_too_powerful"));
}

TEST(AgencyFindings, BypassrlsIsTooMuchOnlyWhereNoTableNeedsIt)
{
    HealthyBridge bridge;
    bridge.agency().capture->role.bypassrls = true;
    bridge.agency().deliver->role.bypassrls = true;
    EXPECT_EQ(codes_of(examine(bridge.facts)).count("role_too_powerful"), 2U);
    bridge.table().row_security = true;
    EXPECT_THAT(codes_of(examine(bridge.facts)), testing::IsEmpty());
}

TEST(AgencyFindings, VersionsWithKnownBugsOfDecodingAreOutdated)
{
    EXPECT_TRUE(is_outdated(150013));
    EXPECT_FALSE(is_outdated(150014));
    EXPECT_TRUE(is_outdated(160009));
    EXPECT_TRUE(is_outdated(170005));
    EXPECT_FALSE(is_outdated(180000));
}

}  // namespace
}  // namespace casebridge::doctor::test
