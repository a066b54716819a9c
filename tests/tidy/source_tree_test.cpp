#include "tests/tidy/source_tree.hpp"

#include <gmock/gmock.h>

namespace casebridge::tidy {
namespace {

using testing::ElementsAre;

TEST(CodeOf, BlanksCommentsAndKeepsLines)
{
    EXPECT_EQ(code_of("a // b\nc /* d\ne */ f", Strings::kept), "a     \nc     \n     f");
}

TEST(CodeOf, DoesNotTakeAStringForAComment)
{
    EXPECT_EQ(code_of(R"(x = "// \" /*"; y)", Strings::kept), R"(x = "// \" /*"; y)");
    EXPECT_EQ(code_of(R"(x = "// \" /*"; y)", Strings::blanked), "x =" + std::string(11, ' ') + "; y");
}

TEST(CodeOf, UnderstandsRawStringsAndDigitSeparators)
{
    EXPECT_EQ(code_of("R\"q(\" // )\" )q\" z", Strings::blanked), "R" + std::string(15, ' ') + "z");
    EXPECT_EQ(code_of("1'000'000 + 'x' // n", Strings::blanked), "1'000'000 +         ");
}

TEST(CodeOf, EndsWithTheTextWhenSomethingIsNotClosed)
{
    EXPECT_EQ(code_of("a /* b", Strings::kept), "a     ");
    EXPECT_EQ(code_of("a \"b", Strings::blanked), "a   ");
}

TEST(WordsOf, KnowTheirLines)
{
    const std::vector<Word> words = words_of("one two\n\n_three4");
    ASSERT_EQ(words.size(), 3U);
    EXPECT_EQ(words[2].text, "_three4");
    EXPECT_EQ(words[2].line, 3U);
}

TEST(IncludesOf, FindsBothFormsAndNoCommentedOnes)
{
    const std::vector<Include> includes =
        includes_of("#include \"a/b.hpp\"\n// #include <c>\n#  include <d>\n");
    ASSERT_EQ(includes.size(), 2U);
    EXPECT_EQ(includes[0].path, "a/b.hpp");
    EXPECT_EQ(includes[0].form, Include::Form::quoted);
    EXPECT_EQ(includes[1].path, "d");
    EXPECT_EQ(includes[1].form, Include::Form::angled);
    EXPECT_EQ(includes[1].line, 3U);
}

TEST(LinesOf, CountsALastLineWithoutAnEnd)
{
    EXPECT_THAT(lines_of("a\n\nb"), ElementsAre("a", "", "b"));
    EXPECT_THAT(lines_of("a\n"), ElementsAre("a"));
}

TEST(ReadProject, FindsThisFile)
{
    EXPECT_TRUE(exists_in_project("tests/tidy/source_tree_test.cpp"));
    EXPECT_THAT(
        read_project({"tree_test.cpp"}),
        testing::Contains(testing::Field(&SourceFile::path, "tests/tidy/source_tree_test.cpp"))
    );
}

}  // namespace
}  // namespace casebridge::tidy
