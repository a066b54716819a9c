#include "mapping/codecs.hpp"

#include "mapping/split_pattern.hpp"

#include <gtest/gtest.h>

#include <array>

namespace casebridge::mapping {
namespace {

std::string decoded(const Codec& codec, const std::vector<FieldType>& types, std::string_view text)
{
    const auto values = decode(codec, types, text);
    if (!values)
        return "!";
    std::string shown;
    for (const auto& value : *values)
        shown += "[" + value.expose() + "]";
    return shown;
}

std::string encoded(
    const Codec& codec, const std::vector<FieldType>& types, const std::vector<std::string>& texts
)
{
    std::vector<Value> values;
    for (const auto& text : texts)
        values.emplace_back(text);
    return encode(codec, types, Placement::column, values).value_or("!");
}

TEST(DateCodec, ReadsAndWritesItsFormatOnly)
{
    const DateCodec codec{.format = "DD.MM.YYYY"};
    const std::vector types{FieldType::date};
    EXPECT_EQ(decoded(codec, types, "05.12.1990"), "[1990-12-05]");
    EXPECT_EQ(encoded(codec, types, {"1990-12-05"}), "05.12.1990");
    for (const auto* text :
         {"", "5.12.1990", "05-12-1990", "31.02.1990", "05.12.90", "05.12.19900", "x5.12.1990", "1990-12-05"})
        EXPECT_EQ(decoded(codec, types, text), "!") << text;
    for (const auto* date : {"infinity", "0044-03-15 BC", "10000-01-01", "1990-12-5", ""})
        EXPECT_EQ(encoded(codec, types, {date}), "!") << date;
}

TEST(DateCodec, FormatsMayLackLiterals)
{
    EXPECT_EQ(decoded(DateCodec{.format = "YYYYMMDD"}, {FieldType::date}, "19901205"), "[1990-12-05]");
    EXPECT_EQ(
        encoded(DateCodec{.format = "<MM/DD YYYY>"}, {FieldType::date}, {"1990-12-05"}), "<12/05 1990>"
    );
}

TEST(DateCodec, AFormatHasEachTokenOnce)
{
    for (const auto* good : {"YYYY-MM-DD", "DD.MM.YYYY", "YYYYMMDD", " DD / MM / YYYY "})
        EXPECT_TRUE(is_date_format(good)) << good;
    for (const auto* bad :
         {"", "YYYY-MM", "DD.MM.YY", "DD.MM.YYYY DD", "MM.MM.YYYY", "dd.mm.yyyy", "DDMMYYYY1", "DD Mon YYYY"})
        EXPECT_FALSE(is_date_format(bad)) << bad;
}

TEST(CodeCodec, WritesTheFirstLocalCodeOfAMeaning)
{
    const CodeCodec codec{
        .codes = {{"S", "seeking"}, {"S2", "seeking"}, {"", "unknown"}}
    };
    const std::vector types{FieldType::code};
    EXPECT_EQ(decoded(codec, types, "S2"), "[seeking]");
    EXPECT_EQ(decoded(codec, types, ""), "[unknown]");
    EXPECT_EQ(decoded(codec, types, "s"), "!");
    EXPECT_EQ(encoded(codec, types, {"seeking"}), "S");
    EXPECT_EQ(encoded(codec, types, {"unknown"}), "");
    EXPECT_EQ(encoded(codec, types, {"employed"}), "!");
}

TEST(PatternCodec, SplitsAtTheFirstOccurrence)
{
    const PatternCodec codec{
        .literals = {"", ", ", ""}
    };
    const std::vector types{FieldType::text, FieldType::text};
    EXPECT_EQ(decoded(codec, types, "Roe, Jane"), "[Roe][Jane]");
    EXPECT_EQ(decoded(codec, types, "Roe, Jane, Ann"), "[Roe][Jane, Ann]");
    EXPECT_EQ(decoded(codec, types, ", "), "[][]");
    EXPECT_EQ(decoded(codec, types, "Roe Jane"), "!");
    EXPECT_EQ(encoded(codec, types, {"Roe", "Jane"}), "Roe, Jane");
    EXPECT_EQ(encoded(codec, types, {"Roe", "Jane, Ann"}), "Roe, Jane, Ann");
    EXPECT_EQ(encoded(codec, types, {"Roe, Jr", "Jane"}), "!");
}

TEST(PatternCodec, OuterLiteralsStandAtTheEnds)
{
    const PatternCodec codec{
        .literals = {"(", "/", ")"}
    };
    const std::vector types{FieldType::integer, FieldType::text};
    EXPECT_EQ(decoded(codec, types, "(012/a)b)"), "[12][a)b]");
    EXPECT_EQ(encoded(codec, types, {"12", "a)"}), "(12/a))");
    for (const auto* text : {"", "(", ")", "()", "(/x)", "(1/x", "1/x)", "(1x)", "(a/x)"})
        EXPECT_EQ(decoded(codec, types, text), "!") << text;
    EXPECT_EQ(
        decoded(
            PatternCodec{
                .literals = {"aa", "aa"}
    },
            {FieldType::text},
            "aaa"
        ),
        "!"
    );
}

TEST(PatternCodec, SplitUndoesJoinForAllShortTextsThatItWrites)
{
    const Literals literals{"", "ab", ""};
    std::vector<std::string> words{""};
    for (std::size_t i = 0; i < words.size() && words[i].size() < 3; ++i)
        for (const char c : {'a', 'b'})
            words.push_back(words[i] + c);
    int written = 0;
    for (const auto& left : words)
        for (const auto& right : words) {
            const auto text =
                encoded(PatternCodec{literals}, {FieldType::text, FieldType::text}, {left, right});
            const bool splits_elsewhere = (left + "ab").find("ab") < left.size();
            EXPECT_EQ(text, splits_elsewhere ? "!" : left + "ab" + right);
            written += text == "!" ? 0 : 1;
        }
    EXPECT_GT(written, 100);
}

}  // namespace
}  // namespace casebridge::mapping
