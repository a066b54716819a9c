#pragma once

#include "connectors/libpq/connection.hpp"
#include "hub/entry_codec.hpp"
#include "pipeline/bridge_definition.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What waits for a person, what was decided by a rule and what by a person, from the projections: for the
// command line. Times are as the hub's server renders them. All functions read only, use a connection that
// the caller owns, and throw libpq's DatabaseError; HubFailure for what the configuration cannot read.

namespace casebridge::hub {

// One value of a unit, by field. Personal.
struct FieldText {
    std::string field;
    std::optional<std::string> text;  // Empty: no value.

    friend bool operator==(const FieldText&, const FieldText&) = default;
};
using ShownValue = std::vector<FieldText>;

struct ShownVersion {
    JournalSeq seq;
    std::string author;  // Empty: the person's own.
    // A stale form's was put back over what had been delivered: nobody may have meant it.
    enum class Origin { agency, stale_form, person };
    Origin origin = Origin::agency;
    std::optional<ShownValue> value;   // Empty: no longer kept.
    std::optional<PgTime> stamp;       // Empty: the time of change is unknown.
    std::optional<std::string> since;  // When the journal took it; empty when it does not have it any more.
};

struct ShownHold {
    std::string entity;
    RecordId record;
    std::string unit;
    std::string rule;
    std::optional<std::string> since;
    std::vector<std::string> agencies;  // Authors of the open versions, each once.
    std::size_t versions = 0;
};

enum class UnitNow { decided, on_hold };

struct ConflictHead {
    ConflictPlace place;
    std::string entity;
    RecordId record;
    std::string unit;
    std::string agency;  // Whose edit it was.
    enum class Edit { ordinary, stale_form };
    std::string type;
    std::string rule;
    std::string verdict;
    std::optional<JournalSeq> winner;
    std::string decided_at;
    UnitNow now = UnitNow::decided;
    Edit edit = Edit::ordinary;
};

struct ShownDecision {
    JournalSeq seq;
    std::string decided_at;
    std::int64_t request = 0;
    std::optional<std::string> requested_by;
    std::optional<std::string> reason;
    std::string author;  // Empty: the person's own value.
    std::optional<JournalSeq> taken;
    std::optional<ConflictPlace> conflict;
    std::optional<ShownValue> value;   // Empty: no longer kept.
    std::vector<ShownVersion> before;  // What was open.
};

// One unit of one record as it is now, and how it came to be so.
struct ShownUnit {
    std::string entity;
    RecordId record;
    std::string unit;
    std::vector<std::string> fields;
    std::string rule;
    UnitNow now = UnitNow::decided;
    std::vector<ShownVersion> open;  // Ascending by seq.
    std::optional<JournalSeq> stands;
    std::vector<ShownVersion> proposals;   // Those that wait; ascending by seq.
    std::vector<ConflictHead> conflicts;   // Newest first.
    std::vector<ShownDecision> decisions;  // Newest first.
};

struct ShownConflict {
    ConflictHead head;
    std::optional<ShownValue> base;  // Empty: no longer kept.
    std::vector<ShownVersion> versions;
    std::optional<ShownValue> computed = std::nullopt;  // What stood, where that was no version's.
    std::optional<ShownUnit> unit;  // Empty when the record or unit is not there any more.
};

// Oldest first.
[[nodiscard]] boost::asio::awaitable<std::vector<ShownHold>> list_holds(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, std::size_t limit
);

// Nothing when there is no such record, or no such unit of it.
[[nodiscard]] boost::asio::awaitable<std::optional<ShownUnit>> show_unit(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    RecordId record,
    std::string unit
);

// Not an aggregate: g++ 12 destroys one that is a temporary inside a co_await expression twice.
struct ConflictFilter {
    ConflictFilter() {}

    std::size_t limit = 50;
    std::optional<std::string> entity;
    std::optional<RecordId> record;
    std::optional<UnitNow> now;
};

// Newest first.
[[nodiscard]] boost::asio::awaitable<std::vector<ConflictHead>> list_conflicts(
    libpq::Connection& connection, ConflictFilter filter
);

// Nothing when there is no such conflict.
[[nodiscard]] boost::asio::awaitable<std::optional<ShownConflict>> show_conflict(
    libpq::Connection& connection, const pipeline::BridgeDefinition& definition, ConflictPlace place
);

// The versions of a conflict whose value lost: those of another value than the one that stood. Of an edit
// that was reverted or proposed, that edit; where nobody chose, all.
[[nodiscard]] std::vector<ShownVersion> losers_of(const ShownConflict& conflict);

}  // namespace casebridge::hub
