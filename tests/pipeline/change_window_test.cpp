#include "pipeline/change_window.hpp"

#include <gtest/gtest.h>

// A window over commit times.

namespace casebridge::pipeline {
namespace {

using std::chrono_literals::operator""s;

constexpr auto length = 60s;

PgTime at(std::int64_t seconds)
{
    return PgTime{seconds * 1'000'000};
}

TEST(ChangeWindow, CountsEachRecordOnce)
{
    ChangeWindow window;
    window.note(RecordId{1}, at(100), length);
    window.note(RecordId{1}, at(101), length);
    window.note(RecordId{2}, at(102), length);
    EXPECT_EQ(window.count(at(103), length), 2U);
    EXPECT_TRUE(window.holds(RecordId{1}, at(103), length));
    EXPECT_FALSE(window.holds(RecordId{3}, at(103), length));
}

TEST(ChangeWindow, EndsExactlyAtItsLength)
{
    ChangeWindow window;
    window.note(RecordId{1}, at(100), length);
    EXPECT_EQ(window.count(PgTime{at(160).value() - 1}, length), 1U);
    EXPECT_EQ(window.count(at(160), length), 0U);
    EXPECT_FALSE(window.holds(RecordId{1}, at(160), length));
}

TEST(ChangeWindow, GoesByTheLatestChangeOfARecord)
{
    ChangeWindow window;
    window.note(RecordId{1}, at(100), length);
    window.note(RecordId{1}, at(150), length);
    window.note(RecordId{1}, at(120), length);
    EXPECT_EQ(window.count(at(200), length), 1U);
    EXPECT_EQ(window.count(at(210), length), 0U);
}

TEST(ChangeWindow, CountsWhatLiesAheadOfAClockThatWasSetBack)
{
    ChangeWindow window;
    window.note(RecordId{1}, at(5'000), length);
    window.note(RecordId{2}, at(100), length);
    EXPECT_EQ(window.count(at(101), length), 2U);
    window.note(RecordId{3}, at(300), length);
    EXPECT_EQ(window.count(at(300), length), 2U) << "the first still lies ahead, the second is over";
}

}  // namespace
}  // namespace casebridge::pipeline
