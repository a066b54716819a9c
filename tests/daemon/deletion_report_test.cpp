#include "daemon/deletion_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// What the command line shows of deletions.

namespace casebridge::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

hub::ShownDeletion deletion()
{
    return {
        .heads =
            {{.record = RecordId{42},
              .entity = "person",
              .agency = "sp",
              .table = "sp.person",
              .key = "7\x1b",
              .state = pipeline::DepartureState::held,
              .since = JournalSeq{117},
              .when = "2026-01-01 10:00:00+00",
              .others = {"es", "hs"}}},
        .seen = JournalSeq{                   120                                    },
        .values = { {"name", "Ida\x1b"},                                     {"phone", std::nullopt}},
    };
}

TEST(DeletionReport, ListsKeysAndWhoStillHasTheRecordAndNoValues)
{
    const auto text = deletions_text({deletion().heads.front()});
    for (const auto* part : {"42", "person", "sp", "7\\x1b", "held", "117", "2026-01-01", "es, hs"})
        EXPECT_THAT(text, HasSubstr(part));
    EXPECT_THAT(text, Not(HasSubstr("Ida")));
    EXPECT_EQ(deletions_text({}), "no deletion waits for a person\n");
}

TEST(DeletionReport, ShowsTheCommandLineForEachChoice)
{
    const auto text = deletion_text(deletion());
    for (const auto* choice : {"keep", "remove --seen 120", "restore"})
        EXPECT_THAT(
            text,
            HasSubstr(
                "casebridge deletions decide 42 " + std::string{choice} + " --deletion 117 --reason \"…\"\n"
            )
        );
    EXPECT_THAT(text, HasSubstr("name: \"Ida\\x1b\""));
    EXPECT_THAT(text, HasSubstr("phone: (none)"));
}

TEST(DeletionReport, NamesEveryAgencyThatDeletedIt)
{
    auto shown = deletion();
    shown.heads.push_back(shown.heads.front());
    shown.heads.back().agency = "es";
    shown.heads.back().table = "jobs.seeker";
    const auto text = deletion_text(shown);
    EXPECT_THAT(text, HasSubstr("deleted at sp (sp.person"));
    EXPECT_THAT(text, HasSubstr("deleted at es (jobs.seeker"));
}

TEST(DeletionReport, OffersNoChoiceWhereNobodyHasToDecide)
{
    auto shown = deletion();
    shown.heads.front().state = pipeline::DepartureState::ruled;
    shown.heads.front().others.clear();
    shown.heads.front().key.reset();
    const auto text = deletion_text(shown);
    EXPECT_THAT(text, Not(HasSubstr("casebridge deletions decide")));
    EXPECT_THAT(text, HasSubstr("still at: nobody"));
}

TEST(DeletionReport, IsJsonForPrograms)
{
    const auto list = nlohmann::json::parse(deletions_json({deletion().heads.front()}));
    EXPECT_EQ(list[0]["record"], 42);
    EXPECT_EQ(list[0]["deletion"], 117);
    EXPECT_EQ(list[0]["others"][1], "hs");
    const auto shown = nlohmann::json::parse(deletion_json(deletion()));
    EXPECT_EQ(shown["deletions"][0]["agency"], "sp");
    EXPECT_EQ(shown["seen"], 120);
    EXPECT_TRUE(shown["values"]["phone"].is_null());
}

}  // namespace
}  // namespace casebridge::daemon
