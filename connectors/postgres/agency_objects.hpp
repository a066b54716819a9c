#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/table_catalog.hpp"
#include "model/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What there is at an agency's server of what set-up makes, and of what it would publish; and the judgement
// whether set-up may go on. Both `setup` and `doctor` stand on it, so that neither knows more than the other.

namespace casebridge::postgres {

enum class Presence { missing, there };

// How the server tells which row a published UPDATE or DELETE meant.
enum class ReplicaIdentity {
    none,         // Published, every UPDATE and DELETE of the table fails, the agency's own included.
    without_key,  // An index that does not hold the key column.
    with_key,
    full,
};

// Somebody else's publication of one of our tables, and what in it makes the agency's own UPDATE or DELETE
// fail.
struct OtherPublication {
    enum class Uncovered { nothing, by_column_list, by_row_filter };

    std::string name;
    Uncovered uncovered = Uncovered::nothing;
};

struct PublishableTable {
    enum class Kind { missing, ordinary, other };
    enum class Persistence { logged, not_logged };

    std::string schema;
    std::string table;
    Kind kind = Kind::missing;
    Persistence persistence = Persistence::logged;
    ReplicaIdentity identity = ReplicaIdentity::none;
    Presence children = Presence::missing;  // Tables that inherit from it.
    std::vector<OtherPublication> others;

    [[nodiscard]] std::string name() const { return schema + "." + table; }
};

struct PublishedTable {
    enum class Extent { whole, part };  // A part: a column list or a row filter.

    std::string schema;
    std::string table;
    Extent extent = Extent::whole;
    ReplicaIdentity identity = ReplicaIdentity::none;  // Never without_key: no key is known of it.

    [[nodiscard]] std::string name() const { return schema + "." + table; }
};

struct PublicationObject {
    enum class Extent { named_tables, schemas_or_all };
    enum class Operations { all, some };

    Extent extent = Extent::named_tables;
    Operations operations = Operations::all;  // insert, update, delete and truncate
    std::vector<PublishedTable> tables;       // Of named_tables; by name.

    [[nodiscard]] bool publishes(std::string_view schema, std::string_view table) const;
};

struct SlotObject {
    enum class Kind { ours, another };  // Ours: pgoutput, this database, permanent, no two-phase commits.
    enum class Wal { kept, lost };

    Kind kind = Kind::ours;
    Wal wal = Wal::kept;
};

struct AgencyObjects {
    enum class Recovery { primary, standby };

    int server_version = 0;  // As PostgreSQL counts: 150020 is 15.20.
    Recovery recovery = Recovery::primary;
    std::string wal_level;
    std::int64_t slots_max = 0;
    std::int64_t slots_used = 0;
    std::vector<PublishableTable> tables;  // In the order of the mappings.
    std::optional<PublicationObject> publication;
    std::optional<SlotObject> slot;
};

// Publication and slot of this name, and the mapped tables. Reads the system catalogs only, which every role
// may: a fixed number of queries in one round trip, whatever the number of tables.
[[nodiscard]] asio::awaitable<AgencyObjects> read_agency_objects(
    libpq::Connection& connection, std::string name, MappedTables tables
);

// Why set-up must not go on: it could not succeed, or what it publishes would make the agency's own
// statements fail. All of it, each with its place and remedy; empty if nothing stands in the way. `name` is
// that of publication and slot.
[[nodiscard]] std::vector<Error> hindrances(const AgencyObjects& objects, const std::string& name);

}  // namespace casebridge::postgres
