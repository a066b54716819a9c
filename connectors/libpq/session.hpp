#pragma once

#include "connectors/libpq/connection.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

// What a Connection owns: libpq's connection, its descriptor on the executor, and what is under way. Of this
// room only. It stays where it is in memory, so that a Connection can be moved while an operation runs.

struct pg_conn;

namespace casebridge::libpq::detail {

struct FinishConnection {
    void operator()(pg_conn* connection) const noexcept;
};

// Results of one command, drained to the last.
struct Outcome {
    ResultPtr last;         // Null if the server gave none.
    ResultPtr first_error;  // Null if all went well.
};

class Session {
public:
    explicit Session(asio::any_io_executor executor);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    asio::awaitable<void> connect(ConnectionOptions options);

    asio::awaitable<QueryResult> execute(std::string sql, Parameters parameters);
    asio::awaitable<QueryResult> execute_simple(std::string sql);
    asio::awaitable<std::vector<QueryResult>> execute_pipelined(std::vector<Statement> statements);
    asio::awaitable<Notification> next_notification();

    // Expects the result status COPY_IN or COPY_BOTH.
    asio::awaitable<void> start_copy_in(std::string sql);
    asio::awaitable<void> copy_write(std::span<const std::byte> bytes);
    asio::awaitable<std::uint64_t> copy_finish();
    void copy_abandon() noexcept;

    asio::awaitable<void> start_copy_both(std::string command);
    asio::awaitable<std::optional<CopyData>> receive();
    std::optional<CopyData> try_receive();
    asio::awaitable<void> send(std::span<const std::byte> bytes);

    [[nodiscard]] pg_conn* handle() const noexcept { return connection_.get(); }

private:
    enum class Phase {
        connecting,
        idle,
        querying,
        copying_in,
        copying_both,      // Frames may arrive.
        copy_both_ending,  // The server has sent its last frame.
        unusable,          // Can only be closed.
    };

    enum class Use { free, taken };

    class Query;  // Holds the phase `querying`; leaves `unusable` behind unless it ended.
    class Turn;   // Holds one direction of a COPY BOTH.

    asio::awaitable<void> connect_to(std::vector<Setting> parameters);
    asio::awaitable<std::vector<Host>> resolve(std::vector<Host> hosts);
    void throw_connect_failure();
    void check_settings();

    asio::awaitable<void> wait_readable();
    asio::awaitable<void> wait_readable_or_writable();
    asio::awaitable<void> wait_readable_or_woken();
    void consume_input();
    asio::awaitable<void> flush();

    asio::awaitable<ResultPtr> next_result();
    asio::awaitable<Outcome> collect();
    asio::awaitable<void> start_copy(std::string sql, int wanted_status, Phase next);
    asio::awaitable<void> end_copy_both();
    void send_parameterised(const Statement& statement);

    // The phase after a command has been drained: idle, or unusable if the connection broke on the way.
    [[nodiscard]] Phase settled() const noexcept;
    [[noreturn]] void throw_lost();
    [[noreturn]] void throw_error(
        const pg_result* result, std::optional<std::size_t> statement_index = std::nullopt
    );

    std::unique_ptr<pg_conn, FinishConnection> connection_;
    asio::posix::stream_descriptor descriptor_;
    // Wakes a receiver when a sender has read input on its behalf: what libpq has already buffered makes no
    // descriptor readable.
    asio::steady_timer input_arrived_;
    Phase phase_ = Phase::connecting;
    Use receiving_ = Use::free;
    Use sending_ = Use::free;
};

}  // namespace casebridge::libpq::detail
