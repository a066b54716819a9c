#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/pgoutput/frame.hpp"
#include "model/error.hpp"
#include "model/lsn.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The logical replication stream of one agency's database, up to and without the output plugin's own
// messages.

namespace casebridge::postgres {

namespace asio = boost::asio;

using pgoutput::Keepalive;
using pgoutput::Reply;
using pgoutput::XLogData;

// A frame and what it says. Move-only; spans in the message point into the buffer and survive moves.
struct ReplicationFrame {
    libpq::CopyData buffer;
    pgoutput::Frame message;
};

// How far we are, each position the first byte not yet dealt with. The server forgets what lies before
// `flush`.
struct StandbyStatus {
    Lsn write;
    Lsn flush;
    Lsn apply;
};

// Which server this is, and how far its WAL reaches.
struct SystemIdentity {
    std::string system_identifier;
    std::uint32_t timeline = 0;
    Lsn flushed;  // End of the server's durable WAL.
    std::string database;
};

// What the server knows of a replication slot.
struct SlotState {
    enum class Kind { logical, physical };

    Kind kind = Kind::logical;
    std::string plugin;             // Empty for a physical slot.
    std::string database;           // Empty for a physical slot.
    std::optional<int> active_pid;  // Who reads it right now.
    std::optional<Lsn>
        confirmed_flush;         // Nothing was sent twice from before this, unless the server crashed.
    std::optional<Lsn> restart;  // From where on the server keeps WAL.
    std::optional<std::string> wal_status;  // `reserved`, `extended`, `unreserved` or `lost`.
};

// Not an aggregate: see libpq::ConnectionOptions.
struct StartRequest {
    StartRequest(std::string slot_name, std::string publication_name, Lsn position)
        : slot(std::move(slot_name)), publication(std::move(publication_name)), from(position)
    {
    }

    std::string slot;
    std::string publication;
    Lsn from;  // End LSN of the last transaction that is durable in the hub; 0/0 for the slot's own position.
};

// Why a stream must not be started, decided from what the server says of itself; nothing if it may. The
// codes: `slot_name_invalid`, `slot_missing`, `slot_not_logical`, `slot_wrong_plugin`, `slot_wrong_database`,
// `slot_lost`, `server_behind_hub`, `slot_ahead_of_hub` (all permanent), `slot_active_elsewhere` (transient).
//
// A slot ahead of the hub would start where it is, and what lies between would be missing for ever: this
// daemon confirms nothing that the hub does not have, so the slot was made anew or the hub is an older copy.
//
// A server behind the hub, restored from a backup perhaps, would not complain: it would skip every
// transaction up to the requested position, for ever.
[[nodiscard]] std::optional<Error> refusal(
    const StartRequest& request, const SystemIdentity& system, const std::optional<SlotState>& slot
);

// The server answered, but the stream cannot be had, or what arrived is no replication protocol.
class StreamRefused : public libpq::DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

// Move-only; the destructor disconnects. Queries come first, then start(), then only receive, try_receive and
// send_status, of which one receive and one send_status may overlap. Throws what libpq::Connection throws,
// and StreamRefused.
//
// The server waits for our flush position when it shuts down. Whoever cannot move it on has to disconnect.
class ReplicationStream {
public:
    // Connects as a walsender to the database of the connection string; the role of the options is set here.
    [[nodiscard]] static asio::awaitable<ReplicationStream> open(libpq::ConnectionOptions options);

    [[nodiscard]] asio::awaitable<SystemIdentity> identify_system();

    // Nothing if there is no such slot.
    [[nodiscard]] asio::awaitable<std::optional<SlotState>> slot_state(std::string slot);

    // Asks the server the two questions above, throws StreamRefused for a refusal(), and starts. Protocol
    // version 1 with logical messages. A reader that came in between is reported by the server: ServerError
    // 55006, transient.
    [[nodiscard]] asio::awaitable<void> start(StartRequest request);

    // The next frame; nothing when the server has ended the stream (it shuts down). Can be cancelled and
    // called again.
    [[nodiscard]] asio::awaitable<std::optional<ReplicationFrame>> receive();

    // A frame that has already arrived, without suspending; nothing if receive() has to be asked.
    [[nodiscard]] std::optional<ReplicationFrame> try_receive();

    // Tells the server how far we are. `flush` must never go back nor pass `write`: the server throws the WAL
    // before it away. `reply` asks for a keepalive.
    [[nodiscard]] asio::awaitable<void> send_status(StandbyStatus status, Reply reply = Reply::not_requested);

private:
    explicit ReplicationStream(libpq::Connection connection) : connection_(std::move(connection)) {}

    libpq::Connection connection_;
    Lsn flushed_;  // What we reported last.
};

}  // namespace casebridge::postgres
