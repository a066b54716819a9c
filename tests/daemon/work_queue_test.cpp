#include "daemon/work_queue.hpp"

#include "connectors/libpq/task_scope.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

using boost::asio::awaitable;
using casebridge::AgencyId;
using casebridge::daemon::Wakeup;
using casebridge::daemon::WorkQueue;

namespace {

struct WorkQueueTest : testing::Test {
    boost::asio::io_context io;
    WorkQueue queue{io.get_executor()};
    Wakeup gate{io.get_executor()};
    std::vector<std::string> done;

    awaitable<int> behind_the_gate(int value)
    {
        co_await gate.wait();
        done.push_back(std::to_string(value));
        co_return value;
    }

    awaitable<void> at_once(std::string name)
    {
        done.push_back(std::move(name));
        co_return;
    }

    awaitable<void> carry_out(int pieces)
    {
        for (int i = 0; i < pieces; ++i) {
            auto work = co_await queue.next();
            co_await std::move(work);
        }
    }

    awaitable<void> ask_and_leave()
    {
        auto work = behind_the_gate(7);
        try {
            static_cast<void>(co_await casebridge::libpq::within(
                std::chrono::milliseconds{1}, "asking", queue.hand_over(AgencyId{"a"}, std::move(work))
            ));
            ADD_FAILURE() << "the gate was shut";
        } catch (const casebridge::libpq::Timeout&) {
            done.emplace_back("left");
        }
        gate.notify();
        co_await queue.finished(AgencyId{"a"});
        done.emplace_back("finished");
    }

    awaitable<void> ask_twice()
    {
        gate.notify();
        auto first = behind_the_gate(1);
        done.push_back("got " + std::to_string(co_await queue.hand_over(AgencyId{"a"}, std::move(first))));
        auto second = at_once("second");
        co_await queue.hand_over(AgencyId{"a"}, std::move(second));
        done.emplace_back("told");
    }

    void run(awaitable<void> task, int pieces)
    {
        const auto rethrow = [](const std::exception_ptr& failure) {
            if (failure)
                std::rethrow_exception(failure);
        };
        boost::asio::co_spawn(io, carry_out(pieces), rethrow);
        boost::asio::co_spawn(io, std::move(task), rethrow);
        io.run();
    }
};

TEST_F(WorkQueueTest, ReturnsWhatTheWorkReturns)
{
    run(ask_twice(), 2);
    EXPECT_EQ(done, (std::vector<std::string>{"1", "got 1", "second", "told"}));
}

TEST_F(WorkQueueTest, FinishesWhatItsCallerHasLeftAndSaysWhen)
{
    run(ask_and_leave(), 1);
    EXPECT_EQ(done, (std::vector<std::string>{"left", "7", "finished"}));
}

}  // namespace
