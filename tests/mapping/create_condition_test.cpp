#include "mapping/translate.hpp"
#include "tests/mapping/fixture.hpp"

#include <gtest/gtest.h>

namespace casebridge::mapping {
namespace {

using namespace std::chrono_literals;

constexpr auto today = 2026y / 3 / 1;

bool created(CreateWhen when, const std::vector<FieldValue>& values, std::chrono::year_month_day day = today)
{
    TableMapping mapping;
    mapping.create_when = std::move(when);
    return creates(mapping, values, day);
}

bool working_age(const std::string& birth, std::chrono::year_month_day day = today)
{
    const CreateCondition condition{
        .field = FieldIndex{0              },
          .test = AgeBetween{ .from_years = 18, .to_years = 64}
    };
    return created(std::vector{condition}, {text(birth)}, day);
}

TEST(Creates, NeverAndAlwaysMeanIt)
{
    EXPECT_FALSE(created(CreateNever{}, {}));
    EXPECT_TRUE(created(CreateAlways{}, {}));
    EXPECT_FALSE(created({}, {})) << "never is what nobody said anything about";
}

TEST(Creates, AllConditionsMustHold)
{
    const std::vector<CreateCondition> both{
        {.field = FieldIndex{0}, .test = AnyOf{.values = {Value{"true"}}}                        },
        {.field = FieldIndex{1}, .test = AnyOf{.values = {Value{"seeking"}, Value{"unemployed"}}}},
    };
    EXPECT_TRUE(created(both, {text("true"), text("unemployed")}));
    EXPECT_TRUE(created(both, {text("true"), text("seeking")}));
    EXPECT_FALSE(created(both, {text("false"), text("seeking")}));
    EXPECT_FALSE(created(both, {text("true"), text("employed")}));
    EXPECT_FALSE(created(both, {text("true"), std::nullopt}));
    EXPECT_FALSE(created(both, {std::nullopt, text("seeking")}));
}

TEST(Creates, AgeCountsCompletedYearsAndBothEndsBelong)
{
    EXPECT_TRUE(working_age("2008-03-01"));
    EXPECT_FALSE(working_age("2008-03-02"));
    EXPECT_TRUE(working_age("1961-03-02"));
    EXPECT_FALSE(working_age("1961-03-01"));
    EXPECT_FALSE(working_age("2030-01-01"));
}

TEST(Creates, ALeapDayIsCompletedOnTheFirstOfMarch)
{
    EXPECT_FALSE(working_age("2008-02-29", 2026y / 2 / 28));
    EXPECT_TRUE(working_age("2008-02-29", 2026y / 3 / 1));
    EXPECT_TRUE(working_age("2008-02-29", 2028y / 2 / 29));
}

TEST(Creates, WhatIsNoPlainDateHasNoAge)
{
    for (const auto* birth : {"infinity", "", "1990-01", "0044-03-15 BC"})
        EXPECT_FALSE(working_age(birth)) << birth;
}

}  // namespace
}  // namespace casebridge::mapping
