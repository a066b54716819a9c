#pragma once

#include "model/ids.hpp"
#include "model/lsn.hpp"
#include "model/pg_time.hpp"
#include "model/source_transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// The messages of pgoutput protocol 1 with the option `messages`, as values that hold exactly what the bytes
// say (docs/pgoutput.md has the grammar). casebridge::Origin and casebridge::Relation are messages as they
// are. any_message.hpp has those of later protocols.

namespace casebridge::pgoutput {

struct Begin {
    Lsn final_lsn;  // Start of the commit record; the Commit says the same.
    PgTime commit_time;
    Xid xid;
};

struct Commit {
    Lsn commit_lsn;
    Lsn end_lsn;
    PgTime commit_time;
};

// Announces a type that is not built in. For a domain the server sends the domain's oid with the name of its
// base.
struct Type {
    TypeOid oid;
    std::string schema;  // Empty for pg_catalog, as in Relation.
    std::string name;
};

// Cells of a decoded row are never `absent`: that only the relation can tell (see TransactionAssembler).
struct OldRow {
    enum class Kind : char { key = 'K', full = 'O' };

    Kind kind = Kind::key;
    Tuple cells;
};

// A cell may be `unchanged` even here: an update that moves a row into a row filter is sent as an insert.
struct Insert {
    RelationOid relation;
    Tuple new_row;
};

struct Update {
    RelationOid relation;
    std::optional<OldRow> old_row;
    Tuple new_row;
};

struct Delete {
    RelationOid relation;
    OldRow old_row;
};

struct Truncate {
    bool cascade = false;
    bool restart_identity = false;
    std::vector<RelationOid> relations;
};

// Written by pg_logical_emit_message.
struct EmittedMessage {
    enum class Kind : std::uint8_t { immediate = 0, transactional = 1 };

    Kind kind = Kind::immediate;
    Lsn lsn;  // Of the message's own WAL record.
    std::string prefix;
    std::string content;  // Any bytes.
};

using Message =
    std::variant<Begin, Commit, Origin, Relation, Type, Insert, Update, Delete, Truncate, EmittedMessage>;

// PostgreSQL's name of the message, such as `Insert`, for places and errors.
[[nodiscard]] const char* message_name(const Message& message) noexcept;

}  // namespace casebridge::pgoutput
