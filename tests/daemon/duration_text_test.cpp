#include "daemon/duration_text.hpp"

#include <gtest/gtest.h>

namespace casebridge::daemon {
namespace {

using namespace std::chrono_literals;

TEST(DurationText, IsANumberAndItsUnit)
{
    EXPECT_EQ(parse_duration("90s"), 90s);
    EXPECT_EQ(parse_duration("30m"), 30min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("1d"), 24h);
}

TEST(DurationText, AnyOtherTextIsNone)
{
    for (const auto* text : {"", "s", "90", "0s", "-1s", "1.5h", "1h30m", "2 h", "2H", "1w", "99999999d"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

}  // namespace
}  // namespace casebridge::daemon
