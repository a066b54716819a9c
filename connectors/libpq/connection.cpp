#include "connectors/libpq/connection.hpp"

#include "connectors/libpq/session.hpp"
#include "connectors/libpq/task_scope.hpp"
#include "model/assert.hpp"

#include <libpq-fe.h>

namespace casebridge::libpq {

void CopyData::Free::operator()(char* buffer) const noexcept
{
    PQfreemem(buffer);
}

CopyWriter::CopyWriter(CopyWriter&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}

CopyWriter::~CopyWriter()
{
    if (session_ != nullptr)
        session_->copy_abandon();
}

asio::awaitable<void> CopyWriter::write(std::span<const std::byte> bytes)
{
    CASEBRIDGE_ASSERT(session_ != nullptr);
    return session_->copy_write(bytes);
}

asio::awaitable<void> CopyWriter::write(std::string_view bytes)
{
    return write(std::as_bytes(std::span{bytes}));
}

asio::awaitable<std::uint64_t> CopyWriter::finish()
{
    CASEBRIDGE_ASSERT(session_ != nullptr);
    auto* session = session_;
    const auto rows = co_await session->copy_finish();
    session_ = nullptr;
    co_return rows;
}

asio::awaitable<Connection> Connection::open(ConnectionOptions options)
{
    const auto limit = options.connect_timeout;
    auto session = std::make_unique<detail::Session>(co_await asio::this_coro::executor);
    co_await within(limit, "connecting", session->connect(std::move(options)));
    co_return Connection{std::move(session)};
}

Connection::Connection(std::unique_ptr<detail::Session> session) noexcept : session_(std::move(session)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

detail::Session& Connection::session() const
{
    CASEBRIDGE_ASSERT(session_ != nullptr);
    return *session_;
}

void Connection::close() noexcept
{
    session_.reset();
}

asio::awaitable<QueryResult> Connection::execute(std::string sql, Parameters parameters)
{
    return session().execute(std::move(sql), std::move(parameters));
}

asio::awaitable<QueryResult> Connection::execute_simple(std::string sql)
{
    return session().execute_simple(std::move(sql));
}

asio::awaitable<void> Connection::execute_script(std::string sql)
{
    co_await session().execute_simple(std::move(sql));
}

asio::awaitable<std::vector<QueryResult>> Connection::execute_pipelined(std::vector<Statement> statements)
{
    return session().execute_pipelined(std::move(statements));
}

asio::awaitable<CopyWriter> Connection::copy_in(std::string sql)
{
    auto& opened = session();
    co_await opened.start_copy_in(std::move(sql));
    co_return CopyWriter{opened};
}

asio::awaitable<Notification> Connection::next_notification()
{
    return session().next_notification();
}

asio::awaitable<void> Connection::start_copy_both(std::string command)
{
    return session().start_copy_both(std::move(command));
}

asio::awaitable<std::optional<CopyData>> Connection::receive()
{
    return session().receive();
}

std::optional<CopyData> Connection::try_receive()
{
    return session().try_receive();
}

asio::awaitable<void> Connection::send(std::span<const std::byte> bytes)
{
    return session().send(bytes);
}

int Connection::server_version() const
{
    return PQserverVersion(session().handle());
}

int Connection::backend_pid() const
{
    return PQbackendPID(session().handle());
}

}  // namespace casebridge::libpq
