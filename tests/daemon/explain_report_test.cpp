#include "daemon/explain_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// What the command line shows of where a value comes from.

namespace casebridge::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

hub::ExplainedEntry entry(std::int64_t seq, std::string source)
{
    hub::ExplainedEntry entry;
    entry.seq = JournalSeq{seq};
    entry.recorded_at = "2026-03-01 10:00:00+00";
    entry.agency = "sp";
    entry.table = "sp.person";
    entry.source = std::move(source);
    entry.commit_lsn = "0/16B3748";
    entry.ordinal = 2;
    entry.commit_time = PgTime{0};
    entry.configuration = hub::AppliedConfiguration{JournalSeq{1}, "sha256:one", "2026-02-01"};
    return entry;
}

hub::ExplainedVersion version(std::int64_t seq, std::optional<std::string> text)
{
    hub::ExplainedVersion version;
    version.version.seq = JournalSeq{seq};
    version.version.author = "sp";
    if (text)
        version.version.value = hub::ShownValue{
            {"phone", std::move(text)}
        };
    version.entry = entry(seq, "stream");
    version.slots = {"phone_no"};
    return version;
}

hub::Explanation explanation()
{
    hub::Explanation told;
    told.entity = "person";
    told.record = RecordId{42};
    told.configuration = "sha256:two";
    hub::ExplainedRow row;
    row.agency = "es";
    row.table = "jobs.JobSeeker";
    row.state = "live";
    row.key = "secret key";
    row.refusal = pipeline::Refusal{"23514", "phone_check", RequestId{9}};
    told.rows = {row};
    hub::ExplainedUnit unit;
    unit.unit.unit = "phone";
    unit.unit.fields = {"phone"};
    unit.unit.rule = "latest";
    unit.unit.stands = JournalSeq{117};
    unit.golden = hub::ShownValue{
        {"phone", "secret \x1b[2J"}
    };
    hub::UnitAtAgency at;
    at.agency = AgencyId{"es"};
    at.state = hub::UnitState::refused;
    at.table = "jobs.JobSeeker";
    at.slots = {"contact/phone"};
    at.code = "23514";
    at.place = "phone_check";
    unit.agencies = {at};
    auto newest = version(117, "secret two");
    newest.shown_at = {
        {"es", hub::ShownAt::Answer::shown, entry(120, "echo")}
    };
    auto oldest = version(101, std::nullopt);
    oldest.place = hub::ExplainedVersion::Place::superseded;
    oldest.superseded_by = JournalSeq{117};
    unit.versions = {newest, oldest};
    hub::ShownDecision decision;
    decision.seq = JournalSeq{110};
    decision.request = 7;
    decision.requested_by = "Anna";
    decision.reason = "by letter";
    unit.unit.decisions = {decision};
    told.units = {unit};
    return told;
}

TEST(ExplainReport, TellsEveryVersionFromItsSourceToItsReceipt)
{
    const auto text = explanation_text(explanation(), Values::shown);
    EXPECT_THAT(text, HasSubstr("version 117, sp: \"secret two\"; stands"));
    EXPECT_THAT(text, HasSubstr("from sp sp.person phone_no"));
    EXPECT_THAT(text, HasSubstr("stream, commit 0/16B3748 change 2, committed 2000-01-01 00:00:00 UTC"));
    EXPECT_THAT(text, HasSubstr("configuration 1 of 2026-02-01, sha256:one (not the present one)"));
    EXPECT_THAT(text, HasSubstr("at es: delivered, confirmed by entry 120"));
    EXPECT_THAT(text, HasSubstr("version 101, sp: (no longer kept); superseded by 117"));
    EXPECT_THAT(text, HasSubstr("request 7 by Anna: by letter"));
}

TEST(ExplainReport, TellsWhatKeepsAnAgencyFromAValue)
{
    const auto text = explanation_text(explanation(), Values::shown);
    EXPECT_THAT(text, HasSubstr("es, jobs.JobSeeker contact/phone: refused (23514 at phone_check)"));
    EXPECT_THAT(text, HasSubstr("delivery refused (23514 at phone_check, set aside)"));
    EXPECT_THAT(text, HasSubstr("key \"secret key\""));
}

TEST(ExplainReport, LetsNoValueControlTheTerminal)
{
    const auto text = explanation_text(explanation(), Values::shown);
    EXPECT_THAT(text, HasSubstr(R"("secret \x1b[2J")"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(ExplainReport, WithoutValuesHoldsNeitherValuesNorKeys)
{
    EXPECT_THAT(explanation_text(explanation(), Values::left_out), Not(HasSubstr("secret")));
    EXPECT_THAT(explanation_json(explanation(), Values::left_out), Not(HasSubstr("secret")));
}

TEST(ExplainReport, HasTheSameKeysForProgramsWithAndWithoutValues)
{
    const auto with = nlohmann::json::parse(explanation_json(explanation(), Values::shown));
    const auto without = nlohmann::json::parse(explanation_json(explanation(), Values::left_out));
    EXPECT_EQ(with.at("values"), true);
    EXPECT_EQ(without.at("values"), false);
    const auto& unit = with.at("units").at(0);
    EXPECT_EQ(unit.at("versions").at(0).at("value").at("phone"), "secret two");
    EXPECT_EQ(unit.at("versions").at(0).at("entry").at("commit_lsn"), "0/16B3748");
    EXPECT_EQ(unit.at("versions").at(0).at("entry").at("configuration").at("hash"), "sha256:one");
    EXPECT_EQ(unit.at("versions").at(0).at("shown_at").at(0).at("answer"), "shown");
    EXPECT_EQ(unit.at("versions").at(1).at("kept"), false);
    EXPECT_EQ(unit.at("versions").at(1).at("superseded_by"), 117);
    EXPECT_EQ(unit.at("agencies").at(0).at("state"), "refused");
    EXPECT_TRUE(without.at("units").at(0).at("versions").at(0).at("value").is_null());
    EXPECT_EQ(without.at("units").at(0).at("versions").at(0).at("kept"), true);
    EXPECT_TRUE(without.at("rows").at(0).at("key").is_null());
    EXPECT_EQ(with.at("rows").at(0).at("refused").at("set_aside"), true);
}

}  // namespace
}  // namespace casebridge::daemon
