#include "model/pg_time.hpp"

#include <gtest/gtest.h>

namespace casebridge {
namespace {

TEST(PgTime, IsWrittenAsADateAndTimeOfUtc)
{
    EXPECT_EQ(to_utc_text(PgTime{0}), "2000-01-01 00:00:00 UTC");
    EXPECT_EQ(to_utc_text(PgTime{86'399'999'999}), "2000-01-01 23:59:59 UTC");
    EXPECT_EQ(to_utc_text(PgTime{-1}), "1999-12-31 23:59:59 UTC");
    EXPECT_EQ(to_utc_text(PgTime{820'454'645'000'000}), "2025-12-31 00:04:05 UTC");
}

}  // namespace
}  // namespace casebridge
