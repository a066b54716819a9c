#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/agency_mismatch.hpp"
#include "connectors/postgres/table_catalog.hpp"
#include "model/error.hpp"
#include "model/ids.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What has to exist in an agency's database before the daemon can work with it, and how to make and remove
// it. Needs a role that owns the tables, may create slots and origins: in practice a superuser, once.

namespace casebridge::postgres {

// What the delivering role must be allowed to execute, as GRANT takes it, separated by `, `.
inline constexpr std::string_view origin_functions =
    "pg_replication_origin_session_setup(text), pg_replication_origin_session_reset(), "
    "pg_replication_origin_session_is_setup(), pg_replication_origin_session_progress(boolean), "
    "pg_replication_origin_xact_setup(pg_lsn, timestamptz), pg_replication_origin_progress(text, boolean), "
    "pg_replication_origin_oid(text)";

struct AgencyNames {
    std::string publication;  // casebridge_<bridge>_<agency>
    std::string slot;         // The same.
    std::string origin;       // casebridge_<bridge>_<agency>_<incarnation>
};

// Slot names consist of [a-z0-9_] and have 63 characters at most: an error for anything else.
[[nodiscard]] Result<AgencyNames> agency_names(
    std::string_view bridge, const AgencyId& agency, std::string_view incarnation
);

// Not an aggregate, for the reason given at libpq::ConnectionOptions.
struct SetupRequest {
    SetupRequest(AgencyNames agency_objects, MappedTables mapped_tables, std::string role)
        : names(std::move(agency_objects)), tables(std::move(mapped_tables)), deliver_role(std::move(role))
    {
    }

    AgencyNames names;
    MappedTables tables;
    std::string deliver_role;
};

struct SetupStep {
    std::string sql;      // One statement without a semicolon.
    std::string purpose;  // One sentence.
};

// Everything for a database that has nothing yet, in order, each in a transaction of its own: the publication
// must exist before the slot, or the slot can never be read.
[[nodiscard]] std::vector<SetupStep> setup_steps(const SetupRequest& request);

// Sentences about schema objects, for the operator.
struct SetupReport {
    std::vector<std::string> done;
    std::vector<std::string> found;    // Was there already.
    std::vector<std::string> notices;  // Left as it is, but worth knowing.
};

// Makes what is missing; may be repeated. Throws AgencyMismatch with all hindrances() before it changes
// anything: what could not succeed, and what would make the agency's own statements fail. Waits for the
// transactions in progress when it makes the slot: set lock_timeout to bound it.
[[nodiscard]] asio::awaitable<SetupReport> set_up(libpq::Connection& connection, SetupRequest request);

// Removes origin, slot and publication where they exist; the grants stay. Throws ServerError 55006 while a
// session uses the origin or the slot; what was removed before stays removed, so it may be repeated.
[[nodiscard]] asio::awaitable<SetupReport> tear_down(libpq::Connection& connection, AgencyNames names);

}  // namespace casebridge::postgres
