#include "connectors/libpq/session.hpp"

#include "connectors/libpq/session_guards.hpp"
#include "connectors/libpq/task_scope.hpp"
#include "model/assert.hpp"

#include <boost/system/system_error.hpp>
#include <libpq-fe.h>

#include <algorithm>

namespace casebridge::libpq::detail {
namespace {

using Wait = asio::posix::descriptor_base;

constexpr std::string_view query_was_lost = "the server closed the connection";

void refuse_nul(const Parameters& parameters)
{
    for (const auto& parameter : parameters)
        if (parameter && parameter->find('\0') != std::string::npos)
            throw ServerError{
                {.state = SqlState{"22021"}, .severity = "ERROR"}
            };
}

// A group of waits was cancelled from outside, or one of them ended. Only the first is a reason to stop.
void stop_if_cancelled(asio::cancellation_state state)
{
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error{asio::error::operation_aborted};
}

}  // namespace

void FinishConnection::operator()(pg_conn* connection) const noexcept
{
    PQfinish(connection);
}

Session::Session(asio::any_io_executor executor)
    : descriptor_(executor), input_arrived_(executor, asio::steady_timer::time_point::max())
{
}

Session::~Session()
{
    // libpq closes its socket itself; the executor must have forgotten it by then.
    if (descriptor_.is_open())
        descriptor_.release();
}

Session::Phase Session::settled() const noexcept
{
    return PQstatus(connection_.get()) == CONNECTION_OK ? Phase::idle : Phase::unusable;
}

asio::awaitable<void> Session::wait_readable()
{
    co_await descriptor_.async_wait(Wait::wait_read, asio::use_awaitable);
}

asio::awaitable<void> Session::wait_readable_or_writable()
{
    co_await asio::experimental::make_parallel_group(
        descriptor_.async_wait(Wait::wait_read, asio::deferred),
        descriptor_.async_wait(Wait::wait_write, asio::deferred)
    )
        .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    stop_if_cancelled(co_await asio::this_coro::cancellation_state);
}

asio::awaitable<void> Session::wait_readable_or_woken()
{
    co_await asio::experimental::make_parallel_group(
        descriptor_.async_wait(Wait::wait_read, asio::deferred), input_arrived_.async_wait(asio::deferred)
    )
        .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    stop_if_cancelled(co_await asio::this_coro::cancellation_state);
}

void Session::consume_input()
{
    if (PQconsumeInput(connection_.get()) == 0)
        throw_lost();
}

// While the server waits for us to read, it does not read either: whoever only waits for room to write would
// wait for ever.
asio::awaitable<void> Session::flush()
{
    for (int waiting = PQflush(connection_.get()); waiting != 0; waiting = PQflush(connection_.get())) {
        if (waiting < 0)
            throw_lost();
        co_await wait_readable_or_writable();
        consume_input();
        input_arrived_.cancel();
    }
    // PQflush reads, too, when it finds no room to write.
    input_arrived_.cancel();
}

void Session::throw_lost()
{
    phase_ = Phase::unusable;
    // The server's last words, if it had the time to say them.
    std::optional<SqlState> state;
    if (const auto report = read_text_report(PQerrorMessage(connection_.get())))
        state = report->state;
    throw ConnectionLost{std::string{query_was_lost}, state};
}

void Session::throw_error(const pg_result* result, std::optional<std::size_t> statement_index)
{
    auto report = read_report(result);
    if (!report)
        throw_lost();
    if (report->severity == "FATAL" || report->severity == "PANIC") {
        phase_ = Phase::unusable;
        throw ConnectionLost{"the server ended the session", report->state};
    }
    report->statement_index = statement_index;
    throw ServerError{std::move(*report)};
}

asio::awaitable<ResultPtr> Session::next_result()
{
    while (PQisBusy(connection_.get()) != 0) {
        co_await wait_readable();
        consume_input();
    }
    co_return ResultPtr{PQgetResult(connection_.get())};
}

asio::awaitable<Outcome> Session::collect()
{
    Outcome outcome;
    // Not in the loop's condition: g++ 12 goes wrong with temporaries of a co_await there.
    while (true) {
        auto result = co_await next_result();
        if (!result)
            co_return outcome;
        const auto status = PQresultStatus(result.get());
        // Statements that copy have their own functions; here they would never end.
        CASEBRIDGE_ASSERT(status != PGRES_COPY_IN && status != PGRES_COPY_OUT && status != PGRES_COPY_BOTH);
        if (status == PGRES_FATAL_ERROR && outcome.first_error == nullptr)
            outcome.first_error = std::move(result);
        else
            outcome.last = std::move(result);
    }
}

void Session::send_parameterised(const Statement& statement)
{
    std::vector<const char*> values;
    values.reserve(statement.parameters.size());
    for (const auto& parameter : statement.parameters)
        values.push_back(parameter ? parameter->c_str() : nullptr);
    const auto sent = PQsendQueryParams(
        connection_.get(),
        statement.sql.c_str(),
        static_cast<int>(values.size()),
        nullptr,
        values.data(),
        nullptr,
        nullptr,
        0
    );
    if (sent == 0)
        throw_lost();
}

asio::awaitable<QueryResult> Session::execute(std::string sql, Parameters parameters)
{
    refuse_nul(parameters);
    Query query{*this};
    send_parameterised(Statement{std::move(sql), std::move(parameters)});
    co_await flush();
    auto outcome = co_await collect();
    query.end(settled());
    if (outcome.first_error)
        throw_error(outcome.first_error.get());
    co_return QueryResult{std::move(outcome.last)};
}

asio::awaitable<QueryResult> Session::execute_simple(std::string sql)
{
    Query query{*this};
    if (PQsendQuery(connection_.get(), sql.c_str()) == 0)
        throw_lost();
    co_await flush();
    auto outcome = co_await collect();
    query.end(settled());
    if (outcome.first_error)
        throw_error(outcome.first_error.get());
    co_return QueryResult{std::move(outcome.last)};
}

asio::awaitable<std::vector<QueryResult>> Session::execute_pipelined(std::vector<Statement> statements)
{
    for (const auto& statement : statements)
        refuse_nul(statement.parameters);
    Query query{*this};
    if (PQenterPipelineMode(connection_.get()) == 0)
        throw_lost();
    for (const auto& statement : statements)
        send_parameterised(statement);
    if (PQpipelineSync(connection_.get()) == 0)
        throw_lost();
    co_await flush();

    std::vector<QueryResult> results;
    results.reserve(statements.size());
    ResultPtr first_error;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        auto outcome = co_await collect();
        if (outcome.first_error && !first_error)
            first_error = std::move(outcome.first_error);
        // After an error the rest answers "aborted" until the synchronisation point.
        if (!first_error)
            results.emplace_back(std::move(outcome.last));
        if (PQstatus(connection_.get()) != CONNECTION_OK)
            throw_lost();
    }
    const auto sync = co_await next_result();
    CASEBRIDGE_ASSERT(PQresultStatus(sync.get()) == PGRES_PIPELINE_SYNC);
    CASEBRIDGE_ASSERT(PQexitPipelineMode(connection_.get()) == 1);
    query.end(settled());
    if (first_error)
        throw_error(first_error.get(), results.size());
    co_return results;
}

asio::awaitable<Notification> Session::next_notification()
{
    Query query{*this};
    // Nothing is asked of the server, so a cancelled wait leaves nothing behind.
    query.end_on_exit();
    while (true) {
        const std::unique_ptr<PGnotify, decltype(&PQfreemem)> notify{
            PQnotifies(connection_.get()), &PQfreemem};
        if (notify)
            co_return Notification{.channel = notify->relname, .payload = notify->extra};
        co_await wait_readable();
        consume_input();
    }
}

}  // namespace casebridge::libpq::detail
