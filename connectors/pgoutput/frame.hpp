#pragma once

#include "connectors/pgoutput/format.hpp"
#include "model/error.hpp"
#include "model/lsn.hpp"
#include "model/pg_time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

// The layer around the messages: what a CopyData frame of a replication connection holds, in both directions.

namespace casebridge::pgoutput {

// Carries one pgoutput message. Positions are 0/0 for messages that no WAL record stands behind, such as
// Relation.
struct XLogData {
    Lsn wal_start;
    Lsn wal_end;
    PgTime send_time;
    std::span<const std::byte> payload;  // Borrowed from the decoded frame.
};

enum class Reply : std::uint8_t { not_requested = 0, requested = 1 };

struct Keepalive {
    Lsn wal_end;  // All that was committed before it has been sent.
    PgTime send_time;
    Reply reply = Reply::not_requested;
};

using Frame = std::variant<XLogData, Keepalive>;

// Our report to the server. Each position is the byte behind the last one; the slot follows `flushed`.
struct StatusUpdate {
    Lsn written;
    Lsn flushed;
    Lsn applied;
    PgTime time;
    Reply reply = Reply::not_requested;
};

// Decodes what a server sends. Total, with the same errors as decode_message: permanent, `protocol_violation`
// for bytes outside the grammar, `protocol_unknown_message` for an unknown first byte. The payload of
// XLogData is not looked at; it lives as long as `frame`.
[[nodiscard]] Result<Frame> decode_frame(std::span<const std::byte> frame);

// The exact inverse of decode_frame, for simulated agencies.
[[nodiscard]] std::vector<std::byte> encode_frame(const Frame& frame);

[[nodiscard]] std::array<std::byte, status_update_bytes> encode_status_update(const StatusUpdate& update);

// Decodes what a client sends, for simulated agencies; the exact inverse of encode_status_update, errors as
// above.
[[nodiscard]] Result<StatusUpdate> decode_status_update(std::span<const std::byte> frame);

}  // namespace casebridge::pgoutput
