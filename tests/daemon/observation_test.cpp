#include "daemon/observation.hpp"

#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// What an operator sees of what the daemon's parts report.

namespace casebridge::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using std::chrono_literals::operator""ms;
using telemetry::LaneState;
using telemetry::Side;
using telemetry::StreamState;

const AgencyId sp{"sp"};
const AgencyId es{"es"};
const Error outage{ErrorClass::transient, "57P01", "sp", "the server has ended the connection", ""};

class ObservationTest : public ::testing::Test {
protected:
    // The names of the events so far that contain `part`, in order; each line is handed out once.
    std::vector<std::string> events(const std::string& part = "")
    {
        std::vector<std::string> names;
        for (const auto& line : std::exchange(lines_, {})) {
            const auto at = line.find("event=") + 6;
            const auto name = line.substr(at, line.find(' ', at) - at);
            if (name.find(part) != std::string::npos)
                names.push_back(name);
        }
        return names;
    }

    CaptureObserver capture()
    {
        return observation_.for_capture(sp, [] {});
    }
    LaneObserver lane()
    {
        return observation_.for_lane(sp, [] {});
    }

    void refuse(const std::string& code)
    {
        const auto table = settings_.definition.tables.front().index;
        const std::vector entries{
            Entry{JournalSeq{1}, DeliveryRefused{sp, table, RecordId{1}, code, "x"}}
        };
        conductor_.appended(entries);
    }

    config::Settings settings_ = std::get<config::Settings>(config::load_bridge(std::filesystem::path{
        CASEBRIDGE_SOURCE_DIR "/tests/config/good/bridge.jsonc"}));
    telemetry::Metrics metrics_{"0.1.0"};
    std::vector<std::string> lines_;
    telemetry::EventLog log_{{}, metrics_, [this](std::string_view line) {
                                 lines_.emplace_back(line);
                                 return telemetry::LineFate::written;
                             }};
    Observation observation_{settings_.definition, metrics_, log_};
    ConductorObserver conductor_ = observation_.for_conductor();
};

TEST_F(ObservationTest, TellsOnceThatAConnectionEnded)
{
    capture().connected();
    EXPECT_THAT(events(), ElementsAre("agency_connected"));
    observation_.retry(sp, Side::capture, outage, 200ms);
    EXPECT_THAT(events(), ElementsAre("agency_disconnected", "retry_scheduled"));
    observation_.retry(sp, Side::capture, outage, 400ms);  // It could not be opened again.
    EXPECT_THAT(events(), ElementsAre("retry_scheduled"));
    capture().connected();
    observation_.stopped(sp, Side::capture, outage);
    EXPECT_THAT(events(), ElementsAre("agency_connected", "agency_disconnected", "stream_stopped"));
}

TEST_F(ObservationTest, TellsNoDisconnectionOfALaneOrOfAStreamThatWeEndedOurselves)
{
    capture().connected();
    observation_.retry(sp, Side::delivery, outage, 200ms);
    observation_.hub_lost(outage);
    observation_.retry(sp, Side::capture, outage, 200ms);
    EXPECT_THAT(events("disconnected"), IsEmpty());
}

TEST_F(ObservationTest, KeepsTheTwoHalvesOfAnAgencyApart)
{
    capture().streaming();
    lane().ready();
    observation_.stopped(sp, Side::delivery, outage);
    EXPECT_EQ(observation_.stream_state(sp), StreamState::streaming);
    EXPECT_EQ(observation_.lane_state(sp), LaneState::stopped);
    EXPECT_EQ(observation_.lane_state(es), LaneState::connecting);
    EXPECT_THAT(lines_.back(), HasSubstr("side=delivery"));

    lane().ready();
    observation_.retry(sp, Side::capture, outage, 200ms);
    EXPECT_EQ(observation_.stream_state(sp), StreamState::backing_off);
    EXPECT_EQ(observation_.lane_state(sp), LaneState::ready);
}

TEST_F(ObservationTest, ClaimsNoStateThatEndedWithTheHub)
{
    capture().streaming();
    lane().ready();
    observation_.hub_lost(outage);
    EXPECT_EQ(observation_.stream_state(sp), StreamState::connecting);
    EXPECT_EQ(observation_.lane_state(sp), LaneState::connecting);
}

TEST_F(ObservationTest, CallsAStreamThatCannotContinueAGap)
{
    for (const auto* code : {"slot_missing", "slot_lost", "server_behind_hub"}) {
        capture().streaming();
        observation_.stopped(sp, Side::capture, {ErrorClass::permanent, code, "slot", "gone", ""});
        EXPECT_EQ(observation_.stream_state(sp), StreamState::gap) << code;
    }
    observation_.stopped(sp, Side::capture, {ErrorClass::permanent, "28000", "", "no login", ""});
    EXPECT_EQ(observation_.stream_state(sp), StreamState::stopped);
}

TEST_F(ObservationTest, TellsOnceThatReadingWaitsForTheProjections)
{
    capture().streaming();
    static_cast<void>(events());
    conductor_.waiting_for_projection(sp, 1'000);
    EXPECT_THAT(events(), ElementsAre("projection_lagging"));
    EXPECT_EQ(observation_.stream_state(sp), StreamState::waiting);
    conductor_.merged(sp, {});
    EXPECT_EQ(observation_.stream_state(sp), StreamState::streaming);

    conductor_.projection_lag(900);
    conductor_.waiting_for_projection(sp, 1'000);
    conductor_.waiting_for_projection(es, 1'000);
    EXPECT_THAT(events(), IsEmpty());
    conductor_.projection_lag(100);
    conductor_.waiting_for_projection(es, 1'000);
    EXPECT_THAT(events(), ElementsAre("projection_lagging"));
}

TEST_F(ObservationTest, GoesBackToTheSurveyThatWasPaused)
{
    capture().surveying(true);
    conductor_.waiting_for_projection(sp, 1'000);
    conductor_.surveyed(sp, {}, settings_.definition.tables.front().index);
    EXPECT_EQ(observation_.stream_state(sp), StreamState::surveying);
}

TEST_F(ObservationTest, ShowsWhatWaitsOnEitherWay)
{
    conductor_.refusals({
        {sp, 3}
    });
    capture().inbox(512);
    EXPECT_THAT(
        metrics_.exposition(), HasSubstr("casebridge_parked_changes{agency=\"sp\",side=\"delivery\"} 3\n")
    );
    EXPECT_THAT(metrics_.exposition(), HasSubstr("casebridge_inbox_bytes{agency=\"sp\"} 512\n"));
    conductor_.refusals({});
    observation_.hub_lost(outage);
    EXPECT_THAT(
        metrics_.exposition(), HasSubstr("casebridge_parked_changes{agency=\"sp\",side=\"delivery\"} 0\n")
    );
    EXPECT_THAT(metrics_.exposition(), HasSubstr("casebridge_inbox_bytes{agency=\"sp\"} 0\n"));
}

TEST_F(ObservationTest, NamesWhatARefusedDeliveryMeans)
{
    refuse("23514");
    refuse("unexplained_difference");
    refuse("hop_guard");
    EXPECT_THAT(events(), ElementsAre("delivery_refused", "unexplained_difference", "hop_guard"));
    EXPECT_THAT(metrics_.exposition(), HasSubstr("casebridge_events_total{type=\"hop_guard\"} 1\n"));
    EXPECT_THAT(metrics_.exposition(), Not(HasSubstr("configuration_rejected")));
}

TEST_F(ObservationTest, ShowsAPausedAgencyOnBothHalvesAndNoDisconnection)
{
    capture().connected();
    capture().streaming();
    lane().ready();
    conductor_.waiting_for_projection(sp, 1'000);
    observation_.paused(sp, Side::capture);
    observation_.paused(sp, Side::delivery);
    conductor_.merged(sp, {});  // What was being merged.
    EXPECT_EQ(observation_.stream_state(sp), StreamState::paused);
    EXPECT_EQ(observation_.lane_state(sp), LaneState::paused);
    EXPECT_THAT(
        metrics_.exposition(), HasSubstr("casebridge_lane_state{agency=\"sp\",state=\"paused\"} 1\n")
    );
    EXPECT_THAT(events("disconnected"), IsEmpty());
    observation_.resumed(sp, Side::capture);
    observation_.resumed(sp, Side::delivery);
    EXPECT_EQ(observation_.stream_state(sp), StreamState::connecting);
    EXPECT_EQ(observation_.lane_state(sp), LaneState::connecting);
}

TEST_F(ObservationTest, TellsOfRequestsNoNameNoReasonAndNoKindThatItDoesNotKnow)
{
    RequestAnswered answered;
    answered.request.id = RequestId{7};
    answered.request.kind = "secret_kind";
    answered.request.requested_by = answered.request.role = answered.request.reason = answered.text =
        "SECRET";
    const std::vector entries{
        Entry{JournalSeq{1}, AgencyPaused{sp, RequestId{7}, "SECRET", "SECRET", std::nullopt}},
        Entry{JournalSeq{2}, AgencyResumed{sp, std::nullopt}                                 },
        Entry{JournalSeq{3}, answered                                                        }
    };
    conductor_.appended(entries);
    std::string all;
    for (const auto& line : lines_)
        all += line;
    EXPECT_THAT(events(), ElementsAre("agency_paused", "agency_resumed", "request_answered"));
    EXPECT_THAT(all, HasSubstr("request=7 kind=unknown outcome=refused"));
    EXPECT_THAT(all, Not(HasSubstr("SECRET")));
    EXPECT_THAT(all, Not(HasSubstr("secret_kind")));
}

TEST_F(ObservationTest, NamesTableAndColumnsOfWhatATriggerDidInOurTransaction)
{
    const auto& table = settings_.definition.tables.front();
    const auto& unit = table.units.front();
    RowRead read;
    read.agency = table.agency;
    read.table = table.index;
    read.entity = table.entity;
    VersionAdded added;
    added.unit = unit.unit;
    read.versions = {added};
    auto ours = read;
    ours.source = RowSource::echo;
    const std::vector entries{
        Entry{JournalSeq{3}, read},
        Entry{JournalSeq{4}, ours}
    };
    conductor_.appended(entries);
    ASSERT_EQ(lines_.size(), 1U);
    const auto& column = table.slots[unit.bindings.front().slot].column;
    EXPECT_THAT(lines_.back(), HasSubstr("seq=4 table=" + table.name() + " columns=" + column));
    EXPECT_THAT(events(), ElementsAre("delivery_altered"));

    // A trigger does it to every row that we write.
    auto other = ours;
    other.versions.front().unit = table.units.at(1).unit;
    conductor_.appended(std::vector{
        Entry{JournalSeq{5}, ours },
        Entry{JournalSeq{6}, other}
    });
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_THAT(lines_.back(), HasSubstr("seq=6"));
    EXPECT_THAT(metrics_.exposition(), HasSubstr("casebridge_events_total{type=\"delivery_altered\"} 3\n"));
}

TEST_F(ObservationTest, CountsWhatAStaleFormPutBack)
{
    RowRead read;
    read.agency = sp;
    ConflictNote ordinary;
    ordinary.rule = "latest";
    auto stale = ordinary;
    stale.stale_form = true;
    read.conflicts = {ordinary, stale};
    const std::vector entries{
        Entry{JournalSeq{3}, read}
    };
    conductor_.appended(entries);
    const auto& unit = settings_.definition.model.entities.front().units.front().name;
    ASSERT_FALSE(lines_.empty());
    EXPECT_THAT(lines_.back(), HasSubstr("seq=3 field=" + unit));
    EXPECT_THAT(events(), ElementsAre("hold_opened", "hold_opened", "stale_form"));
    EXPECT_THAT(
        metrics_.exposition(),
        HasSubstr("casebridge_conflicts_total{rule=\"stale_form\",type=\"update_origin_differs\"} 1\n")
    );
    EXPECT_THAT(metrics_.exposition(), HasSubstr("casebridge_stale_forms_total{agency=\"sp\"} 1\n"));
}

TEST_F(ObservationTest, TellsOfADecisionTheFieldAndNoValue)
{
    ValueDecided decided;
    decided.request = RequestId{7};
    decided.version.value = {Value{"SECRET"}};
    decided.versions = {
        {JournalSeq{1}, sp, {Value{"SECRET"}}, std::nullopt}
    };
    const std::vector entries{
        Entry{JournalSeq{3}, decided}
    };
    conductor_.appended(entries);
    const auto& unit = settings_.definition.model.entities.front().units.front().name;
    EXPECT_THAT(lines_.back(), HasSubstr("seq=3 request=7 field=" + unit));
    EXPECT_THAT(lines_.back(), Not(HasSubstr("SECRET")));
    EXPECT_THAT(events(), ElementsAre("value_decided"));
}

TEST_F(ObservationTest, ShowsThatARefusedConfigurationIsNotWhatRuns)
{
    observation_.configuration_refused(3, "bridge.jsonc:4:5");
    EXPECT_THAT(lines_.back(), HasSubstr("mistakes=3 first=bridge.jsonc:4:5"));
    EXPECT_THAT(metrics_.exposition(), HasSubstr("casebridge_config_last_reload_successful 0\n"));
    observation_.configuration_unchanged();
    EXPECT_THAT(metrics_.exposition(), HasSubstr("casebridge_config_last_reload_successful 1\n"));
    EXPECT_THAT(events(), ElementsAre("configuration_refused", "configuration_unchanged"));
}

}  // namespace
}  // namespace casebridge::daemon
