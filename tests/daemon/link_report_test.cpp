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

}  // namespace
}  // namespace casebridge::daemon
