#include "config/json_document.hpp"

#include <gtest/gtest.h>

namespace casebridge::config {
namespace {

std::string mistakes_of(std::string_view text)
{
    std::vector<Mistake> mistakes;
    const auto root = parse_json("f", text, mistakes);
    std::string lines;
    for (const auto& mistake : mistakes)
        lines += to_string(mistake) + "\n";
    return lines;
}

JsonNode parsed(std::string_view text)
{
    std::vector<Mistake> mistakes;
    auto root = parse_json("f", text, mistakes);
    EXPECT_TRUE(root);
    EXPECT_TRUE(mistakes.empty());
    return root.value_or(JsonNode{});
}

std::string at(Position position)
{
    return std::to_string(position.line) + ":" + std::to_string(position.column);
}

TEST(JsonDocument, EveryKeyAndValueKnowsItsPosition)
{
    const auto root = parsed(R"(// a comment, with "quotes": {
{ "a" : 1, /* x
 , */ "b": [true, null
  , {"c": "\"\\", "d": -1.5e3}], "e":/**/"" }
)");
    EXPECT_EQ(at(root.position), "2:1");
    EXPECT_EQ(at(root.find("a")->key_position), "2:3");
    EXPECT_EQ(at(root.find("a")->value.position), "2:9");
    const auto* b = root.find("b");
    EXPECT_EQ(at(b->key_position), "3:7");
    EXPECT_EQ(at(b->value.position), "3:12");
    EXPECT_EQ(at(b->value.elements.at(0).position), "3:13");
    EXPECT_EQ(at(b->value.elements.at(1).position), "3:19");
    const auto& inner = b->value.elements.at(2);
    EXPECT_EQ(at(inner.position), "4:5");
    EXPECT_EQ(at(inner.find("d")->value.position), "4:24");
    EXPECT_EQ(inner.find("d")->value.text, "-1.5e3");
    EXPECT_EQ(inner.find("c")->value.text, "\"\\");
    EXPECT_EQ(at(root.find("e")->value.position), "4:42");
    EXPECT_EQ(root.find("f"), nullptr);
}

TEST(JsonDocument, ColumnsCountCharacters)
{
    const auto root = parsed("\xEF\xBB\xBF{\"\xC3\xA4\xF0\x9F\x98\x80\": 1}");
    EXPECT_EQ(at(root.position), "1:1");
    EXPECT_EQ(at(root.members.at(0).value.position), "1:8");
}

TEST(JsonDocument, ARepeatedKeyIsAMistakeAndTheFirstStays)
{
    EXPECT_EQ(
        mistakes_of("{\"x\": [{}, {\"a\": 1,\n\"a\": 2}]}"),
        "f:2:1: x/1/a: the key is repeated; it stands in line 1 already\n"
    );
}

TEST(JsonDocument, ASyntaxErrorHasItsLineAndColumn)
{
    EXPECT_EQ(
        mistakes_of("{\n  \"a\": 1\n  \"b\": 2\n}"),
        "f:3:3: syntax error while parsing object - unexpected string literal; expected '}'\n"
    );
    EXPECT_EQ(
        mistakes_of(""),
        "f:1:1: syntax error while parsing value - unexpected end of input; expected '[', '{', or a literal\n"
    );
    EXPECT_EQ(
        mistakes_of("{} {}"),
        "f:1:4: syntax error while parsing value - unexpected '{'; expected end of input\n"
    );
    for (const auto* bad : {"{", "[1,]", "{\"a\"}", "nul", "{\"a\":1,}", "/*", "\"\xFF\"", "[1e999]"})
        EXPECT_NE(mistakes_of(bad), "") << bad;
}

TEST(JsonDocument, NestingIsBounded)
{
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_EQ(mistakes_of(nested(json_depth_max)), "");
    EXPECT_EQ(mistakes_of(nested(json_depth_max + 1)), "f:1:33: nested deeper than 32 levels\n");
    EXPECT_EQ(mistakes_of(std::string(1'000'000, '[')), "f:1:33: nested deeper than 32 levels\n");
}

}  // namespace
}  // namespace casebridge::config
