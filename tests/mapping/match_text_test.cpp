#include "mapping/match_text.hpp"

#include <gtest/gtest.h>

#include <string>

// Names as several offices write them. Every text here is made up.

namespace casebridge::mapping {
namespace {

std::string key(const char8_t* text)
{
    std::string utf8;
    for (; *text != 0; ++text)
        utf8.push_back(static_cast<char>(*text));
    return name_match_text(utf8);
}

TEST(NameMatchText, ForgetsCaseAndAccents)
{
    EXPECT_EQ(key(u8"Núñez"), "nunez");
    EXPECT_EQ(key(u8"NUÑEZ"), key(u8"nuñez"));
    EXPECT_EQ(key(u8"Müller"), "muller");
    EXPECT_EQ(key(u8"Łódź"), "lodz");
    EXPECT_EQ(key(u8"Sørensen"), "sorensen");
}

TEST(NameMatchText, DoesNotGuessASpelling)
{
    EXPECT_NE(key(u8"Müller"), key(u8"Mueller"));
    EXPECT_NE(key(u8"Иванов"), key(u8"Ivanov"));
    EXPECT_NE(key(u8"Ann"), key(u8"Anna"));
}

TEST(NameMatchText, IsTheSameForComposedAndCombiningMarks)
{
    EXPECT_EQ(key(u8"é"), key(u8"e\u0301"));
    EXPECT_EQ(key(u8"ệ"), key(u8"e\u0323\u0302"));
    EXPECT_EQ(key(u8"ệ"), key(u8"e\u0302\u0323"));
    EXPECT_EQ(key(u8"\u0301"), "");
}

TEST(NameMatchText, KnowsTheGermanSharpS)
{
    EXPECT_EQ(key(u8"Groß"), "gross");
    EXPECT_EQ(key(u8"GROẞ"), key(u8"GROSS"));
}

TEST(NameMatchText, KnowsAllFourTurkishLettersI)
{
    EXPECT_EQ(key(u8"YILMAZ"), key(u8"Yılmaz"));
    EXPECT_EQ(key(u8"İPEK"), key(u8"ipek"));
    EXPECT_EQ(key(u8"Işık"), "isik");
}

TEST(NameMatchText, KnowsVietnameseNames)
{
    EXPECT_EQ(key(u8"Ngô Đình"), "ngo dinh");
    EXPECT_EQ(key(u8"NGUYỄN THỊ PHƯƠNG"), "nguyen thi phuong");
}

TEST(NameMatchText, LeavesOutArabicPointsAndTatweel)
{
    EXPECT_EQ(key(u8"مُحَمَّد"), key(u8"محمد"));
    EXPECT_EQ(key(u8"محـــمد"), key(u8"محمد"));
    EXPECT_EQ(key(u8"أحمد"), key(u8"احمد"));
    EXPECT_NE(key(u8"محمد"), key(u8"محمود"));
    EXPECT_FALSE(key(u8"محمد").empty());
}

TEST(NameMatchText, KeepsTheVowelsOfDevanagari)
{
    EXPECT_NE(key(u8"मीना"), key(u8"मना"));
    EXPECT_NE(key(u8"मनु"), key(u8"मन"));
    EXPECT_NE(key(u8"क्षमा"), key(u8"कषमा"));
    // The nukta as one character and as two.
    EXPECT_EQ(key(u8"\u095B"), key(u8"\u091C\u093C"));
    EXPECT_NE(key(u8"\u095B"), key(u8"\u091C"));
}

TEST(NameMatchText, KeepsTheSoundMarksOfKanaAndTheVowelsOfThai)
{
    EXPECT_NE(key(u8"か"), key(u8"が"));
    EXPECT_NE(key(u8"กิ"), key(u8"กุ"));
}

TEST(NameMatchText, FoldsWidth)
{
    EXPECT_EQ(key(u8"Ａｎｎａ"), "anna");
    EXPECT_EQ(key(u8"ｶﾞ"), key(u8"ガ"));
    EXPECT_EQ(key(u8"１２"), "12");
}

TEST(NameMatchText, CollapsesWhiteSpaceAndPunctuation)
{
    EXPECT_EQ(key(u8"  Anna-Lena \t Maria "), "anna lena maria");
    EXPECT_EQ(key(u8"Anna\u00A0\u2014 Lena,"), key(u8"Anna Lena"));
    EXPECT_EQ(key(u8"St. John"), "st john");
}

TEST(NameMatchText, LeavesOutApostrophesAndWhatIsInvisible)
{
    EXPECT_EQ(key(u8"O'Brien"), "obrien");
    EXPECT_EQ(key(u8"O’Brien"), key(u8"OʼBrien"));
    EXPECT_EQ(key(u8"An\u00ADna\u200B"), "anna");
}

TEST(NameMatchText, OfNothingIsNothing)
{
    EXPECT_EQ(key(u8""), "");
    EXPECT_EQ(key(u8" .-' "), "");
}

TEST(NameMatchText, IsItsOwnMatchText)
{
    for (const auto* text : {u8"Núñez-O'Brien", u8"Yılmaz", u8"मीना", u8"مُحَمَّد", u8"Ａｎｎａ", u8"Þór Ætla"}) {
        const auto once = key(text);
        EXPECT_EQ(name_match_text(once), once);
    }
}

TEST(NameMatchText, TakesWhatIsNotUtf8)
{
    EXPECT_EQ(name_match_text("an\xFFna"), "an na");
    EXPECT_EQ(name_match_text("\xC3"), "");
}

TEST(UnicodeVersion, IsTwoNumbers)
{
    const auto version = unicode_version();
    const auto point = version.find('.');
    ASSERT_NE(point, std::string::npos);
    EXPECT_GE(std::stoi(version.substr(0, point)), 15);
    EXPECT_GE(std::stoi(version.substr(point + 1)), 0);
}

}  // namespace
}  // namespace casebridge::mapping
