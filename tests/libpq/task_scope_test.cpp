#include "connectors/libpq/task_scope.hpp"

#include "tests/libpq/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace casebridge::libpq {
namespace {

using namespace std::chrono_literals;
using Diary = std::vector<std::string>;

// Waits for ever; writes down how it ended.
asio::awaitable<void> wait_for_cancellation(Diary* diary)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
    try {
        co_await timer.async_wait(asio::use_awaitable);
    } catch (const boost::system::system_error& error) {
        diary->push_back(error.code() == asio::error::operation_aborted ? "cancelled" : "failed");
        throw;
    }
}

asio::awaitable<void> fail_with(std::string cause)
{
    throw std::runtime_error{cause};
    co_return;
}

asio::awaitable<void> fail_when_cancelled(std::string cause)
{
    Diary diary;
    try {
        co_await wait_for_cancellation(&diary);
    } catch (const boost::system::system_error&) {
        throw std::runtime_error{cause};
    }
}

asio::awaitable<void> end_well(Diary* diary)
{
    diary->push_back("well");
    co_return;
}

asio::awaitable<int> seven()
{
    co_return 7;
}

std::string failure_of(asio::awaitable<void> task)
{
    try {
        test::run(std::move(task));
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted ? "cancelled" : error.what();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "";
}

TEST(RunTogether, EndsWhenAllHaveEndedWell)
{
    Diary diary;
    test::run(run_together(end_well(&diary), end_well(&diary), end_well(&diary)));
    EXPECT_EQ(diary, (Diary{"well", "well", "well"}));
}

TEST(RunTogether, RethrowsTheFirstErrorInTimeWhateverItsPlace)
{
    Diary diary;
    EXPECT_EQ(failure_of(run_together(wait_for_cancellation(&diary), fail_with("cause"))), "cause");
    EXPECT_EQ(failure_of(run_together(fail_with("cause"), wait_for_cancellation(&diary))), "cause");
    EXPECT_EQ(failure_of(run_together(fail_when_cancelled("later"), fail_with("cause"))), "cause");
    EXPECT_EQ(diary, (Diary{"cancelled", "cancelled"}));
}

TEST(RunTogether, OuterCancellationReachesAll)
{
    Diary diary;
    asio::io_context context;
    asio::cancellation_signal signal;
    std::exception_ptr failure;
    asio::co_spawn(
        context,
        run_together(
            wait_for_cancellation(&diary), wait_for_cancellation(&diary), wait_for_cancellation(&diary)
        ),
        asio::bind_cancellation_slot(signal.slot(), [&failure](std::exception_ptr error) { failure = error; })
    );
    context.poll();
    EXPECT_TRUE(diary.empty());
    signal.emit(asio::cancellation_type::terminal);
    context.run();
    EXPECT_EQ(diary, (Diary{"cancelled", "cancelled", "cancelled"}));
    EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
}

asio::awaitable<void> keep_seven(int* result)
{
    *result = co_await within(1h, "counting", seven());
}

TEST(Within, GivesTheResultOfATaskThatEndsInTime)
{
    int result = 0;
    test::run(keep_seven(&result));
    EXPECT_EQ(result, 7);
}

TEST(Within, CancelsATaskThatTakesTooLong)
{
    Diary diary;
    EXPECT_THROW(test::run(within(1ms, "waiting", wait_for_cancellation(&diary))), Timeout);
    EXPECT_EQ(diary, Diary{"cancelled"});
}

TEST(Within, PassesTheTasksOwnErrorOn)
{
    EXPECT_EQ(failure_of(within(1h, "failing", fail_with("cause"))), "cause");
}

}  // namespace
}  // namespace casebridge::libpq
