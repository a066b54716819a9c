#pragma once

#include "connectors/libpq/server_error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/cancellation_condition.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <exception>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// Structure for concurrent coroutines: siblings start together and end together, nothing runs without an
// owner. Instead of the `&&` and `||` of awaitable_operators: `a && b` hides the true cause when b fails
// first.

namespace casebridge::libpq {

namespace asio = boost::asio;

// Runs all tasks until all have ended. The first to fail cancels the others; when they have ended too, its
// error, the first in time, is rethrown. Cancelling the caller cancels all tasks and is rethrown as
// operation_aborted.
template <std::same_as<asio::awaitable<void>>... Tasks>
asio::awaitable<void> run_together(Tasks... tasks)
{
    const auto executor = co_await asio::this_coro::executor;
    auto ended = co_await asio::experimental::make_parallel_group(
                     asio::co_spawn(executor, std::move(tasks), asio::deferred)...
    )
                     .async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);

    const auto [order, errors] = std::apply(
        [](auto in_time, auto... error) {
            return std::pair{in_time, std::array<std::exception_ptr, sizeof...(Tasks)>{error...}};
        },
        std::move(ended)
    );
    for (const auto index : order)
        if (errors[index])
            std::rethrow_exception(errors[index]);
}

// The same for any number of tasks.
inline asio::awaitable<void> run_together(std::vector<asio::awaitable<void>> tasks)
{
    const auto executor = co_await asio::this_coro::executor;
    using Operation = decltype(asio::co_spawn(executor, std::declval<asio::awaitable<void>>(), asio::deferred));
    std::vector<Operation> operations;
    operations.reserve(tasks.size());
    for (auto& task : tasks)
        operations.push_back(asio::co_spawn(executor, std::move(task), asio::deferred));
    const auto [order, errors] =
        co_await asio::experimental::make_parallel_group(std::move(operations))
            .async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
    for (const auto index : order)
        if (errors[index])
            std::rethrow_exception(errors[index]);
}

// Runs a task for at most `limit`; then it is cancelled and, when it has ended, Timeout(what) is thrown. A
// task that ends well although its time is over counts as ended well.
inline asio::awaitable<void> within(
    std::chrono::milliseconds limit, std::string what, asio::awaitable<void> task
)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, limit};
    const auto [order, task_error, timer_error] =
        co_await asio::experimental::make_parallel_group(
            asio::co_spawn(executor, std::move(task), asio::deferred), timer.async_wait(asio::deferred)
        )
            .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (!task_error)
        co_return;
    // The timer ran out before the task failed: that the task was cancelled is our own doing.
    if (!timer_error && order[0] == 1)
        throw Timeout{std::move(what)};
    std::rethrow_exception(task_error);
}

namespace detail {

template <class T>
asio::awaitable<void> store(asio::awaitable<T> task, std::optional<T>* result)
{
    result->emplace(co_await std::move(task));
}

}  // namespace detail

// The same for a task with a result.
template <class T>
asio::awaitable<T> within(std::chrono::milliseconds limit, std::string what, asio::awaitable<T> task)
{
    std::optional<T> result;
    co_await within(limit, std::move(what), detail::store(std::move(task), &result));
    co_return std::move(*result);
}

}  // namespace casebridge::libpq
