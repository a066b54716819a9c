#include "conflict/value_order.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace casebridge::conflict {
namespace {

void expect_ascending(ValueOrder order, const std::vector<std::string>& texts)
{
    for (std::size_t i = 0; i < texts.size(); ++i)
        for (std::size_t j = 0; j < texts.size(); ++j)
            EXPECT_EQ(compare(order, Value{texts[i]}, Value{texts[j]}), i <=> j)
                << texts[i] << " " << texts[j];
}

TEST(ValueOrder, OfNumbersIsExact)
{
    expect_ascending(
        ValueOrder::number,
        {"-100", "-99.5", "-1", "0", "0.001", "0.01", "9", "10", "10000000000000000000001"}
    );
}

TEST(ValueOrder, OfDatesKnowsErasAndInfinities)
{
    expect_ascending(
        ValueOrder::date,
        {"-infinity",
         "0045-12-31 BC",
         "0044-03-15 BC",
         "0001-12-31 BC",
         "0001-01-01",
         "2024-02-29",
         "2024-03-01",
         "9999-12-31",
         "10000-01-01",
         "infinity"}
    );
}

TEST(ValueOrder, OfTimestampsKnowsFractions)
{
    expect_ascending(
        ValueOrder::timestamp,
        {"-infinity",
         "2024-05-01T10:00:00Z",
         "2024-05-01T10:00:00.000001Z",
         "2024-05-01T10:00:00.5Z",
         "2024-05-01T10:00:01Z",
         "infinity"}
    );
}

TEST(ValueOrder, HasNoAnswerForOtherTexts)
{
    EXPECT_EQ(compare(ValueOrder::number, Value{"1"}, Value{"x"}), std::nullopt);
    EXPECT_EQ(compare(ValueOrder::date, Value{"x"}, Value{"2024-01-01"}), std::nullopt);
    EXPECT_EQ(compare(ValueOrder::timestamp, Value{"2024"}, Value{"infinity"}), std::nullopt);
}

}  // namespace
}  // namespace casebridge::conflict
