#pragma once

#include "connectors/pgoutput/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

// The messages that protocols 2 to 4 add to those of protocol 1, as values that hold exactly what the bytes
// say. They are types of their own, so what is made for protocol 1 (TransactionAssembler) cannot be handed
// one.

namespace casebridge::pgoutput {

// Opens a streamed block: a part of a transaction that is sent while it still runs. Blocks do not nest.
struct StreamStart {
    enum class Segment : std::uint8_t { later = 0, first = 1 };

    Xid xid;  // Of the top-level transaction.
    Segment segment = Segment::later;
};

struct StreamStop {};

// A message inside a streamed block. It holds a Relation, Type, Insert, Update, Delete, Truncate or a
// transactional EmittedMessage, never another kind.
struct StreamedMessage {
    Xid xid;  // Of the subtransaction that it belongs to, or of the top-level one.
    Message message;
};

// A streamed transaction was committed.
struct StreamCommit {
    Xid xid;
    Lsn commit_lsn;
    Lsn end_lsn;
    PgTime commit_time;
};

// A streamed transaction was rolled back (`subxid` is `xid`), or only a part of it.
struct StreamAbort {
    // Sent under `streaming = parallel` only.
    struct Point {
        Lsn lsn;
        PgTime time;
    };

    Xid xid;
    Xid subxid;
    std::optional<Point> aborted_at;
};

// What the messages about a prepared transaction say alike.
struct PreparedTransaction {
    Lsn prepare_lsn;
    Lsn end_lsn;  // Behind the prepare record.
    PgTime prepare_time;
    Xid xid;
    std::string gid;  // Chosen by whoever prepared it: untrusted text.
};

// Begin and Prepare enclose the changes of a transaction that was not streamed.
struct BeginPrepare {
    PreparedTransaction transaction;
};

struct Prepare {
    PreparedTransaction transaction;
};

// A streamed transaction was prepared.
struct StreamPrepare {
    PreparedTransaction transaction;
};

struct CommitPrepared {
    Lsn commit_lsn;
    Lsn end_lsn;
    PgTime commit_time;
    Xid xid;
    std::string gid;
};

struct RollbackPrepared {
    Lsn prepare_end_lsn;
    Lsn rollback_end_lsn;
    PgTime prepare_time;
    PgTime rollback_time;
    Xid xid;
    std::string gid;
};

// Whatever a stream may bring. A Message in it stands outside streamed blocks, or is the Origin inside one.
using AnyMessage = std::variant<
    Message,
    StreamedMessage,
    StreamStart,
    StreamStop,
    StreamCommit,
    StreamAbort,
    BeginPrepare,
    Prepare,
    CommitPrepared,
    RollbackPrepared,
    StreamPrepare>;

// PostgreSQL's name of the message, such as `Stream Start`; of a streamed message that of what it holds.
[[nodiscard]] const char* any_message_name(const AnyMessage& message) noexcept;

}  // namespace casebridge::pgoutput
