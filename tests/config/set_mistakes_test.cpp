#include "tests/config/files.hpp"

#include <gtest/gtest.h>

// What is said about fields that hold sets, and about `union`.

namespace casebridge::config {
namespace {

constexpr auto set_at_es =
    R"({ "column": "skills", "separator": ";", "codes": { "C": "cooking", "K": "cooking", "W": "welding" } })";

TEST(Mistakes, SetsAreChecked)
{
    expect_mistakes({
        {model,
         R"({ "type": "set", "list": "skills" })", R"({ "type": "set", "list": "skils" })",
         R"(model.jsonc:19:101: entities/person/fields/skills/list: there is no code list "skils"; did you mean "skills"?)"},
        {model,
         R"(["national_id"])",                     R"(["national_id", "skills"])",
         "model.jsonc:22:36: entities/person/identity/0/1: skills is a set: it identifies nobody"                         },
        {es,
         R"("able_bodied": "true",)",              R"("able_bodied": "true", "skills": "cooking",)",
         "es.mapping.jsonc:7:57: jobs.\"JobSeeker\"/create_when/skills: skills is a set; conditions on sets "
         "are not supported"                                                                                              },
    });
}

// A mapping in the place of es's skills, and what is said about it.
Case of_skills(const std::string& mapping, const std::string& column, const std::string& mistake)
{
    return {
        es, set_at_es, mapping, "es.mapping.jsonc:16:" + column + ": jobs.\"JobSeeker\".skills" + mistake};
}

TEST(Mistakes, ColumnsOfSetsAreChecked)
{
    expect_mistakes({
        of_skills(
            R"({ "column": "skills", "separator": " und " })",
            "54",
            ": a separator is not empty and has no letters or digits"
        ),
        of_skills(
            R"({ "column": "skills", "separator": "" })",
            "54",
            ": a separator is not empty and has no letters or digits"
        ),
        of_skills(
            R"({ "column": "skills", "separator": "n" })",
            "54",
            ": a separator is not empty and has no letters or digits"
        ),
        of_skills(
            R"({ "column": "skills", "separator": ";", "codes": { "a;b": "cooking" } })",
            "54",
            R"(: code "a;b" could not be read again from between the separators)"
        ),
        of_skills(
            R"({ "column": "skills", "codes": { "W": "weldin" } })",
            "57",
            R"(: code list skills has no "weldin"; did you mean "welding"?)"
        ),
        of_skills(
            R"({ "column": "skills", "path": "a" })",
            "19",
            R"(: a set inside a document is a text: name the "separator" of its elements)"
        ),
        of_skills(
            R"({ "column": "skills", "format": "DD.MM.YYYY" })",
            "41",
            ": only a date has a format; skills is of type set"
        ),
        {es,
          R"("phone": "phone",)", R"("phone": { "column": "phone", "separator": ";" },)",
          R"(es.mapping.jsonc:15:39: jobs."JobSeeker".phone: only a set has a separator; phone is of type text)"},
    });
}

TEST(Mistakes, UnionIsForSetsAndStandsAlone)
{
    const std::string others = R"(; "latest", "filled" and "hold" judge anything)";
    expect_mistakes({
        {bridge,
         R"("death_date": "hold")", R"("death_date": "union")",
         R"(bridge.jsonc:16:21: rules/person/death_date: "union" is for one field of type set, which death_date is not)" +
             others                                                                                                            },
        {bridge,
         R"("default": "latest")",  R"("default": "union")",
         R"(bridge.jsonc:13:18: rules/person/default: "union" fits only some types: name the fields that it judges)"           },
        {bridge,
         R"("budget": "sum")",      R"("budget": "sum", "topics": ["filled", "union"])",
         R"(bridge.jsonc:17:56: rules/plan/topics/1: "union" stands alone: it joins what all have written, and never abstains)"},
        {bridge,
         R"("budget": "sum")",      R"("budget": "sum", "topics": ["union", "latest"])",
         R"(bridge.jsonc:17:46: rules/plan/topics/0: "union" stands alone: it joins what all have written, and never abstains)"},
        {bridge,
         R"("budget": "sum")",      R"("budget": "sum", "topics": "max")",
         R"(bridge.jsonc:17:45: rules/plan/topics: "max" is for one field of type integer, decimal, date or timestamp, which topics is not)" +
             others                                                                                                            },
    });
}

TEST(Mistakes, OtherRulesThanUnionJudgeSets)
{
    for (const auto* rule :
         {R"("hold")", R"(["filled", "latest"])", R"({ "authority": "sp" })", R"(["union"])"}) {
        Files files;
        files.replace(
            "bridge.jsonc", R"("budget": "sum")", std::string{R"("budget": "sum", "topics": )"} + rule
        );
        EXPECT_EQ(files.mistakes(), "") << rule;
    }
}

TEST(Mistakes, ArchivedSetsAreWrittenAsTheyAreKept)
{
    const auto archived = [](const std::string& value) {
        Files files;
        files.replace(
            "bridge.jsonc",
            R"("employment_status": "unemployed",)",
            R"("employment_status": "unemployed", "skills": )" + value + ","
        );
        return files.mistakes();
    };
    EXPECT_EQ(archived(R"("[\"cooking\",\"welding\"]")"), "");
    EXPECT_EQ(archived("null"), "");
    for (const auto* value : {R"("cooking")", R"("[]")", R"("[\"welding\",\"cooking\"]")"})
        EXPECT_NE(archived(value).find("is no set"), std::string::npos) << value;
    EXPECT_NE(archived(R"("[\"cookin\"]")").find("did you mean \"cooking\"?"), std::string::npos);
}

}  // namespace
}  // namespace casebridge::config
