#pragma once

#include "connectors/libpq/query_result.hpp"
#include "hub/case_queries.hpp"
#include "hub/stored_json.hpp"
#include "pipeline/record.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

// How conflicts, decisions and versions are read from the projections. Of this room only. What is stored
// otherwise than it is written throws Unreadable or nlohmann's exceptions (hub/stored_json.hpp).

namespace casebridge::hub {

// Columns as head_at() reads them.
inline constexpr auto conflicts_sql =
    "SELECT c.seq, c.position, c.entity, c.record, c.unit, c.agency, c.type, c.rule, c.verdict, c.winner,"
    " c.decided_at, EXISTS (SELECT FROM casebridge.hold h WHERE h.record = c.record AND h.unit = c.unit) AS "
    "held,"
    " c.versions ? 'stale_form' AS stale_form, c.versions FROM casebridge.conflict c";

// Columns as decision_at() reads them, and the unit in column 10.
inline constexpr auto decisions_sql =
    "SELECT d.seq, d.decided_at, d.request, r.requested_by, r.reason, d.author, d.taken, d.conflict_seq,"
    " d.conflict_position, d.versions, d.unit FROM casebridge.decision d"
    " LEFT JOIN casebridge.request r ON r.id = d.request";

[[nodiscard]] ConflictHead head_at(const libpq::QueryResult& rows, std::size_t row);
[[nodiscard]] ShownDecision decision_at(const libpq::QueryResult& rows, std::size_t row);

// A stored value, `{"field": "text"}`.
[[nodiscard]] ShownValue value_of(const Json& object);
// The one under a member; nothing when it was erased.
[[nodiscard]] std::optional<ShownValue> value_in(const Json& object, const char* member);
[[nodiscard]] std::vector<ShownVersion> versions_in(const Json& document);

[[nodiscard]] ShownValue shown(const UnitValue& value, const std::vector<std::string>& fields);
[[nodiscard]] ShownVersion shown(const Version& version, const std::vector<std::string>& fields);

// What the record itself says of the unit.
[[nodiscard]] ShownUnit unit_of(
    const pipeline::BridgeDefinition& definition, const pipeline::Record& record, UnitIndex unit
);

// Those of the records that there are.
[[nodiscard]] boost::asio::awaitable<std::map<RecordId, pipeline::Record>> load_records(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, std::vector<RecordId> records
);

}  // namespace casebridge::hub
