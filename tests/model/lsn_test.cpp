#include "model/lsn.hpp"

#include <gtest/gtest.h>

namespace casebridge {
namespace {

TEST(Lsn, IsWrittenAndReadAsPostgresDoes)
{
    EXPECT_EQ(to_string(Lsn{0x16B374D848}), "16/B374D848");
    EXPECT_EQ(parse_lsn("16/B374D848"), Lsn{0x16B374D848});
    EXPECT_EQ(parse_lsn("0/0"), Lsn{0});
}

TEST(Lsn, AnyOtherTextIsNoPosition)
{
    for (const auto* text : {"", "/", "1", "1/", "/1", "g/1", "1/1 ", "1/123456789", "-1/0"})
        EXPECT_EQ(parse_lsn(text), std::nullopt) << text;
}

}  // namespace
}  // namespace casebridge
