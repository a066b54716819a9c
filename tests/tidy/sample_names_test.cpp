#include "tests/tidy/sample_names.hpp"

#include <gmock/gmock.h>

namespace casebridge::tidy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::set<std::string> names_of_all_samples()
{
    std::set<std::string> names;
    for (const SourceFile& file : read_project({"schema.sql"})) {
        if (file.path.starts_with("examples/")) {
            names.merge(distinctive_names(file.text));
        }
    }
    return names;
}

TEST(SampleNames, AreNotInTheProjectsCode)
{
    const std::set<std::string> names = names_of_all_samples();
    for (const SourceFile& file : read_cpp_files()) {
        if (!is_test(file)) {
            EXPECT_THAT(sample_name_complaints(file, names), IsEmpty());
        }
    }
}

TEST(SampleNames, AreReadFromBothSchemas)
{
    const std::set<std::string> names = names_of_all_samples();
    for (const char* name :
         {"sp.person",
          "support_plan",
          "head_person_id",
          "full_name",
          "able_bodied",
          "jobs.JobSeeker",
          "JobSeeker",
          "stepTitle",
          "seeker_id",
          "deceasedOn"}) {
        EXPECT_THAT(names, Contains(name));
    }
    for (const char* name : {"id", "status", "goal", "person", "CHECK", "UNIQUE", "created_by", "DD", "AC"}) {
        EXPECT_THAT(names, Not(Contains(name)));
    }
}

TEST(SampleNames, AreTakenFromTablesAndColumnsOnly)
{
    EXPECT_THAT(
        distinctive_names(R"(-- CREATE TABLE no.such_table (no_column text);
            CREATE TABLE a."Bc" (id int, d_e numeric(5, 2) CHECK (d_e > 0), "fG" text DEFAULT 'X_Y', UNIQUE (id, d_e));)"
        ),
        ElementsAre("Bc", "a.Bc", "d_e", "fG")
    );
}

TEST(SampleNames, AreFoundInIdentifiersAndStringsButNotInCommentsOrLongerNames)
{
    const std::set<std::string> names{"a.Bc", "d_e"};
    EXPECT_THAT(
        sample_name_complaints({"hub/x.cpp", "int d_e;\nauto s = \"SELECT d_e FROM a.Bc\";\n"}, names),
        ElementsAre(
            HasSubstr("hub/x.cpp:1: d_e is a name"),
            HasSubstr("hub/x.cpp:2: a.Bc is a name"),
            HasSubstr("hub/x.cpp:2: d_e")
        )
    );
    EXPECT_THAT(sample_name_complaints({"hub/x.cpp", "int d_e2, old_d_e; // d_e\n"}, names), IsEmpty());
}

}  // namespace
}  // namespace casebridge::tidy
