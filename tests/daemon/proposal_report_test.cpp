#include "daemon/proposal_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// What the command line shows of proposals.

namespace casebridge::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

hub::ShownVersion version(std::int64_t seq, const std::string& author, const std::string& phone)
{
    hub::ShownVersion version;
    version.seq = JournalSeq{seq};
    version.author = author;
    version.value = hub::ShownValue{
        {"phone", phone}
    };
    version.since = "2026-01-01 10:00:00+00";
    return version;
}

hub::ShownUnit unit()
{
    hub::ShownUnit unit;
    unit.entity = "person";
    unit.record = RecordId{42};
    unit.unit = "phone";
    unit.fields = {"phone"};
    unit.rule = "authority:sp";
    unit.open = {version(101, "sp", "100")};
    unit.stands = JournalSeq{101};
    unit.proposals = {version(117, "es", "200"), version(118, "hs", "300\x1b")};
    return unit;
}

TEST(ProposalReport, ListsWhoProposesAndNoValues)
{
    const hub::ProposalHead head{
        RecordId{42}, "person", "phone", "es", JournalSeq{117}, "2026-01-01 10:00:00+00"};
    const auto text = proposals_text({head});
    for (const auto* part : {"42", "person", "phone", "es", "117", "2026-01-01"})
        EXPECT_THAT(text, HasSubstr(part));
    EXPECT_EQ(proposals_text({}), "no proposal waits for a person\n");
    const auto list = nlohmann::json::parse(proposals_json({head}));
    EXPECT_EQ(list[0]["record"], 42);
    EXPECT_EQ(list[0]["field"], "phone");
    EXPECT_EQ(list[0]["agency"], "es");
    EXPECT_EQ(list[0]["proposal"], 117);
}

TEST(ProposalReport, ShowsWhatStandsAndTheCommandLineForEachChoice)
{
    const auto text = proposed_text(unit());
    EXPECT_THAT(text, HasSubstr("stands: \"100\", sp\n"));
    EXPECT_THAT(text, HasSubstr("proposed: \"200\", es, 2026-01-01"));
    EXPECT_THAT(text, HasSubstr("casebridge proposals accept 42 phone --proposal 117 --reason"));
    EXPECT_THAT(text, HasSubstr("casebridge proposals reject 42 phone --proposal 118 --reason"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(ProposalReport, OffersNoChoiceWhereNothingWaits)
{
    auto empty = unit();
    empty.proposals.clear();
    EXPECT_THAT(proposed_text(empty), HasSubstr("no proposal waits for this field\n"));
    EXPECT_THAT(proposed_text(empty), Not(HasSubstr("casebridge proposals accept")));
}

TEST(ProposalReport, IsJsonForPrograms)
{
    const auto shown = nlohmann::json::parse(proposed_json(unit()));
    EXPECT_EQ(shown["stands"]["version"], 101);
    EXPECT_EQ(shown["stands"]["value"]["phone"], "100");
    EXPECT_EQ(shown["proposals"][1]["author"], "hs");
    EXPECT_EQ(shown["proposals"][0]["version"], 117);
    auto held = unit();
    held.stands.reset();
    EXPECT_TRUE(nlohmann::json::parse(proposed_json(held))["stands"].is_null());
}

}  // namespace
}  // namespace casebridge::daemon
