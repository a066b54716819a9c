#pragma once

#include "connectors/libpq/conninfo.hpp"
#include "connectors/libpq/query_result.hpp"
#include "connectors/libpq/server_error.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A connection to a PostgreSQL server: libpq, never blocking, as coroutines on the caller's executor.

namespace casebridge::libpq {

namespace asio = boost::asio;

namespace detail {
class Session;
}

// A text parameter; nothing is NULL. One that contains a NUL byte is refused with ServerError 22021, as the
// server would, because libpq would silently cut it.
using Parameter = std::optional<std::string>;
using Parameters = std::vector<Parameter>;

// `parameters(key, std::nullopt, "text")`. Initializer lists inside co_await do not survive g++ 12.
template <class... Values>
[[nodiscard]] Parameters parameters(Values&&... values)
{
    Parameters list;
    list.reserve(sizeof...(values));
    (list.emplace_back(std::forward<Values>(values)), ...);
    return list;
}

// Not an aggregate, for the reason given at ConnectionOptions.
struct Statement {
    explicit Statement(std::string text, Parameters values = {})
        : sql(std::move(text)), parameters(std::move(values))
    {
    }

    std::string sql;
    Parameters parameters;
};

// One frame of a COPY, in libpq's own buffer: no copy is made. Move-only; the span lives as long as it does.
class CopyData {
public:
    struct Free {
        void operator()(char* buffer) const noexcept;
    };

    CopyData(std::unique_ptr<char, Free> buffer, std::size_t size) noexcept
        : buffer_(std::move(buffer)), size_(size)
    {
    }

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept
    {
        return std::as_bytes(std::span{static_cast<const char*>(buffer_.get()), size_});
    }

private:
    std::unique_ptr<char, Free> buffer_;
    std::size_t size_;
};

// The sending half of a COPY … FROM STDIN; made by Connection::copy_in. Dropped before finish() has ended, it
// leaves the connection unusable and the server rolls the COPY back.
class CopyWriter {
public:
    CopyWriter(CopyWriter&&) noexcept;
    CopyWriter& operator=(CopyWriter&&) = delete;
    ~CopyWriter();

    // Sends a piece; rows may be split between pieces. The bytes must live until the awaitable has ended. At
    // most 1 GiB at once. Suspends while the server is slower than we are.
    [[nodiscard]] asio::awaitable<void> write(std::span<const std::byte> bytes);
    [[nodiscard]] asio::awaitable<void> write(std::string_view bytes);

    // Ends the COPY and returns the number of rows. What the server thinks of the rows is known only now.
    [[nodiscard]] asio::awaitable<std::uint64_t> finish();

private:
    friend class Connection;
    explicit CopyWriter(detail::Session& session) noexcept : session_(&session) {}

    detail::Session* session_;  // Null once moved from or finished.
};

struct Notification {
    std::string channel;
    std::string payload;
};

// Move-only; the destructor closes. Not thread-safe: everything happens on the executor of the coroutine that
// opened it. It must outlive the operations under way.
//
// One operation at a time, asserted; the exception is that in COPY BOTH one receive and one send may overlap.
//
// Every operation throws ServerError (the connection stays usable, unless it was connecting), ConnectionLost,
// or boost::system::system_error operation_aborted when it was cancelled (Asio terminal cancellation). After
// ConnectionLost, and after cancelling anything but receive(), send() and next_notification(), the connection
// can only be closed; what is tried on it throws ConnectionLost.
class Connection {
public:
    // Connects with the pinned settings and makes sure that the server has accepted them. Throws
    // ConfigurationError for a connection string that check_conninfo() refuses, for a missing password and
    // for settings that were not accepted; ServerError with the server's SQLSTATE; ConnectionLost; Timeout.
    [[nodiscard]] static asio::awaitable<Connection> open(ConnectionOptions options);

    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    // Closes at once, without waiting for the server. Nothing may be under way.
    void close() noexcept;

    // Runs one statement with text parameters by the extended protocol (not on a replication connection).
    [[nodiscard]] asio::awaitable<QueryResult> execute(std::string sql, Parameters parameters = {});

    // Runs constant SQL, also several statements, by the simple protocol; returns the last result. The only
    // way on a replication connection.
    [[nodiscard]] asio::awaitable<QueryResult> execute_simple(std::string sql);

    // The same where nobody wants rows: BEGIN, COMMIT, several statements (one implicit transaction).
    [[nodiscard]] asio::awaitable<void> execute_script(std::string sql);

    // Sends all statements before it reads an answer. One synchronisation point: outside a transaction block
    // they are one implicit transaction. The first error stops the rest and is thrown with the statement's
    // index.
    [[nodiscard]] asio::awaitable<std::vector<QueryResult>> execute_pipelined(
        std::vector<Statement> statements
    );

    // Starts COPY … FROM STDIN. Until the writer has finished nothing else may run.
    [[nodiscard]] asio::awaitable<CopyWriter> copy_in(std::string sql);

    // Waits for a NOTIFY on a channel that this session listens to. Can be cancelled and called again.
    [[nodiscard]] asio::awaitable<Notification> next_notification();

    // Starts a command that answers with COPY BOTH (START_REPLICATION). From then on only the next three.
    [[nodiscard]] asio::awaitable<void> start_copy_both(std::string command);

    // The next frame; nothing when the server has ended the copy, after which the connection can only be
    // closed. Can be cancelled and called again, no frame is lost.
    [[nodiscard]] asio::awaitable<std::optional<CopyData>> receive();

    // A frame that has already arrived and been read, without suspending; nothing if receive() has to be
    // asked.
    [[nodiscard]] std::optional<CopyData> try_receive();

    // Sends one frame. The bytes must live until the awaitable has ended. Suspends while the server does not
    // read. If cancelled, the frame is still sent by a later send().
    [[nodiscard]] asio::awaitable<void> send(std::span<const std::byte> bytes);

    // As PostgreSQL counts: 150020 is 15.20.
    [[nodiscard]] int server_version() const;
    [[nodiscard]] int backend_pid() const;

private:
    explicit Connection(std::unique_ptr<detail::Session> session) noexcept;

    [[nodiscard]] detail::Session& session() const;

    std::unique_ptr<detail::Session> session_;  // Null once closed or moved from.
};

}  // namespace casebridge::libpq
