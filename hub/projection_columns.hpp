#pragma once

#include "hub/row_set.hpp"

#include <array>
#include <string_view>

// The columns of the projections' tables, in the order in which hub/projection_rows.cpp gives their values.
// Of this room only.

namespace casebridge::hub::columns {

[[nodiscard]] constexpr Column key(std::string_view name, std::string_view type)
{
    return {name, type, ColumnUse::key, {}};
}

[[nodiscard]] constexpr Column data(
    std::string_view name, std::string_view type, std::string_view expression = {}
)
{
    return {name, type, ColumnUse::data, expression};
}

// Microseconds of model/pg_time.hpp as a time of the server.
inline constexpr std::string_view requested_at =
    "timestamptz '2000-01-01 00:00:00+00' + n.requested_at * interval '1 microsecond'";
inline constexpr std::string_view deadline =
    "timestamptz '2000-01-01 00:00:00+00' + n.deadline * interval '1 microsecond'";
inline constexpr std::string_view paused_until =
    "timestamptz '2000-01-01 00:00:00+00' + n.paused_until * interval '1 microsecond'";

inline constexpr std::array record{
    key("id", "bigint"),
    data("entity", "text"),
    data("last_seq", "bigint"),
    data("state", "json"),
    data("golden", "jsonb"),
    data("lacking", "text", "n.lacking::text[]"),
};
inline constexpr std::array link{
    key("agency", "text"),
    key("table_name", "text"),
    key("local_key", "text"),
    data("record", "bigint"),
    data("state", "text"),
    data("since", "bigint"),
};
inline constexpr std::array identity{
    key("entity", "text"), key("rule", "text"), key("key", "text"), key("record", "bigint")};
inline constexpr std::array reference{key("target", "bigint"), key("record", "bigint")};
inline constexpr std::array waiting{
    key("agency", "text"), key("table_name", "text"), key("local_key", "text"), key("record", "bigint")};
inline constexpr std::array hold{key("record", "bigint"), key("unit", "text"), data("since", "bigint")};
inline constexpr std::array departure{
    key("record", "bigint"),
    key("agency", "text"),
    key("table_name", "text"),
    data("state", "text"),
    data("since", "bigint"),
};
inline constexpr std::array proposal{
    key("record", "bigint"),
    key("unit", "text"),
    key("agency", "text"),
    data("seq", "bigint"),
};
inline constexpr std::array refusal{
    key("record", "bigint"),
    key("agency", "text"),
    key("table_name", "text"),
    data("code", "text"),
    data("place", "text"),
    data("skipped", "bigint"),
};
inline constexpr std::array conflict{
    key("seq", "bigint"),
    key("position", "int"),
    key("agency", "text"),
    key("entity", "text"),
    key("record", "bigint"),
    key("unit", "text"),
    key("type", "text"),
    key("rule", "text"),
    key("verdict", "text"),
    key("winner", "bigint"),
    key("versions", "jsonb"),
    // The seq again: when it was decided is what the journal says, a rebuild gives the same.
    data("decided_at", "bigint", "(SELECT recorded_at FROM casebridge.journal j WHERE j.seq = n.decided_at)"),
};
inline constexpr std::array decision{
    key("seq", "bigint"),
    key("entity", "text"),
    key("record", "bigint"),
    key("unit", "text"),
    key("request", "bigint"),
    key("rule", "text"),
    key("author", "text"),
    key("taken", "bigint"),
    key("conflict_seq", "bigint"),
    key("conflict_position", "bigint"),
    key("versions", "jsonb"),
    data("decided_at", "bigint", "(SELECT recorded_at FROM casebridge.journal j WHERE j.seq = n.decided_at)"),
};
inline constexpr std::array parked{
    key("agency", "text"),
    key("table_name", "text"),
    key("local_key", "text"),
    data("rows", "bigint"),
    data("code", "text"),
    data("place", "text"),
    data("record", "bigint"),
    data("commit_lsn", "pg_lsn"),
    data("envelope", "jsonb"),
    data("payload", "jsonb"),
    data("since", "bigint"),
    data("skipped", "bigint"),
};
inline constexpr std::array match{
    key("agency", "text"),
    key("table_name", "text"),
    key("local_key", "text"),
    key("record", "bigint"),
    key("verdict", "text"),
};
inline constexpr std::array row_key{
    key("agency", "text"), key("table_name", "text"), key("local_key", "text")};
inline constexpr std::array agency{
    key("agency", "text"),
    data("end_lsn", "pg_lsn"),
    data("seen", "bigint"),
    data("swept", "boolean"),
    data("inside_lsn", "pg_lsn"),
    data("inside_ordinal", "bigint"),
    data("paused_seq", "bigint"),
    data(
        "paused_since",
        "bigint",
        "(SELECT recorded_at FROM casebridge.journal j WHERE j.seq = n.paused_since)"
    ),
    data("paused_by", "text"),
    data("paused_reason", "text"),
    data("paused_until", "bigint", paused_until),
    data("breaker_seq", "bigint"),
    data(
        "breaker_since",
        "bigint",
        "(SELECT recorded_at FROM casebridge.journal j WHERE j.seq = n.breaker_since)"
    ),
    data("breaker_approved", "text"),
    data("breaker", "jsonb")};
inline constexpr std::array table{
    key("agency", "text"),
    key("table_name", "text"),
    data("survey", "text"),
    data("surveyed_to", "text"),
    data("truncated_at", "bigint")};

inline constexpr std::array request{
    key("id", "bigint"),
    data("kind", "text"),
    data("agency", "text"),
    data("requested_by", "text"),
    data("session_role", "text"),
    data("reason", "text"),
    data("requested_at", "bigint", requested_at),
    data("deadline", "bigint", deadline),
    data("outcome", "text"),
    data("answer", "text"),
    data("seq", "bigint"),
    data("answered_at", "bigint", "(SELECT recorded_at FROM casebridge.journal j WHERE j.seq = n.seq)"),
};

}  // namespace casebridge::hub::columns
