#include "daemon/case_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What the command line shows of holds and conflicts.

namespace casebridge::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

hub::ShownVersion version(std::int64_t seq, std::string author, std::string text)
{
    return {
        .seq = JournalSeq{seq},
        .author = std::move(author),
        .origin = hub::ShownVersion::Origin::agency,
        .value = hub::ShownValue{{"phone", std::move(text)}},
        .stamp = std::nullopt,
        .since = std::nullopt,
    };
}

hub::ShownUnit held_unit()
{
    hub::ShownUnit unit;
    unit.entity = "person";
    unit.record = RecordId{42};
    unit.unit = "phone";
    unit.fields = {"phone"};
    unit.rule = "hold";
    unit.now = hub::UnitNow::on_hold;
    unit.open = {version(101, "sp", "one"), version(117, "es", "two")};
    return unit;
}

hub::ShownConflict conflict(std::string verdict, std::optional<JournalSeq> winner)
{
    hub::ShownConflict shown;
    shown.head.place = {JournalSeq{117}, 0};
    shown.head.verdict = std::move(verdict);
    shown.head.winner = winner;
    shown.versions = {version(101, "sp", "one"), version(105, "nn", "two"), version(117, "es", "two")};
    return shown;
}

std::vector<std::int64_t> seqs_of(const std::vector<hub::ShownVersion>& versions)
{
    std::vector<std::int64_t> seqs;
    for (const auto& version : versions)
        seqs.push_back(version.seq.value());
    return seqs;
}

TEST(CaseReport, GivesTheCommandLineForEveryChoice)
{
    const auto text = unit_text(held_unit());
    EXPECT_THAT(text, HasSubstr("person 42, phone: on hold, rule hold"));
    EXPECT_THAT(text, HasSubstr("casebridge holds decide 42 phone --take 101 --seen 101,117 --reason"));
    EXPECT_THAT(text, HasSubstr("casebridge holds decide 42 phone --take 117 --seen 101,117 --reason"));
    EXPECT_THAT(text, HasSubstr("casebridge holds decide 42 phone --value \"…\" --seen 101,117"));
}

TEST(CaseReport, LetsNoValueControlTheTerminal)
{
    auto unit = held_unit();
    unit.open.front().value = hub::ShownValue{
        {"phone", "\x1b[2J\"x"}
    };
    const auto text = unit_text(unit);
    EXPECT_THAT(text, HasSubstr(R"("\x1b[2J\"x")"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(CaseReport, SaysOfErasedValuesThatTheyAreGone)
{
    auto unit = held_unit();
    unit.open.front().value.reset();
    EXPECT_THAT(unit_text(unit), HasSubstr("(no longer kept)"));
    EXPECT_THAT(unit_json(unit), HasSubstr("\"value\": null"));
}

TEST(CaseReport, ShowsASetByItsElements)
{
    auto unit = held_unit();
    unit.open.front().value = hub::ShownValue{
        {"phone", R"(["a","b\"\u0001"])"}
    };
    EXPECT_THAT(unit_text(unit), HasSubstr(R"(["a", "b\"\x01"])"));
}

TEST(CaseReport, ShowsWhatAllVersionsMadeTogether)
{
    auto shown = conflict("stands", std::nullopt);
    shown.computed = hub::ShownValue{
        {"phone", R"(["one","two"])"}
    };
    EXPECT_THAT(conflict_text(shown), HasSubstr(R"(together they made ["one", "two"])"));
    EXPECT_THAT(conflict_json(shown), HasSubstr("\"computed\""));
    shown.computed.reset();
    EXPECT_THAT(conflict_text(shown), Not(HasSubstr("together")));
}

TEST(CaseReport, KnowsWhatLostInAConflict)
{
    EXPECT_EQ(seqs_of(hub::losers_of(conflict("stands", JournalSeq{117}))), (std::vector<std::int64_t>{101}));
    EXPECT_EQ(
        seqs_of(hub::losers_of(conflict("stands", JournalSeq{101}))), (std::vector<std::int64_t>{105, 117})
    );
    EXPECT_EQ(
        seqs_of(hub::losers_of(conflict("reverted", JournalSeq{101}))), (std::vector<std::int64_t>{117})
    );
    EXPECT_EQ(
        seqs_of(hub::losers_of(conflict("held", std::nullopt))), (std::vector<std::int64_t>{101, 105, 117})
    );
    EXPECT_THAT(conflict_json(conflict("reverted", JournalSeq{101})), HasSubstr("\"lost\": [\n    117\n  ]"));
}

}  // namespace
}  // namespace casebridge::daemon
