#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <utility>

// Running one coroutine to its end in a test.

namespace casebridge::libpq::test {

namespace asio = boost::asio;

// Runs the task on an executor of its own and rethrows what it throws. Named coroutines with parameters by
// value only: a lambda's captures die before its coroutine does.
inline void run(asio::awaitable<void> task)
{
    asio::io_context context;
    std::exception_ptr failure;
    asio::co_spawn(context, std::move(task), [&failure](std::exception_ptr error) {
        failure = std::move(error);
    });
    context.run();
    if (failure)
        std::rethrow_exception(failure);
}

}  // namespace casebridge::libpq::test
