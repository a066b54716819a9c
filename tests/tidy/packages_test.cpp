#include "tests/tidy/packages.hpp"

#include <gmock/gmock.h>

namespace casebridge::tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

bool is_script_or_document(const SourceFile& file)
{
    return file.path.starts_with("scripts/") || file.path.starts_with(".ci/") || file.path.ends_with(".md");
}

TEST(Packages, NamedAnywhereAreListed)
{
    const std::vector<SourceFile> lists = read_project({"packages.txt"});
    ASSERT_EQ(lists.size(), 1U);
    const std::set<std::string> listed = listed_packages(lists[0].text);
    ASSERT_TRUE(listed.contains("g++"));
    ASSERT_TRUE(listed.contains("libboost1.81-dev"));
    for (const SourceFile& file : read_project({""})) {
        if (is_script_or_document(file)) {
            EXPECT_THAT(package_complaints(file, listed), IsEmpty());
        }
    }
}

TEST(Packages, AreReadWithoutComments)
{
    EXPECT_THAT(
        listed_packages("# a list\ng++  # the compiler\n\nninja-build\n"), ElementsAre("g++", "ninja-build")
    );
}

TEST(Packages, ThatAScriptInstallsBesideTheListAreRefused)
{
    EXPECT_THAT(
        package_complaints(
            {"scripts/x", "sudo apt-get install -y --no-install-recommends g++ jq\n"}, {"g++"}
        ),
        ElementsAre(HasSubstr("scripts/x:1: jq is not in packages.txt"))
    );
    EXPECT_THAT(package_complaints({"scripts/x", "apt-get install -qq \"${missing[@]}\"\n"}, {}), IsEmpty());
}

TEST(Packages, ThatADocumentNamesAreRefusedWhenTheListLacksThem)
{
    EXPECT_THAT(
        package_complaints(
            {"docs/x.md", "It needs `libpq-dev`, python3-psycopg2 and postgresql-15.\n"}, {"libpq-dev"}
        ),
        ElementsAre(HasSubstr("postgresql-15 is"), HasSubstr("python3-psycopg2 is"))
    );
    EXPECT_THAT(
        package_complaints({"docs/x.md", "See /usr/lib/libpq-dev/x and /usr/lib/postgresql/15/bin.\n"}, {}),
        IsEmpty()
    );
}

}  // namespace
}  // namespace casebridge::tidy
