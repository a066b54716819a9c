#include "tests/postgres/agency_world.hpp"

#include "connectors/pgoutput/decode.hpp"
#include "connectors/pgoutput/transaction_assembler.hpp"
#include "tests/support/process.hpp"

#include <variant>

namespace casebridge::postgres::test {
namespace {

using casebridge::test::Cluster;
using casebridge::test::ClusterOptions;

const char* to_string(Sample sample)
{
    switch (sample) {
        case Sample::sp:
            return "sp";
        case Sample::es:
            break;
    }
    return "es";
}

void run_script(const Cluster& cluster, const std::string& database, const std::string& path)
{
    const auto status = casebridge::test::run(
        {"psql",
         "-XqAt",
         "-v",
         "ON_ERROR_STOP=1",
         "-d",
         cluster.conninfo(database),
         "-f",
         CASEBRIDGE_SOURCE_DIR "/examples/" + path},
        "/dev/null"
    );
    if (status != 0)
        throw std::runtime_error("psql failed on " + path);
}

std::unique_ptr<Cluster> make_cluster()
{
    ClusterOptions options;
    options.settings = {
        "max_replication_slots = 60", "synchronous_commit = local", "synchronous_standby_names = 'nobody'"};
    auto cluster = std::make_unique<Cluster>(options);
    for (const auto sample : {Sample::sp, Sample::es}) {
        const std::string name = to_string(sample);
        const auto database = "template_" + name;
        casebridge::test::sql(cluster->conninfo(), "CREATE DATABASE " + database);
        run_script(*cluster, database, "roles.sql");
        run_script(*cluster, database, name + "/schema.sql");
        run_script(*cluster, database, name + "/grants.sql");
    }
    return cluster;
}

mapping::TableMapping table_of(MappingIndex index, std::string agency, std::string schema, std::string table)
{
    mapping::TableMapping mapping;
    mapping.index = index;
    mapping.agency = AgencyId{std::move(agency)};
    mapping.schema = std::move(schema);
    mapping.table = std::move(table);
    mapping.key_column = "id";
    return mapping;
}

std::vector<std::byte> from_hex(const std::string& hex)
{
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    return bytes;
}

}  // namespace

Cluster& agency_cluster()
{
    static const auto cluster = make_cluster();
    return *cluster;
}

mapping::TableMapping household_mapping()
{
    auto mapping = table_of(household, "sp", "sp", "household");
    mapping.new_key = mapping::NewKey::sequence;
    mapping.slots = {
        {"reference_no",  {}},
        {"city",          {}},
        {"status",        {}},
        {"poverty_score", {}},
        {"registered_on", {}}
    };
    return mapping;
}

mapping::TableMapping person_mapping()
{
    auto mapping = table_of(person, "sp", "sp", "person");
    mapping.new_key = mapping::NewKey::sequence;
    mapping.slots = {
        {"household_id", {}},
        {"full_name",    {}},
        {"birth_date",   {}},
        {"national_id",  {}},
        {"phone",        {}},
        {"able_bodied",  {}}
    };
    return mapping;
}

mapping::TableMapping seeker_mapping()
{
    auto mapping = table_of(seeker, "es", "jobs", "JobSeeker");
    mapping.slots = {
        {"first_name", {}                 },
        {"last_name",  {}                 },
        {"nin",        {}                 },
        {"status",     {}                 },
        {"contact",    {"phone", "mobile"}},
        {"contact",    {"email"}          },
        {"contact",    {"address", "city"}}
    };
    mapping.on_insert = {
        {"created_by", "casebridge"},
        {"office",     "HQ"        }
    };
    return mapping;
}

mapping::TableMapping barrier_mapping()
{
    auto mapping = table_of(barrier, "es", "jobs", "barrier");
    mapping.slots = {
        {"seeker_id", {}},
        {"kind",      {}},
        {"noted_on",  {}}
    };
    return mapping;
}

Agency::Agency(Sample sample)
{
    static int counter = 0;
    const std::string name = to_string(sample);
    database_ = name + "_" + std::to_string(++counter);
    names_ = agency_names(database_, AgencyId{name}, "1").value();
    casebridge::test::sql(
        agency_cluster().conninfo(), "CREATE DATABASE " + database_ + " TEMPLATE template_" + name
    );
    switch (sample) {
        case Sample::sp:
            mappings_.push_back(std::make_unique<mapping::TableMapping>(household_mapping()));
            mappings_.push_back(std::make_unique<mapping::TableMapping>(person_mapping()));
            break;
        case Sample::es:
            mappings_.push_back(std::make_unique<mapping::TableMapping>(seeker_mapping()));
            mappings_.push_back(std::make_unique<mapping::TableMapping>(barrier_mapping()));
            break;
    }
    for (const auto& step : setup_steps(setup_request()))
        sql(step.sql);
}

Agency::~Agency()
{
    try {
        sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '" +
            names_.slot + "'");
        casebridge::test::sql(agency_cluster().conninfo(), "DROP DATABASE " + database_ + " WITH (FORCE)");
    } catch (const std::runtime_error&) {
        // The cluster goes with the process.
    }
}

std::string Agency::admin() const
{
    return agency_cluster().conninfo(database_);
}

libpq::ConnectionOptions Agency::as(const std::string& role) const
{
    return libpq::ConnectionOptions{agency_cluster().conninfo(database_, role)};
}

LaneOptions Agency::lane() const
{
    return LaneOptions{as("casebridge_deliver"), names_.origin, tables()};
}

SetupRequest Agency::setup_request() const
{
    return SetupRequest{names_, tables(), "casebridge_deliver"};
}

MappedTables Agency::tables() const
{
    MappedTables tables;
    for (const auto& mapping : mappings_)
        tables.push_back(mapping.get());
    return tables;
}

std::vector<SourceTransaction> Agency::read_stream()
{
    const auto rows =
        sql("SET datestyle = 'ISO, MDY'; SET timezone = 'UTC'; SET extra_float_digits = 3; "
            "SELECT encode(data, 'hex') FROM pg_logical_slot_get_binary_changes('" +
            names_.slot + "', NULL, NULL, 'proto_version', '1', 'publication_names', '" + names_.publication +
            "', 'messages', 'true')");
    pgoutput::TransactionAssembler assembler{{}};
    std::vector<SourceTransaction> transactions;
    for (const auto& row : rows) {
        const auto bytes = from_hex(row.at(0).value());
        auto fed = assembler.feed(pgoutput::decode_message(bytes).value(), bytes.size()).value();
        if (fed && std::holds_alternative<SourceTransaction>(*fed))
            transactions.push_back(std::get<SourceTransaction>(std::move(*fed)));
    }
    return transactions;
}

}  // namespace casebridge::postgres::test
