#include "conflict/decimal.hpp"

#include <gtest/gtest.h>

namespace casebridge::conflict {
namespace {

Decimal number(const std::string& text)
{
    const auto parsed = Decimal::parse(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(Decimal{});
}

TEST(Decimal, AgreesWithMachineArithmeticWhereThatIsExact)
{
    for (std::int64_t left = -1'050; left <= 1'050; left += 7)
        for (std::int64_t right = -1'050; right <= 1'050; right += 11) {
            const auto a = number(std::to_string(left));
            const auto b = number(std::to_string(right));
            ASSERT_EQ((a + b).to_string(), std::to_string(left + right));
            ASSERT_EQ((a - b).to_string(), std::to_string(left - right));
            ASSERT_EQ(a <=> b, left <=> right);
        }
}

TEST(Decimal, KeepsEveryDigitAndNoNeedlessZero)
{
    EXPECT_EQ((number("0.1") + number("0.2")).to_string(), "0.3");
    EXPECT_EQ((number("1.50") + number("-0.5")).to_string(), "1");
    EXPECT_EQ((number("-0.05") + number("0.01")).to_string(), "-0.04");
    EXPECT_EQ((number("99999999999999999999") + number("0.01")).to_string(), "99999999999999999999.01");
    EXPECT_EQ((number("99999999999999999999") + number("1")).to_string(), "100000000000000000000");
    EXPECT_EQ((number("5") - number("5.0")).to_string(), "0");
    EXPECT_EQ(number("-0"), number("0"));
    EXPECT_EQ(Decimal{}.to_string(), "0");
}

TEST(Decimal, RefusesWhatIsNoNumber)
{
    for (const auto* text : {"", "-", ".", "1.", ".5", "1e5", "+1", "1 ", "NaN", "--1", "1.2.3"})
        EXPECT_FALSE(Decimal::parse(text).has_value()) << text;
}

}  // namespace
}  // namespace casebridge::conflict
