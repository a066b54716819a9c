#pragma once

#include "model/ids.hpp"
#include "model/lsn.hpp"
#include "model/pg_time.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// One committed transaction of an agency, as its logical replication stream shows it, free of any wire format.

namespace casebridge {

struct RelationColumn {
    std::string name;
    TypeOid type;
    std::int32_t modifier = -1;
    bool in_replica_identity = false;

    friend bool operator==(const RelationColumn&, const RelationColumn&) = default;
};

enum class ReplicaIdentity : char {
    by_default = 'd',
    nothing = 'n',
    full = 'f',
    index = 'i',
};

// Shape of a table at the moment of a change. Shared by all changes up to the next schema change.
struct Relation {
    RelationOid oid;
    std::string schema;
    std::string table;
    ReplicaIdentity replica_identity = ReplicaIdentity::by_default;
    std::vector<RelationColumn> columns;

    friend bool operator==(const Relation&, const Relation&) = default;
};

// One column of a row. Absence is a state, never a default: `unchanged` means that the server did not send a value
// stored out of line (TOAST) because the change left it alone; `absent` means that it was not sent at all (the
// non-identity columns of a key-only old row).
struct Cell {
    enum class State : std::uint8_t { null, unchanged, absent, text };

    State state = State::absent;
    std::string text;  // The server's text rendering; only for State::text. Personal.

    friend bool operator==(const Cell&, const Cell&) = default;
};

using Tuple = std::vector<Cell>;  // As many cells as the relation has columns.

enum class RowOperation : std::uint8_t { insert, update, erase, truncate };

struct RowChange {
    std::shared_ptr<const Relation> relation;  // Never null.
    RowOperation operation = RowOperation::insert;
    std::uint32_t ordinal = 0;                 // Position inside the transaction, from 0; messages count too.
    std::optional<Tuple> old_row;              // Key cells (others absent), or the full row under identity FULL.
    Tuple new_row;                             // Empty for erase and truncate.
};

// A message written by pg_logical_emit_message. Anybody may write one: untrusted input.
struct LogicalMessage {
    std::uint32_t ordinal = 0;
    std::string prefix;
    std::string content;
};

// Set when a replication origin wrote the transaction: ours, or any other replication's.
struct Origin {
    std::string name;
    Lsn position;  // The LSN given to pg_replication_origin_xact_setup; in our own lanes a journal seq.
};

// A transaction too large to be held whole comes in parts, one behind the other, each with its own changes.
enum class Portion : std::uint8_t {
    whole,
    more_follows,
    last,
};

struct SourceTransaction {
    Xid xid;
    Portion portion = Portion::whole;
    Lsn commit_lsn;      // Start of the commit record. With the ordinal it identifies a change.
    Lsn end_lsn;         // First byte behind the commit record: what is resumed from and acknowledged. 0 while
                         // more follows.
    PgTime commit_time;  // By the agency's clock; for a transaction of ours the time we passed.
    std::optional<Origin> origin;
    std::vector<RowChange> changes;
    std::vector<LogicalMessage> messages;
    std::size_t bytes = 0;  // Bytes received for it: what memory bounds count.
};

}  // namespace casebridge
