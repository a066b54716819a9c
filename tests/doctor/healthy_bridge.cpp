#include "tests/doctor/healthy_bridge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace casebridge::doctor::test {
namespace {

SessionFacts session(const std::string& connection, const std::string& role, const std::string& system)
{
    SessionFacts facts;
    facts.connection = connection;
    facts.database = "app";
    facts.system_identifier = system;
    facts.encrypted = true;
    facts.remote = true;
    facts.sslmode = "verify-full";
    facts.role.name = role;
    facts.settings = {
        {"max_wal_senders",                   "10"            },
        {"max_replication_slots",             "10"            },
        {"max_slot_wal_keep_size",            "1024"          },
        {"wal_sender_timeout",                "60000"         },
        {"autovacuum_freeze_max_age",         "200000000"     },
        {"fsync",                             "on"            },
        {"full_page_writes",                  "on"            },
        {"archive_mode",                      "on"            },
        {"default_transaction_read_only",     "off"           },
        {"default_transaction_isolation",     "read committed"},
        {"session_replication_role",          "origin"        },
        {"log_statement",                     "none"          },
        {"log_min_duration_statement",        "-1"            },
        {"log_min_duration_sample",           "-1"            },
        {"log_parameter_max_length",          "-1"            },
        {"log_parameter_max_length_on_error", "0"             },
    };
    return facts;
}

ClockSample sample(std::int64_t offset_us)
{
    using std::chrono::microseconds;
    return {microseconds{1'000'000}, microseconds{1'000'100 + offset_us}, microseconds{1'000'200}};
}

ServerFacts server()
{
    ServerFacts facts;
    facts.version = 150020;
    facts.encoding = "UTF8";
    facts.wal_senders_used = 1;
    facts.origins = 1;
    facts.flushed = Lsn{1000};
    facts.clock = {sample(0)};
    return facts;
}

postgres::AgencyObjects objects(const std::vector<TableUse>& uses)
{
    postgres::AgencyObjects found;
    found.server_version = 150020;
    found.wal_level = "logical";
    found.slots_max = 10;
    found.slots_used = 1;
    found.publication.emplace();
    found.slot.emplace();
    for (const auto& use : uses) {
        postgres::PublishableTable table;
        table.schema = use.mapping->schema;
        table.table = use.mapping->table;
        table.kind = postgres::PublishableTable::Kind::ordinary;
        table.identity = postgres::ReplicaIdentity::with_key;
        found.tables.push_back(table);
        found.publication->tables.push_back(
            {table.schema,
             table.table,
             postgres::PublishedTable::Extent::whole,
             postgres::ReplicaIdentity::with_key}
        );
    }
    return found;
}

std::unique_ptr<mapping::TableMapping> mapping_of(const std::string& table, MappingIndex index)
{
    auto made = std::make_unique<mapping::TableMapping>();
    made->index = index;
    made->agency = AgencyId{"one"};
    made->schema = "app";
    made->table = table;
    made->key_column = "id";
    return made;
}

TableFacts client_facts()
{
    TableFacts facts;
    facts.key_in_survey_order = true;
    facts.columns = {
        {"id",       true,  true,  false},
        {"name",     true,  false, false},
        {"town",     false, false, false},
        {"group_id", true,  false, false},
        {"office",   true,  false, false},
        {"secret",   false, false, false},
        {"since",    true,  true,  false},
    };
    facts.uniques = {
        {"client_pkey", {"id"}, false}
    };
    facts.foreign_keys = {
        {"client_group_fkey", {"group_id"}, "app.group"}
    };
    return facts;
}

GrantFacts grants(const std::vector<TableUse>& uses, bool writes)
{
    GrantFacts facts;
    for (const auto& use : uses) {
        TableGrants table;
        table.schema_usage = true;
        const auto held = [&](const std::string& privilege, const std::set<std::string>& columns) {
            if (!columns.empty())
                table.columns[privilege] = {columns.begin(), columns.end()};
        };
        held("SELECT", writes ? use.compared : use.surveyed);
        if (writes) {
            held("INSERT", use.inserted);
            held("UPDATE", use.updated);
        }
        if (use.mapping->new_key == mapping::NewKey::sequence) {
            table.key_sequence = "app.client_id_seq";
            if (writes)
                table.on_sequence = {"USAGE"};
        }
        facts.tables.push_back(std::move(table));
    }
    return facts;
}

void fill(AgencyNeeds& agency, const std::string& name, const std::string& system)
{
    auto& facts = agency.facts;
    facts.agency = name;
    facts.name = "casebridge_b_" + name;
    facts.origin = facts.name + "_1";
    facts.hub_position = Lsn{900};
    facts.capture = session("capture", "reader", system);
    facts.capture->role.replication = true;
    facts.deliver = session("deliver", "writer", system);
    facts.server = server();
    facts.server->origin = facts.origin;
    facts.server->slot =
        SlotUse{.active_pid = 7, .reader = "reader", .safe_wal_size = 900'000'000, .wal_status = "reserved"};
    facts.objects = objects(agency.uses);
    facts.transactions.emplace();
    facts.mapping_mismatches.emplace();
    facts.capture_grants = grants(agency.uses, false);
    facts.deliver_grants = grants(agency.uses, true);
    for (const auto& use : agency.uses)
        facts.mapped_tables.emplace(use.mapping->index, use.mapping->name());
}

}  // namespace

HealthyBridge::HealthyBridge()
{
    mappings_.push_back(mapping_of("client", MappingIndex{0}));
    mappings_.push_back(mapping_of("group", MappingIndex{1}));
    auto& client = *mappings_[0];
    client.new_key = mapping::NewKey::sequence;
    client.slots = {
        {"name",     {}},
        {"town",     {}},
        {"group_id", {}}
    };
    client.on_insert = {
        {"office", "HQ"}
    };
    mapping::MappedUnit unit;
    unit.bindings.push_back({
        2, {0    },
         mapping::ReferenceCodec{ EntityIndex{1}, MappingIndex{1}, true}
    });
    client.units.push_back(unit);

    TableUse use;
    use.mapping = &client;
    use.surveyed = {"id", "name", "town", "group_id"};
    use.compared = use.surveyed;
    use.updated = {"name", "town", "group_id"};
    use.inserted = {"id", "name", "town", "group_id", "office"};
    use.provided = use.inserted;
    use.inserts = TableUse::Inserts::possible;
    TableUse group;
    group.mapping = mappings_[1].get();
    group.surveyed = {"id"};

    facts.bridge = "b";
    facts.skew_bound = std::chrono::seconds{1};
    facts.agencies.resize(2);
    facts.agencies[0].uses = {use, group};
    fill(facts.agencies[0], "one", "11");
    fill(facts.agencies[1], "two", "22");
    TableFacts group_facts;
    group_facts.key_in_survey_order = true;
    agency().tables = {client_facts(), group_facts};
    facts.hub.session = session("hub", "owner", "33");
    facts.hub.server = server();
    facts.hub.schema_version = 3;
    facts.hub.schema_known = 3;
    facts.hub.owns_schema = true;
    facts.hub.incarnation = "1";
}

Codes codes_of(const Report& report)
{
    Codes codes;
    for (const auto& server : report.servers)
        for (const auto& subject : server.subjects)
            for (const auto& finding : subject.findings()) {
                codes.emplace(finding.kind->code);
                EXPECT_FALSE(finding.cause.empty()) << finding.kind->code;
                EXPECT_FALSE(finding.remedy.empty()) << finding.kind->code;
            }
    return codes;
}

void expect_each(const std::vector<Case>& cases)
{
    for (const auto& spoiled : cases) {
        HealthyBridge bridge;
        spoiled.spoil(bridge);
        auto expected = spoiled.besides;
        expected.insert(spoiled.code);
        const auto found = codes_of(examine(bridge.facts));
        EXPECT_THAT(std::set<std::string>(found.begin(), found.end()), testing::ContainerEq(expected))
            << "in the case of " << spoiled.code;
    }
}

}  // namespace casebridge::doctor::test
