#include "mapping/document_path.hpp"

#include "tests/mapping/fixture.hpp"

#include <gtest/gtest.h>

namespace casebridge::mapping {
namespace {

// What `path` (names parted by '/') holds, `-` for nothing, `!` for a text that is refused.
std::string read(const std::string& document, const std::string& path)
{
    DocumentPath names(1);
    for (const char c : path)
        if (c == '/')
            names.emplace_back();
        else
            names.back().push_back(c);
    const DocumentPath* const paths[] = {&names};
    const auto values = read_document(document, paths);
    return values ? shown(values->front()) : "!";
}

TEST(DocumentPath, ReadsWhatTheServerWouldGive)
{
    EXPECT_EQ(read(R"({"a": "x"})", "a"), "'x'");
    EXPECT_EQ(read(R"({"a": ""})", "a"), "''");
    EXPECT_EQ(read(R"({"a": null})", "a"), "-");
    EXPECT_EQ(read(R"({"a": "null"})", "a"), "'null'");
    EXPECT_EQ(read(R"({"a": true, "b": false})", "b"), "'false'");
    EXPECT_EQ(read(R"({"b": 1})", "a"), "-");
    EXPECT_EQ(read(R"( { "a" : { "b" : { "c" : 7 } } } )", "a/b/c"), "'7'");
    EXPECT_EQ(read(R"({"a": {"b": [1, {"x": 2}]}})", "a/b"), R"('[1, {"x": 2}]')");
    EXPECT_EQ(read(R"({"a": [{"b": 1}]})", "a/b"), "-");
    EXPECT_EQ(read(R"({"a": 1})", "a/b"), "-");
    EXPECT_EQ(read("[1]", "a"), "-");
    EXPECT_EQ(read("3", "a"), "-");
    EXPECT_EQ(read(R"({"a": 1, "a": 2})", "a"), "'2'");
    EXPECT_EQ(read(R"({"": "x"})", ""), "'x'");
}

TEST(DocumentPath, NumbersKeepEveryDigit)
{
    for (const std::string number :
         {"0",
          "-0",
          "1.50",
          "123456789012345678901234567890",
          "1e308",
          "0.1000000000000000055511151231257827",
          "9007199254740993",
          "-1E-400"})
        EXPECT_EQ(read(R"({"a":{"b":)" + number + "}}", "a/b"), "'" + number + "'");
}

TEST(DocumentPath, StringsAreUnescaped)
{
    EXPECT_EQ(read(R"({"a": "\"\\\/\b\f\n\r\t"})", "a"), "'\"\\/\b\f\n\r\t'");
    EXPECT_EQ(
        read(R"({"a": "\u0041\u00e4\u20AC\ud83d\ude00"})", "a"), "'A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80'"
    );
    EXPECT_EQ(read(R"({"\u0061": "x"})", "a"), "'x'");
}

TEST(DocumentPath, SeveralPathsAreReadAtOnce)
{
    const DocumentPath mobile{"phone", "mobile"};
    const DocumentPath home{"phone", "home"};
    const DocumentPath mail{"mail"};
    const DocumentPath* const paths[] = {&mail, &home, &mobile};

    const auto values = read_document(R"({"phone": {"mobile": "1", "home": "2"}, "mail": "3"})", paths);

    ASSERT_TRUE(values);
    EXPECT_EQ(shown((*values)[0]) + shown((*values)[1]) + shown((*values)[2]), "'3''2''1'");
}

TEST(DocumentPath, AnythingElseIsNoDocument)
{
    for (const std::string document :
         {"",
          " ",
          "{",
          "}",
          "{\"a\"}",
          "{\"a\":}",
          "{\"a\":1,}",
          "{\"a\":1 \"b\":2}",
          "{a:1}",
          "[1,]",
          "[1",
          "01",
          "1.",
          ".5",
          "+1",
          "1e",
          "-",
          "tru",
          "nul",
          "\"a",
          "\"\\x\"",
          "\"\\u00g0\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\ude00\"",
          "\"\\ud800\\u0041\"",
          "\"\n\"",
          "{} {}",
          "// x\n{}",
          "{'a':1}",
          "NaN",
          "{\"a\":1}x"})
        EXPECT_EQ(read(document, "a"), "!") << document;
}

TEST(DocumentPath, NestingIsBounded)
{
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_EQ(read(nested(document_depth_max), "a"), "-");
    EXPECT_EQ(read(nested(document_depth_max + 2), "a"), "!");
    EXPECT_EQ(read(std::string(1'000'000, '['), "a"), "!");
}

TEST(DocumentPath, AnyCutOrChangedByteIsReadOrRefusedButNeverCrashes)
{
    const std::string document =
        R"({"a": {"b": "x\u00e4\n", "c": [1, -2.5e3, true, null]}, "d": "\ud83d\ude00"})";
    for (std::size_t i = 0; i < document.size(); ++i) {
        EXPECT_EQ(read(document.substr(0, i), "a/b"), "!");
        for (int byte = 0; byte < 256; ++byte) {
            auto changed = document;
            changed[i] = static_cast<char>(byte);
            EXPECT_FALSE(read(changed, "a/b").empty());
        }
    }
}

}  // namespace
}  // namespace casebridge::mapping
