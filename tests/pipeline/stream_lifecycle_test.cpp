#include "pipeline/stream_lifecycle.hpp"

#include <gtest/gtest.h>

namespace casebridge::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr RetryLimits limits{milliseconds{100}, milliseconds{1'000}};

Error failure(ErrorClass kind)
{
    return {.kind = kind, .code = "test", .place = "", .message = "", .remedy = ""};
}

milliseconds pause_of(const NextStep& step)
{
    return std::get<TryAgain>(step).after;
}

TEST(StreamLifecycle, WaitsTwiceAsLongAfterEachFailureUpToTheLimit)
{
    StreamLifecycle life{limits};
    for (const auto expected : {100, 200, 400, 800, 1'000, 1'000})
        EXPECT_EQ(pause_of(life.next(failure(ErrorClass::transient))), milliseconds{expected});
}

TEST(StreamLifecycle, ForgetsTheBackOffOnProgressOnly)
{
    StreamLifecycle life{limits};
    (void)life.next(failure(ErrorClass::transient));
    EXPECT_EQ(pause_of(life.next(EndedWell{})), milliseconds{200});
    life.progress_made();
    EXPECT_EQ(pause_of(life.next(failure(ErrorClass::transient))), milliseconds{100});
}

TEST(StreamLifecycle, StopsForGoodOnAPermanentFailureAndNamesIt)
{
    StreamLifecycle life{limits};
    const auto step = life.next(failure(ErrorClass::permanent));
    ASSERT_TRUE(std::holds_alternative<Stop>(step));
    EXPECT_EQ(std::get<Stop>(step).cause, failure(ErrorClass::permanent));
}

}  // namespace
}  // namespace casebridge::pipeline
