#include "connectors/libpq/identifier.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string_view>

namespace casebridge::libpq {
namespace {

TEST(QuoteIdentifier, QuotesAlwaysAndDoublesQuotes)
{
    EXPECT_EQ(quote_identifier("person"), "\"person\"");
    EXPECT_EQ(quote_identifier("Order\"By"), "\"Order\"\"By\"");
    EXPECT_EQ(quote_qualified("s.x", "t"), "\"s.x\".\"t\"");
}

TEST(QuoteLiteral, DoublesQuotesAndBackslashes)
{
    EXPECT_EQ(quote_literal("it's"), "'it''s'");
    EXPECT_EQ(quote_literal("a\\'b"), " E'a\\\\''b'");
}

TEST(ArrayLiteral, TellsNullFromTextsThatLookLikeIt)
{
    const std::array<std::optional<std::string_view>, 5> elements{
        "a", std::nullopt, "NULL", "", "b\"c\\d,{}"};
    EXPECT_EQ(to_array_literal(elements), R"({"a",NULL,"NULL","","b\"c\\d,{}"})");
    EXPECT_EQ(to_array_literal({}), "{}");
}

TEST(ArrayLiteral, SeparatesElementsAfterALeadingEmptyOne)
{
    const std::array<std::optional<std::string_view>, 2> elements{"", std::nullopt};
    EXPECT_EQ(to_array_literal(elements), R"({"",NULL})");
}

}  // namespace
}  // namespace casebridge::libpq
