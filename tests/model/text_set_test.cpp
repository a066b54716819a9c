#include "model/text_set.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace casebridge {
namespace {

TextSet set_of(const std::vector<std::string>& texts)
{
    std::vector<Value> elements;
    for (const auto& text : texts)
        elements.emplace_back(text);
    return to_text_set(std::move(elements));
}

std::string written(const std::vector<std::string>& texts)
{
    const auto value = write_text_set(set_of(texts));
    return value ? value->expose() : "(empty)";
}

TEST(TextSet, HasOneTextWhateverTheOrderAndTheDoubles)
{
    EXPECT_EQ(written({"b", "a"}), R"(["a","b"])");
    EXPECT_EQ(written({"a", "b", "a"}), R"(["a","b"])");
    EXPECT_EQ(written({"\xC3\xA4", "z"}), "[\"z\",\"\xC3\xA4\"]");
    EXPECT_EQ(written({""}), R"([""])");
}

TEST(TextSet, WithoutElementsIsAnEmptyField)
{
    EXPECT_EQ(write_text_set({}), std::nullopt);
    EXPECT_EQ(parse_text_set(FieldValue{}), TextSet{});
    EXPECT_EQ(parse_text_set(std::string_view{"[]"}), std::nullopt);
}

TEST(TextSet, EscapesEachCharacterInOneWay)
{
    EXPECT_EQ(written({"a\"\\\n\x01\x1F/"}), R"(["a\"\\\n\u0001\u001f/"])");
}

TEST(TextSet, ReadsNothingThatItWouldNotWrite)
{
    for (const auto* text :
         {"",
          "[",
          "]",
          "[ ]",
          R"(["a")",
          R"("a")",
          R"(["a"],)",
          R"(["a",])",
          R"(["b","a"])",
          R"(["a","a"])",
          R"(["a", "b"])",
          R"([a])",
          R"(["a"]])",
          R"(["\u000a"])",
          R"(["\u0041"])",
          R"(["\u001F"])",
          R"(["\/"])",
          R"(["\)",
          R"(["\u00)",
          R"(["a"x])",
          R"([null])"})
        EXPECT_EQ(parse_text_set(std::string_view{text}), std::nullopt) << text;
    EXPECT_EQ(parse_text_set(std::string_view{R"(["a","b"])"}), set_of({"b", "a"}));
}

TEST(TextSet, ReadsEverythingThatItWrites)
{
    std::mt19937 random{3};  // NOLINT(cert-msc51-cpp): the same sets every time.
    for (int times = 0; times < 2'000; ++times) {
        std::vector<std::string> texts(1 + random() % 4);
        for (auto& text : texts)
            for (auto length = random() % 4; length > 0; --length)
                text.push_back(static_cast<char>(1 + random() % 255));
        const auto set = set_of(texts);
        EXPECT_EQ(parse_text_set(write_text_set(set)), set);
    }
}

}  // namespace
}  // namespace casebridge
