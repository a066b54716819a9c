#include "connectors/libpq/session.hpp"
#include "connectors/libpq/session_guards.hpp"
#include "model/assert.hpp"

#include <libpq-fe.h>

namespace casebridge::libpq::detail {
namespace {

constexpr std::size_t piece_bytes_max = 1U << 30U;

}  // namespace

asio::awaitable<void> Session::start_copy(std::string sql, int wanted_status, Phase next)
{
    Query query{*this};
    if (PQsendQuery(connection_.get(), sql.c_str()) == 0)
        throw_lost();
    co_await flush();
    const auto result = co_await next_result();
    const auto status = PQresultStatus(result.get());
    if (status == static_cast<ExecStatusType>(wanted_status)) {
        query.end(next);
        co_return;
    }
    // Any other success means that the caller's SQL is no such COPY.
    CASEBRIDGE_ASSERT(status == PGRES_FATAL_ERROR);
    co_await collect();
    query.end(settled());
    throw_error(result.get());
}

asio::awaitable<void> Session::start_copy_in(std::string sql)
{
    return start_copy(std::move(sql), PGRES_COPY_IN, Phase::copying_in);
}

asio::awaitable<void> Session::copy_write(std::span<const std::byte> bytes)
{
    if (phase_ == Phase::unusable)
        throw ConnectionLost{"the connection broke or was cancelled earlier"};
    CASEBRIDGE_ASSERT(phase_ == Phase::copying_in && bytes.size() <= piece_bytes_max);
    // From here until the piece is on its way the COPY belongs to this coroutine.
    phase_ = Phase::idle;
    Query query{*this};
    const auto* data = reinterpret_cast<const char*>(bytes.data());
    int queued = 0;
    while ((queued = PQputCopyData(connection_.get(), data, static_cast<int>(bytes.size()))) == 0)
        co_await flush();
    if (queued < 0) {
        // The server has given up on the COPY in the meantime.
        const auto outcome = co_await collect();
        query.end(settled());
        throw_error(outcome.first_error.get());
    }
    co_await flush();
    query.end(Phase::copying_in);
}

asio::awaitable<std::uint64_t> Session::copy_finish()
{
    if (phase_ == Phase::unusable)
        throw ConnectionLost{"the connection broke or was cancelled earlier"};
    CASEBRIDGE_ASSERT(phase_ == Phase::copying_in);
    phase_ = Phase::idle;
    Query query{*this};
    // Minus one means that the server has ended the COPY already; its answer says why.
    while (PQputCopyEnd(connection_.get(), nullptr) == 0)
        co_await flush();
    co_await flush();
    auto outcome = co_await collect();
    query.end(settled());
    if (outcome.first_error)
        throw_error(outcome.first_error.get());
    co_return QueryResult{std::move(outcome.last)}.affected_rows();
}

void Session::copy_abandon() noexcept
{
    if (phase_ == Phase::copying_in)
        phase_ = Phase::unusable;
}

asio::awaitable<void> Session::start_copy_both(std::string command)
{
    return start_copy(std::move(command), PGRES_COPY_BOTH, Phase::copying_both);
}

std::optional<CopyData> Session::try_receive()
{
    if (phase_ != Phase::copying_both)
        return std::nullopt;
    char* buffer = nullptr;
    const int size = PQgetCopyData(connection_.get(), &buffer, 1);
    std::unique_ptr<char, CopyData::Free> owned{buffer};
    if (size > 0)
        return CopyData{std::move(owned), static_cast<std::size_t>(size)};
    if (size == -1)
        phase_ = Phase::copy_both_ending;
    if (size == -2)
        throw_lost();
    return std::nullopt;
}

asio::awaitable<std::optional<CopyData>> Session::receive()
{
    const Turn turn{*this, receiving_};
    while (true) {
        if (auto frame = try_receive())
            co_return frame;
        if (phase_ == Phase::copy_both_ending) {
            co_await end_copy_both();
            co_return std::nullopt;
        }
        co_await wait_readable_or_woken();
        consume_input();
    }
}

asio::awaitable<void> Session::end_copy_both()
{
    const auto result = co_await next_result();
    phase_ = Phase::unusable;
    if (result && PQresultStatus(result.get()) == PGRES_FATAL_ERROR)
        throw_error(result.get());
}

asio::awaitable<void> Session::send(std::span<const std::byte> bytes)
{
    CASEBRIDGE_ASSERT(bytes.size() <= piece_bytes_max);
    const Turn turn{*this, sending_};
    const auto* data = reinterpret_cast<const char*>(bytes.data());
    int queued = 0;
    while ((queued = PQputCopyData(connection_.get(), data, static_cast<int>(bytes.size()))) == 0)
        co_await flush();
    if (queued < 0)
        throw_lost();
    co_await flush();
}

}  // namespace casebridge::libpq::detail
