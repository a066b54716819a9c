#include "daemon/link_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// What the command line shows of rows whose record is in doubt.

namespace casebridge::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

hub::ShownDoubt doubt()
{
    return {
        .row =
            {.agency = "es",
                  .entity = "person",
                  .key = LocalKey{"it's 9"},
                  .code = "rules_disagree",
                  .candidates = {{RecordId{42}, {"number"}}, {RecordId{51}, {"name~name", "phone"}}}},
        .columns = hub::ShownValue{{"first_name", "Ida\x1b"},  {"nin", std::nullopt}},
        .records = {hub::ShownValue{{"name", R"(Ida "I\" B)"}}, std::nullopt                                 },
    };
}

TEST(LinkReport, ListsKeysAndCandidatesAndNoValues)
{
    const auto text = doubts_text({doubt().row});
    EXPECT_THAT(text, HasSubstr("es  person  \"it's 9\"  rules_disagree\n  record 42  number\n"));
    EXPECT_THAT(text, HasSubstr("record 51  name~name, phone"));
    EXPECT_THAT(text, Not(HasSubstr("Ida")));
    EXPECT_EQ(doubts_text({}), "no row is in doubt\n");
}

TEST(LinkReport, ShowsTheCommandLineForEachChoice)
{
    const auto text = doubt_text(doubt());
    EXPECT_THAT(text, HasSubstr(R"(casebridge links confirm es person 'it'\''s 9' 42 --reason)"));
    EXPECT_THAT(text, HasSubstr(R"(casebridge links reject es person 'it'\''s 9' 51 --reason)"));
    EXPECT_THAT(text, HasSubstr(R"(name: "Ida \"I\\\" B")"));
    EXPECT_THAT(text, HasSubstr("nin: (none)"));
    EXPECT_THAT(text, HasSubstr("(no longer kept)"));
}

TEST(LinkReport, LetsNoTerminalObeyAValue)
{
    EXPECT_THAT(doubt_text(doubt()), HasSubstr("Ida\\x1b"));
    auto shown = doubt();
    shown.row.key = LocalKey{"it's\x1b\\9"};
    const auto text = doubt_text(shown);
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, HasSubstr(R"(casebridge links confirm es person $'it\'s\033\\9' 42)"));
}

TEST(LinkReport, IsJsonForPrograms)
{
    const auto list = nlohmann::json::parse(doubts_json({doubt().row}));
    EXPECT_EQ(list[0]["candidates"][1]["rules"][0], "name~name");
    EXPECT_EQ(list[0]["doubt"], "rules_disagree");
    const auto shown = nlohmann::json::parse(doubt_json(doubt()));
    EXPECT_TRUE(shown["columns"]["nin"].is_null());
    EXPECT_EQ(shown["candidates"][0]["values"]["name"], R"(Ida "I\" B)");
    EXPECT_TRUE(shown["candidates"][1]["values"].is_null());
}

hub::ShownSplit split()
{
    hub::ShownSplit shown;
    shown.wanted = {
        AgencyId{"es"}, "person", LocalKey{"it's 9"}, RecordId{42}, JournalSeq{120}, pipeline::ByRules{}};
    shown.references = 2;
    hub::ShownVersion version;
    version.seq = JournalSeq{7};
    version.author = "sp";
    version.value = hub::ShownValue{
        {"phone", "100"}
    };
    auto other = version;
    other.author = "";
    other.value = hub::ShownValue{
        {"phone", "1\x1b"}
    };
    shown.fields = {
        {"phone",
         hub::ShownValue{{"phone", "900"}},
         std::vector{version, other},
         hub::ShownValue{{"phone", "900"}}                                                                              },
        {"email",  hub::ShownValue{{"email", "x@y"}}, std::nullopt,                     std::nullopt                    },
        {"status", std::nullopt,                      std::vector<hub::ShownVersion>{}, hub::ShownValue{{"status", "R"}}}
    };
    return shown;
}

TEST(SplitReport, ShowsEachFieldBeforeAndAfterAndTheCommandLineThatDoesIt)
{
    const auto text = split_text(split());
    EXPECT_THAT(text, HasSubstr("es person \"it's 9\" leaves record 42 and is a record of its own\n"));
    EXPECT_THAT(
        text,
        HasSubstr(
            "phone\n    record 42 now:  \"900\"\n    record 42 then: \"100\" (sp) or \"1\\x1b\" (decided)\n"
        )
    );
    EXPECT_THAT(text, HasSubstr("record 42 then: as it is\n    the row then: empty\n"));
    EXPECT_THAT(
        text,
        HasSubstr("record 42 now:  (nothing stands)\n    record 42 then: empty\n    the row then: \"R\"\n")
    );
    EXPECT_THAT(text, HasSubstr("mean a record of its own then: 2\n"));
    EXPECT_THAT(
        text, HasSubstr(R"(casebridge links split es person 'it'\''s 9' 42 --seen 120 --yes --reason)")
    );
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(SplitReport, RepeatsWhatTheRowIsSaidToBe)
{
    auto shown = split();
    shown.wanted.into = RecordId{57};
    shown.into = RecordId{57};
    EXPECT_THAT(split_text(shown), HasSubstr("leaves record 42 and is record 57\n"));
    EXPECT_THAT(split_text(shown), HasSubstr("42 --into 57 --seen 120"));
    shown.wanted.into = pipeline::NewRecord{};
    shown.into.reset();
    EXPECT_THAT(split_text(shown), HasSubstr("42 --into new --seen 120"));
    EXPECT_EQ(nlohmann::json::parse(split_json(shown))["into"], "new");
}

TEST(SplitReport, IsJsonForPrograms)
{
    const auto json = nlohmann::json::parse(split_json(split()));
    EXPECT_EQ(json["record"], 42);
    EXPECT_EQ(json["seen"], 120);
    EXPECT_EQ(json["references"], 2);
    EXPECT_EQ(json["fields"][0]["then"][0]["author"], "sp");
    EXPECT_EQ(json["fields"][0]["then"][0]["value"]["phone"], "100");
    EXPECT_TRUE(json["fields"][1]["then"].is_null());
    EXPECT_TRUE(json["fields"][1]["row"].is_null());
    EXPECT_TRUE(json["fields"][2]["now"].is_null());
    EXPECT_TRUE(json["fields"][2]["then"].empty());
}

}  // namespace
}  // namespace casebridge::daemon
