#include "telemetry/metrics.hpp"

#include "telemetry/metric_catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace casebridge::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using std::chrono_literals::operator""ms;

const AgencyId sp{"sp"};

// `name type label,label` of every family in the text, as a scraper sees them.
std::set<std::string> families_of(const std::string& exposition)
{
    std::map<std::string, std::string> types;
    std::map<std::string, std::set<std::string>> labels;
    const std::regex label_name{R"re(([a-z_]+)="[^"]*")re"};
    std::istringstream lines{exposition};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string first;
        std::string second;
        std::string name;
        words >> first >> second >> name;
        if (first == "#") {
            if (second == "TYPE")
                words >> types[name];
            continue;
        }
        auto series = line.substr(0, line.find_first_of("{ "));
        if (!types.contains(series))
            series = series.substr(0, series.rfind('_'));  // _bucket, _sum, _count
        for (std::sregex_iterator found{line.begin(), line.end(), label_name}, end; found != end; ++found)
            if ((*found)[1] != "le")
                labels[series].insert((*found)[1]);
    }
    std::set<std::string> families;
    for (const auto& [name, type] : types) {
        std::string joined;
        for (const auto& label : labels[name])
            joined += (joined.empty() ? " " : ",") + label;
        families.insert(name + " " + type + joined);
    }
    return families;
}

std::set<std::string> golden_lines()
{
    std::ifstream file{CASEBRIDGE_SOURCE_DIR "/tests/telemetry/golden/metrics.txt"};
    std::set<std::string> lines;
    for (std::string line; std::getline(file, line);)
        lines.insert(line);
    return lines;
}

std::string exposition_with_two_agencies()
{
    Metrics metrics{"0.1.0"};
    static_cast<void>(metrics.agency(sp));
    static_cast<void>(metrics.agency(AgencyId{"es"}));
    return metrics.exposition();
}

// Dashboards and alerts are built on these names. A change here is a change of an interface: say so in the
// commit.
TEST(Metrics, HaveTheNamesTypesAndLabelsOfTheGoldenFile)
{
    EXPECT_EQ(families_of(exposition_with_two_agencies()), golden_lines());
}

TEST(Metrics, FollowTheNamingConventions)
{
    std::set<std::string_view> names;
    for (const auto& entry : metric_catalogue) {
        EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
        EXPECT_TRUE(entry.name.starts_with("casebridge_")) << entry.name;
        EXPECT_EQ(entry.name.ends_with("_total"), entry.kind == MetricKind::counter) << entry.name;
        EXPECT_TRUE(entry.kind != MetricKind::histogram || entry.name.ends_with("_seconds")) << entry.name;
        EXPECT_TRUE(entry.answers.ends_with('?')) << entry.name;
        EXPECT_TRUE(entry.help.ends_with('.')) << entry.name;
    }
}

TEST(Metrics, AreFewEnoughForManyAgencies)
{
    Metrics metrics{"0.1.0"};
    for (char letter = 'a'; letter < 'a' + static_cast<char>(Metrics::agencies_max); ++letter)
        static_cast<void>(metrics.agency(AgencyId{std::string{letter}}));
    const auto text = metrics.exposition();
    EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 2000);
}

TEST(Metrics, StartAtZeroSoThatTheFirstEventIsARate)
{
    const auto text = exposition_with_two_agencies();
    EXPECT_THAT(text, HasSubstr("casebridge_rows_delivered_total{agency=\"es\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("casebridge_events_total{type=\"hop_guard\"} 0\n"));
}

TEST(Metrics, GiveTheSameProbeForTheSameAgency)
{
    Metrics metrics{"0.1.0"};
    EXPECT_EQ(&metrics.agency(sp), &metrics.agency(sp));
}

TEST(MetricsDeathTest, TakeNothingButAnAgencysIdForALabel)
{
    Metrics metrics{"0.1.0"};
    for (const auto* id : {"", "Sp", "1sp", "a_name_too_long_", "sp\"", "Erika Mustermann"})
        EXPECT_DEATH(static_cast<void>(metrics.agency(AgencyId{id})), "assertion failed") << id;
}

// One row of a table: do something, find this line.
struct Probing {
    const char* expected;
    void (*act)(Metrics&, AgencyProbe&);
};

class EveryProbe : public ::testing::TestWithParam<Probing> {};

TEST_P(EveryProbe, MovesItsMetric)
{
    Metrics metrics{"0.1.0"};
    auto& probe = metrics.agency(sp);
    EXPECT_THAT("\n" + metrics.exposition(), Not(HasSubstr("\n" + std::string{GetParam().expected} + "\n")));
    GetParam().act(metrics, probe);
    EXPECT_THAT("\n" + metrics.exposition(), HasSubstr("\n" + std::string{GetParam().expected} + "\n"));
}

constexpr Lsn at(std::uint64_t offset)
{
    return Lsn{offset};
}

// clang-format off
const Probing probings[] = {
    {R"(casebridge_start_timestamp_seconds 1700000000)",
     [](Metrics& m, AgencyProbe&) { m.started_at(UnixTime{std::chrono::seconds{1'700'000'000}}); }},
    {R"(casebridge_resident_memory_bytes 4096)", [](Metrics& m, AgencyProbe&) { m.resident_memory(4096); }},
    {R"(casebridge_hub_size_bytes 8192)", [](Metrics& m, AgencyProbe&) { m.hub(8192, Seconds{5}); }},
    {R"(casebridge_oldest_hold_age_seconds 5)", [](Metrics& m, AgencyProbe&) { m.hub(8192, Seconds{5}); }},
    {R"(casebridge_confirmed_timestamp_seconds{agency="sp"} 1700000000)",
     [](Metrics&, AgencyProbe& p) { p.confirmed_at(UnixTime{std::chrono::seconds{1'700'000'000}}); }},
    {R"(casebridge_slot_retained_bytes{agency="sp"} 77)", [](Metrics&, AgencyProbe& p) { p.slot(77, 99); }},
    {R"(casebridge_slot_safe_bytes{agency="sp"} 99)", [](Metrics&, AgencyProbe& p) { p.slot(77, 99); }},
    {R"(casebridge_slot_safe_bytes{agency="sp"} +Inf)",
     [](Metrics&, AgencyProbe& p) { p.slot(77, std::numeric_limits<double>::infinity()); }},
    {R"(casebridge_leader 1)", [](Metrics& m, AgencyProbe&) { m.leading(); }},
    {R"(casebridge_events_total{type="started"} 1)",
     [](Metrics& m, AgencyProbe&) { m.event_seen(EventCode::started); }},
    {R"(casebridge_log_lines_lost_total 1)", [](Metrics& m, AgencyProbe&) { m.log_line_lost(); }},
    {R"(casebridge_conflicts_total{rule="union",type="update_deleted"} 1)",
     [](Metrics& m, AgencyProbe&) { m.conflict(ConflictType::update_deleted, Rule::union_); }},
    {R"(casebridge_holds 3)", [](Metrics& m, AgencyProbe&) { m.hold_count(3); }},
    {R"(casebridge_proposals 2)", [](Metrics& m, AgencyProbe&) { m.proposal_count(2); }},
    {R"(casebridge_journal_seq 42)", [](Metrics& m, AgencyProbe&) { m.journal_seq(JournalSeq{42}); }},
    {R"(casebridge_journal_seq 43)", [](Metrics& m, AgencyProbe&) { m.appended(JournalSeq{43}, 2ms); }},
    {R"(casebridge_append_duration_seconds_bucket{le="0.0025"} 1)",
     [](Metrics& m, AgencyProbe&) { m.appended(JournalSeq{1}, 2ms); }},
    {R"(casebridge_projection_lag_entries 7)", [](Metrics& m, AgencyProbe&) { m.projection_lag(7); }},
    {R"(casebridge_stream_state{agency="sp",state="streaming"} 1)",
     [](Metrics&, AgencyProbe& p) { p.stream_state(StreamState::streaming); }},
    {R"(casebridge_stream_state{agency="sp",state="connecting"} 0)",
     [](Metrics&, AgencyProbe& p) { p.stream_state(StreamState::gap); }},
    {R"(casebridge_lane_state{agency="sp",state="backing_off"} 1)",
     [](Metrics&, AgencyProbe& p) { p.lane_state(LaneState::backing_off); }},
    {R"(casebridge_lane_state{agency="sp",state="connecting"} 0)",
     [](Metrics&, AgencyProbe& p) { p.lane_state(LaneState::ready); }},
    {R"(casebridge_failures_total{agency="sp",class="poison"} 1)",
     [](Metrics&, AgencyProbe& p) { p.failed(ErrorClass::poison); }},
    {R"(casebridge_transactions_captured_total{agency="sp"} 1)",
     [](Metrics&, AgencyProbe& p) { p.captured({1, 2, 3, 99}); }},
    {R"(casebridge_transaction_parts_total{agency="sp"} 2)",
     [](Metrics&, AgencyProbe& p) { p.captured({1, 2, 3, 99}); }},
    {R"(casebridge_changes_captured_total{agency="sp"} 3)",
     [](Metrics&, AgencyProbe& p) { p.captured({1, 2, 3, 99}); }},
    {R"(casebridge_captured_bytes_total{agency="sp"} 99)",
     [](Metrics&, AgencyProbe& p) { p.captured({1, 2, 3, 99}); }},
    {R"(casebridge_inbox_bytes{agency="sp"} 512)", [](Metrics&, AgencyProbe& p) { p.inbox(512); }},
    {R"(casebridge_received_position_bytes{agency="sp"} 90)",
     [](Metrics&, AgencyProbe& p) { p.wal_positions(at(100), at(90), at(70)); }},
    {R"(casebridge_received_lag_bytes{agency="sp"} 10)",
     [](Metrics&, AgencyProbe& p) { p.wal_positions(at(100), at(90), at(70)); }},
    {R"(casebridge_confirmed_lag_bytes{agency="sp"} 30)",
     [](Metrics&, AgencyProbe& p) { p.wal_positions(at(100), at(90), at(70)); }},
    {R"(casebridge_lag_seconds{agency="sp"} 0.25)", [](Metrics&, AgencyProbe& p) { p.lag(250ms); }},
    {R"(casebridge_changes_merged_total{agency="sp",verdict="concurrent"} 1)",
     [](Metrics&, AgencyProbe& p) { p.change_merged(Verdict::concurrent); }},
    {R"(casebridge_parked_changes{agency="sp",side="delivery"} 5)",
     [](Metrics&, AgencyProbe& p) { p.parked_count(Side::delivery, 5); }},
    {R"(casebridge_rows_delivered_total{agency="sp"} 4)",
     [](Metrics&, AgencyProbe& p) { p.delivered(4, 1ms); }},
    {R"(casebridge_delivery_duration_seconds_count{agency="sp"} 1)",
     [](Metrics&, AgencyProbe& p) { p.delivered(4, 1ms); }},
    {R"(casebridge_stale_forms_total{agency="sp"} 1)", [](Metrics&, AgencyProbe& p) { p.stale_form(); }},
    {R"(casebridge_rows_missed_total{agency="sp"} 2)", [](Metrics&, AgencyProbe& p) { p.missed(2); }},
    {R"(casebridge_markers_total{agency="sp"} 1)", [](Metrics&, AgencyProbe& p) { p.marker_sent(); }},
    {R"(casebridge_echoes_total{agency="sp"} 1)", [](Metrics&, AgencyProbe& p) { p.echo_read(); }},
    {R"(casebridge_confirmation_latency_seconds_bucket{agency="sp",le="60"} 1)",
     [](Metrics&, AgencyProbe& p) { p.confirmed(Seconds{59}); }},
    {R"(casebridge_survey_rows_total{agency="sp"} 500)",
     [](Metrics&, AgencyProbe& p) { p.surveyed(500); }},
    {R"(casebridge_survey_done_ratio{agency="sp"} 0.5)",
     [](Metrics&, AgencyProbe& p) { p.survey_done(0.5); }},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Metrics, EveryProbe, ::testing::ValuesIn(probings));

TEST(AgencyProbe, CountsNoNegativeLag)
{
    Metrics metrics{"0.1.0"};
    metrics.agency(sp).wal_positions(at(100), at(120), at(100));
    EXPECT_THAT(metrics.exposition(), HasSubstr("casebridge_received_lag_bytes{agency=\"sp\"} 0\n"));
}

TEST(AgencyProbe, IsInExactlyOneState)
{
    Metrics metrics{"0.1.0"};
    auto& probe = metrics.agency(sp);
    for (const auto state : stream_states) {
        probe.stream_state(state);
        const auto text = metrics.exposition();
        const std::regex one{R"(casebridge_stream_state\{[^}]*\} 1\n)"};
        EXPECT_EQ(std::distance(std::sregex_iterator{text.begin(), text.end(), one}, {}), 1);
    }
}

TEST(Metrics, ShowWhatNobodyKnowsAsNoNumber)
{
    Metrics metrics{"0.1.0"};
    auto& probe = metrics.agency(sp);
    const auto all_unknown = [&metrics] {
        const auto text = metrics.exposition();
        EXPECT_THAT(text, HasSubstr("casebridge_hub_size_bytes Nan\n"));
        EXPECT_THAT(text, HasSubstr("casebridge_oldest_hold_age_seconds Nan\n"));
        EXPECT_THAT(text, HasSubstr("casebridge_slot_retained_bytes{agency=\"sp\"} Nan\n"));
        EXPECT_THAT(text, HasSubstr("casebridge_slot_safe_bytes{agency=\"sp\"} Nan\n"));
    };
    all_unknown();
    EXPECT_THAT(
        metrics.exposition(), HasSubstr("casebridge_confirmed_timestamp_seconds{agency=\"sp\"} Nan\n")
    );
    metrics.hub(1, Seconds{1});
    probe.slot(1, 1);
    metrics.hub_unknown();
    probe.slot_unknown();
    all_unknown();
}

TEST(Metrics, CanStandByAgain)
{
    Metrics metrics{"0.1.0"};
    metrics.leading();
    metrics.standing_by();
    EXPECT_THAT(metrics.exposition(), HasSubstr("casebridge_leader 0\n"));
}

}  // namespace
}  // namespace casebridge::telemetry
