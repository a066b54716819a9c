#include "telemetry/quoting.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string>

namespace casebridge::telemetry {
namespace {

TEST(Quoting, LeavesOrdinaryTextReadable)
{
    EXPECT_EQ(json_string("Straße 5, Ölgii"), "\"Straße 5, Ölgii\"");
    EXPECT_EQ(json_string(""), "\"\"");
}

TEST(Quoting, EscapesQuotationMarksAndBackslashes)
{
    EXPECT_EQ(json_string(R"(a"b\c)"), R"("a\"b\\c")");
}

TEST(Quoting, EscapesEveryControlCharacterAndLineEnd)
{
    EXPECT_EQ(json_string("a\nb\r\t"), R"("a\u000ab\u000d\u0009")");
    EXPECT_EQ(json_string(std::string_view{"\0", 1}), R"("\u0000")");
    EXPECT_EQ(json_string("\x1b[2J\x7f"), R"("\u001b[2J\u007f")");
    EXPECT_EQ(json_string("\u0085\u2028\u2029"), R"("\u0085\u2028\u2029")");
}

TEST(Quoting, EscapesMarksThatTurnTheDirectionOfText)
{
    EXPECT_EQ(json_string("\u202Eevil\u2066"), R"("\u202eevil\u2066")");
}

TEST(Quoting, ReplacesWhatIsNotUtf8)
{
    for (const std::string bad :
         {"\xff", "\xc0\xaf", "\xe2\x28\xa1", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
        const auto line = json_string(bad);
        EXPECT_NE(line.find("\xEF\xBF\xBD"), std::string::npos);
        EXPECT_TRUE(nlohmann::json::accept(line));
    }
}

TEST(Quoting, LeavesPlainWordsBare)
{
    EXPECT_EQ(logfmt_value("update_missing"), "update_missing");
    EXPECT_EQ(logfmt_value("127.0.0.1:9464"), "127.0.0.1:9464");
    EXPECT_EQ(logfmt_value("16/B374D848"), "16/B374D848");
}

TEST(Quoting, QuotesWhatLogfmtCouldMisread)
{
    for (const std::string text : {"", " ", "a b", "a=b", "a\"b", "ö"})
        EXPECT_EQ(logfmt_value(text).front(), '"') << text;
}

TEST(Quoting, MakesOneLineOfValidJsonFromAnyBytes)
{
    std::mt19937 bytes{20260102};
    for (int round = 0; round < 2000; ++round) {
        std::string text(1 + bytes() % 40, ' ');
        for (auto& byte : text)
            byte = static_cast<char>(bytes() % 256);
        const auto line = json_string(text);
        EXPECT_TRUE(nlohmann::json::accept(line)) << "round " << round;
        EXPECT_EQ(line.find_first_of("\n\r\v\f"), std::string::npos) << "round " << round;
    }
}

TEST(Quoting, GivesJsonReadersTheTextBack)
{
    const std::string text = "a\"b\\c\nd\u2028ö";
    EXPECT_EQ(nlohmann::json::parse(json_string(text)).get<std::string>(), text);
}

}  // namespace
}  // namespace casebridge::telemetry
