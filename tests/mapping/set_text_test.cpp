#include "mapping/set_text.hpp"

#include "tests/mapping/fixture.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace casebridge::mapping {
namespace {

TextSet set_of(const std::vector<std::string>& texts)
{
    std::vector<Value> elements;
    for (const auto& text : texts)
        elements.emplace_back(text);
    return to_text_set(std::move(elements));
}

SetCodec array()
{
    return {SetCodec::Array{}, {}};
}

SetCodec separated(const std::string& separator)
{
    return {SetCodec::Separated{separator}, {}};
}

TEST(SetText, ReadsAnArrayAsTheServerRendersIt)
{
    EXPECT_EQ(read_set(array(), "{}"), TextSet{});
    EXPECT_EQ(read_set(array(), "{b,a}"), set_of({"a", "b"}));
    EXPECT_EQ(read_set(array(), R"({"b c","",a})"), set_of({"a", "b c", ""}));
    EXPECT_EQ(
        read_set(array(), R"({"a\"b","a\\b","NULL","{","},"})"), set_of({"a\"b", "a\\b", "NULL", "{", "},"})
    );
    EXPECT_EQ(read_set(array(), "{nullo,\xC3\xA4}"), set_of({"nullo", "\xC3\xA4"}));
    EXPECT_EQ(read_set(array(), "[0:1]={b,a}"), set_of({"a", "b"}));
    EXPECT_EQ(read_set(array(), "[-3:-3]={a}"), set_of({"a"}));
}

TEST(SetText, TakesOrderAndDoublesForNoInformation)
{
    EXPECT_EQ(read_set(array(), "{b,a,b}"), read_set(array(), "{a,b}"));
    EXPECT_EQ(read_set(separated(";"), "b; a ;b;;"), read_set(separated(";"), "a;b"));
}

TEST(SetText, RefusesWhatIsNoArrayOfTexts)
{
    for (const auto* text : {"",         "a",         "{",     "{a",     "a}",
                             "{a,}",     "{,a}",      "{a b}", "{NULL}", "{null}",
                             "{a,Null}", "{{a},{b}}", "{a}}",  "{\"a}",  "{\"a\\",
                             "{a\"b\"}", "{a\\b}",    "{a} ",  "[1:2]",  "[1:1][1:1]={{a}}",
                             "[x]={a}",  "[1:1]a"})
        EXPECT_EQ(read_set(array(), text), std::nullopt) << text;
}

TEST(SetText, WritesAnArrayAsTheServerWillRenderIt)
{
    EXPECT_EQ(write_set(array(), {}), "{}");
    EXPECT_EQ(write_set(array(), set_of({"b", "a"})), "{a,b}");
    EXPECT_EQ(write_set(array(), set_of({"b c", "", "null", "a,b"})), R"({"","a,b","b c","null"})");
    EXPECT_EQ(
        write_set(array(), set_of({"a\"b", "a\\b", "}", "\n"})), "{\"\n\",\"a\\\"b\",\"a\\\\b\",\"}\"}"
    );
}

TEST(SetText, ReadsBackWhateverArrayItWrites)
{
    std::mt19937 random{5};  // NOLINT(cert-msc51-cpp): the same sets every time.
    const std::vector<std::string> pieces{
        "a", "B", ",", " ", "\"", "\\", "{", "}", "\xC3\xA4", "NULL", "\n", ";"};
    for (int times = 0; times < 4'000; ++times) {
        std::vector<std::string> texts(random() % 4);
        for (auto& text : texts)
            for (auto count = random() % 4; count > 0; --count)
                text += pieces[random() % pieces.size()];
        const auto set = set_of(texts);
        const auto text = write_set(array(), set);
        ASSERT_TRUE(text);
        EXPECT_EQ(read_set(array(), *text), set);
    }
}

TEST(SetText, SeparatesTexts)
{
    EXPECT_EQ(read_set(separated(";"), ""), TextSet{});
    EXPECT_EQ(read_set(separated(";"), " ; "), TextSet{});
    EXPECT_EQ(read_set(separated(";"), "a; b c"), set_of({"a", "b c"}));
    EXPECT_EQ(read_set(separated("; "), "a;b"), set_of({"a", "b"}));
    EXPECT_EQ(read_set(separated(" "), "a  b\tc"), set_of({"a", "b", "c"}));
    EXPECT_EQ(read_set(separated("\n"), "a\r\nb\n"), set_of({"a", "b"}));
    EXPECT_EQ(read_set(separated("||"), "a|b||c"), set_of({"a|b", "c"}));
    EXPECT_EQ(write_set(separated(";"), {}), "");
    EXPECT_EQ(write_set(separated("; "), set_of({"b", "a"})), "a; b");
}

TEST(SetText, WritesNoTextThatWouldBeReadAsAnotherSet)
{
    for (const auto* element : {"a;b", "", " a", "a ", ";"})
        EXPECT_EQ(write_set(separated(";"), set_of({element, "c"})), std::nullopt) << element;
    EXPECT_EQ(write_set(separated(" "), set_of({"a b"})), std::nullopt);
    EXPECT_EQ(write_set(separated("||"), set_of({"a|", "b"})), std::nullopt);
}

TEST(SetText, TranslatesTheElementsByTheirCodes)
{
    const SetCodec codec{
        SetCodec::Separated{","              },
        { {"D", "german"}, {"DE", "german"}, {"E", "english"}}
    };
    EXPECT_EQ(read_set(codec, "DE, E, D"), set_of({"german", "english"}));
    EXPECT_EQ(read_set(codec, "D, F"), std::nullopt);
    EXPECT_EQ(write_set(codec, set_of({"german", "english"})), "E,D");
    EXPECT_EQ(write_set(codec, set_of({"french"})), std::nullopt);
}

TEST(SetText, KnowsWhatCanSeparate)
{
    EXPECT_TRUE(is_separator("; "));
    EXPECT_TRUE(is_separator("\n"));
    EXPECT_FALSE(is_separator(""));
    EXPECT_FALSE(is_separator(" and "));
    EXPECT_FALSE(is_separator("0"));
}

class SetUnit : public testing::Test {
protected:
    SetUnit()
    {
        entity_.fields.push_back(FieldDefinition{
            .name = "skills", .type = FieldType::set, .target = {}, .unit = UnitIndex{0}});
        entity_.units.push_back({"skills", {FieldIndex{0}}});
        table_.schema = "sp";
        table_.table = "person";
        table_.slots = {
            {.column = "skills", .path = {}}
        };
        table_.units = {
            MappedUnit{UnitIndex{0}, {Binding{0, {0}, array()}}}
        };
    }

    [[nodiscard]] Result<UnitValue> get(const FieldValue& text) const
    {
        return get_unit(table_, entity_, table_.units.front(), Image{text}, links_);
    }

    // The column after the set was put over its text.
    [[nodiscard]] FieldValue put(const TextSet& set, const FieldValue& over) const
    {
        Image row{over};
        const auto done = put_unit(table_, entity_, table_.units.front(), {write_text_set(set)}, links_, row);
        return done ? row.front() : text("(refused)");
    }

    EntityDefinition entity_;
    TableMapping table_;
    Links links_;
};

TEST_F(SetUnit, NullAndTheEmptySetAreOne)
{
    EXPECT_EQ(get(std::nullopt).value(), UnitValue(1));
    EXPECT_EQ(get(text("{}")).value(), UnitValue(1));
    EXPECT_EQ(get(text("{b,a}")).value(), UnitValue{text(R"(["a","b"])")});
}

TEST_F(SetUnit, AColumnThatHoldsTheSetKeepsItsText)
{
    EXPECT_EQ(shown(put(set_of({"a", "b"}), text("{b,a,b}"))), "'{b,a,b}'");
    EXPECT_EQ(shown(put({}, std::nullopt)), "-");
    EXPECT_EQ(shown(put({}, text("{}"))), "'{}'");
    EXPECT_EQ(shown(put(set_of({"a"}), text("{b,a}"))), "'{a}'");
}

TEST_F(SetUnit, IsEmptiedWithoutNull)
{
    EXPECT_EQ(shown(put({}, text("{a}"))), "'{}'");
    EXPECT_EQ(shown(new_row(table_).front()), "'{}'");
    table_.units.front().bindings.front().codec = separated(";");
    EXPECT_EQ(shown(put({}, text("a"))), "''");
    EXPECT_EQ(shown(new_row(table_).front()), "''");
    table_.slots.front().path = {"skills"};
    EXPECT_EQ(shown(new_row(table_).front()), "-");
}

TEST_F(SetUnit, NamesThePlaceOfWhatItCannotReadAndNotTheValue)
{
    const auto read = get(text("{secret,NULL}"));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, "unmappable_value");
    EXPECT_EQ(read.error().place, "sp.person.skills (skills)");
    EXPECT_EQ(read.error().message, "the value is no array of one dimension without NULL elements");
}

TEST_F(SetUnit, RefusesToWriteWhatWouldBeReadOtherwise)
{
    table_.units.front().bindings.front().codec = separated(";");
    EXPECT_EQ(shown(put(set_of({"a;b"}), std::nullopt)), "'(refused)'");
}

}  // namespace
}  // namespace casebridge::mapping
