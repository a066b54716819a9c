#pragma once

#include "connectors/postgres/agency_objects.hpp"
#include "connectors/postgres/agency_setup.hpp"
#include "model/error.hpp"
#include "model/ids.hpp"
#include "model/lsn.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// What an examination knows of the servers, as the catalogs say it. Plain data: readers fill it, judges read
// it, tests make it by hand.

namespace casebridge::doctor {

// One question for the server's time; our clock before and after it. All since 1970-01-01 UTC.
struct ClockSample {
    std::chrono::microseconds before{};
    std::chrono::microseconds server{};
    std::chrono::microseconds after{};
};

// The server's clock is `offset` ahead of ours, give or take `uncertainty`.
struct ClockOffset {
    std::chrono::microseconds offset{};
    std::chrono::microseconds uncertainty{};
};

// From the sample with the shortest way; nothing without samples.
[[nodiscard]] std::optional<ClockOffset> clock_offset(const std::vector<ClockSample>& samples);

struct RoleFacts {
    std::string name;
    bool superuser = false;
    bool createdb = false;
    bool createrole = false;
    bool replication = false;
    bool bypassrls = false;
    std::optional<std::int64_t> connection_limit;
    std::optional<std::int64_t> valid_for_seconds;  // Until the password expires; negative: it has.
    std::vector<std::string> memberships;           // Roles whose rights it has or can take.
};

// What a session of ours is like.
struct SessionFacts {
    std::string connection;  // `capture`, `deliver`, `setup` or `hub`: the key in the configuration.
    std::string database;
    std::string system_identifier;
    bool encrypted = false;
    bool remote = false;  // Over a network, loopback not counted.
    std::string sslmode;
    RoleFacts role;
    std::map<std::string, std::string, std::less<>> settings;  // As far as the role may see them.

    // `on` or the like; empty if the setting does not exist or is not visible.
    [[nodiscard]] std::string setting(std::string_view name) const;
    // Of a setting in its base unit; nothing if it does not exist, is not visible or is no number.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
};

struct HeldSlot {
    std::string name;
    std::int64_t held_bytes = 0;
};

// Of the slot that is ours by name.
struct SlotUse {
    std::optional<std::int64_t> active_pid;
    std::string reader;                         // Role; empty where nobody reads.
    std::optional<std::int64_t> safe_wal_size;  // Bytes that may still be written; nothing without a limit.
    std::string wal_status;
    std::int64_t catalog_xmin_age = 0;
    std::optional<Lsn> confirmed = {};  // What its readers have confirmed.
};

// The server as a whole, read over one session.
struct ServerFacts {
    int version = 0;  // As PostgreSQL counts: 150020 is 15.20.
    bool standby = false;
    std::string encoding;
    std::int64_t wal_senders_used = 0;
    std::int64_t standbys = 0;  // Physical ones that are connected.
    std::int64_t origins = 0;
    std::optional<std::string> origin;  // The name that was looked for, if it exists.
    Lsn flushed;
    std::vector<HeldSlot> inactive_slots;  // Of others.
    std::optional<SlotUse> slot;
    std::vector<ClockSample> clock;
};

// Transactions of all sessions, of which a role may see the ages only with pg_read_all_stats.
struct TransactionFacts {
    enum class View { complete, own_sessions_only };

    View view = View::complete;
    std::optional<std::int64_t> oldest_seconds;
    std::optional<std::int64_t> oldest_pid;  // Nothing: a prepared transaction.
    std::optional<std::string>
        output_plugins;  // Setting output_plugin_libraries where it exists and is seen.
    bool output_plugins_hidden = false;
};

struct OtherObject {
    enum class Through { grant, everybody, other };  // other: membership or ownership.

    std::string kind;  // `TABLE`, `SEQUENCE`, `SCHEMA`, `DATABASE`, `FUNCTION` or `PARAMETER`, as in GRANT.
    std::string name;  // Quoted.
    std::string privileges;  // `SELECT, INSERT`.
    Through through = Through::grant;
};

struct TableGrants {
    bool owner = false;  // The role is the owner or a member of it.
    bool schema_usage = false;
    std::set<std::string, std::less<>> on_table;  // `SELECT`, for all columns.
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>>
        columns;                              // By privilege; all that is effective.
    std::optional<std::string> key_sequence;  // Quoted; of the key column.
    std::set<std::string, std::less<>> on_sequence;

    [[nodiscard]] bool permits(std::string_view privilege, std::string_view column) const;
};

// What a role may do, effectively.
struct GrantFacts {
    std::vector<TableGrants> tables;  // In the order of the uses; a missing table has nothing.
    std::vector<OtherObject> others;  // Everything else that it may do something with and need not.
    std::vector<std::string> functions_missing;  // Signatures.
};

struct TriggerFacts {
    enum class Fires { on_delivery, in_replica_sessions_only };

    std::string name;
    std::string events;  // `BEFORE INSERT OR UPDATE`.
    Fires fires = Fires::on_delivery;
};

struct ColumnFacts {
    std::string name;
    bool not_null = false;
    bool filled_by_server = false;  // By default, identity or generation.
    bool identity_always = false;
};

struct ConstraintFacts {
    std::string name;
    std::vector<std::string> columns;
    bool deferrable = false;
};

struct ForeignKeyFacts {
    std::string name;
    std::vector<std::string> columns;
    std::string referenced;  // schema.table
};

// Of one mapped table that exists.
struct TableFacts {
    bool row_security = false;
    bool key_in_survey_order = false;  // Some index gives the rows in the order in which a survey reads them.
    std::vector<TriggerFacts> triggers;
    std::vector<std::string> rules;  // On INSERT or UPDATE, enabled for our sessions.
    std::vector<ColumnFacts> columns;
    std::vector<ConstraintFacts> uniques;  // Unique and exclusion, indexes without constraint too.
    std::vector<ForeignKeyFacts> foreign_keys;
};

// A connection that could not be had, or a question that was not answered.
struct Unread {
    std::string what;
    Error error;
};

struct AgencyFacts {
    std::string agency;
    std::string name;                   // Of publication and slot.
    std::optional<std::string> origin;  // Its name; nothing while the hub is not known.
    std::optional<Lsn> hub_position;    // The hub has read the agency's stream up to here.
    std::optional<SessionFacts> capture;
    std::optional<SessionFacts> deliver;
    std::optional<SessionFacts> setup;
    std::vector<Unread> refused;             // Of the connections `capture` and `deliver`.
    std::optional<Error> replication_error;  // Of the login as a walsender.
    std::vector<Unread> not_visible;
    std::optional<ServerFacts> server;
    std::optional<postgres::AgencyObjects> objects;
    std::optional<std::vector<Error>> mapping_mismatches;  // What the daemon's sessions would refuse.
    std::optional<TransactionFacts> transactions;
    std::optional<GrantFacts> capture_grants;
    std::optional<GrantFacts> deliver_grants;
    std::vector<std::optional<TableFacts>> tables;      // In the order of the uses; empty if not read.
    std::map<MappingIndex, std::string> mapped_tables;  // schema.table of each mapping of the agency.
};

struct HubFacts {
    std::optional<SessionFacts> session;
    std::vector<Unread> refused;
    std::optional<ServerFacts> server;
    std::optional<int> schema_version;  // 0: there is no schema; nothing: it was not read.
    int schema_known = 0;               // To this program.
    bool may_create_schema = false;
    bool owns_schema = false;
    std::string incarnation;               // Empty before the schema exists.
    std::map<std::string, Lsn> positions;  // Of agencies that were read.
};

}  // namespace casebridge::doctor
