#include "daemon/observation.hpp"

#include <chrono>

namespace casebridge::daemon {

using telemetry::ConfiguredName;
using telemetry::Event;
using telemetry::EventCode;

namespace {

PgTime now()
{
    const auto since_unix = std::chrono::system_clock::now().time_since_epoch();
    return PgTime{
        std::chrono::duration_cast<std::chrono::microseconds>(since_unix).count() -
        pg_epoch_unix_microseconds};
}

telemetry::Seconds seconds_since_1970()
{
    return std::chrono::system_clock::now().time_since_epoch();
}

// The server cannot continue where the hub stopped: only a survey finds what happened meanwhile.
bool stream_is_gone(const Error& cause)
{
    return cause.code == "slot_missing" || cause.code == "slot_lost" || cause.code == "server_behind_hub" ||
           cause.code == "slot_ahead_of_hub";
}

}  // namespace

Observation::Observation(
    const pipeline::BridgeDefinition& definition, telemetry::Metrics& metrics, telemetry::EventLog& log
)
    : definition_(definition), metrics_(metrics), log_(log)
{
    for (const auto& agency : definition.agencies) {
        enter(agency, telemetry::StreamState::connecting);
        enter(agency, telemetry::LaneState::connecting);
    }
}

void Observation::enter(const AgencyId& agency, telemetry::StreamState state)
{
    states_[agency] = state;
    metrics_.agency(agency).stream_state(state);
}

void Observation::enter(const AgencyId& agency, telemetry::LaneState state)
{
    lane_states_[agency] = state;
    metrics_.agency(agency).lane_state(state);
}

ConductorObserver Observation::for_conductor()
{
    ConductorObserver observer;
    metrics_.standing_by();
    observer.waiting_for_leader = [this] { log_.write(Event{EventCode::waiting_for_leader}); };
    observer.leading = [this](const hub::Leadership& leadership) {
        metrics_.leading();
        metrics_.journal_seq(leadership.last_seq);
        log_.write(
            Event{EventCode::leader_acquired}.with("epoch", leadership.epoch).with("seq", leadership.last_seq)
        );
    };
    observer.append_time = [this](JournalSeq last, double seconds) {
        metrics_.appended(last, telemetry::Seconds{seconds});
    };
    observer.projection_lag = [this](std::size_t entries) { projection_lag(entries); };
    observer.waiting_for_projection = [this](const AgencyId& agency, std::size_t entries) {
        waiting_for_projection(agency, entries);
    };
    observer.waiting_for_persons = [this](const hub::WaitingCounts& waiting) {
        metrics_.hold_count(waiting.holds);
        metrics_.proposal_count(waiting.proposals);
    };
    observer.refusals = [this](const std::map<AgencyId, std::uint64_t>& refusals) {
        for (const auto& agency : definition_.agencies) {
            const auto found = refusals.find(agency);
            const auto count = found == refusals.end() ? 0 : found->second;
            metrics_.agency(agency).parked_count(telemetry::Side::delivery, count);
        }
    };
    observer.appended = [this](std::span<const Entry> entries) {
        for (const auto& entry : entries)
            entry_appended(entry);
    };
    observer.merged = [this](const AgencyId& agency, const pipeline::StreamReport& report) {
        reads_on(agency);
        auto& probe = metrics_.agency(agency);
        probe.captured({report.transactions, report.parts, report.changes, report.bytes});
        if (report.inside && inside_[agency] != report.inside)
            log_.write(Event{EventCode::transaction_in_parts}.at(agency).with("commit_lsn", *report.inside));
        inside_[agency] = report.inside;
        for (std::size_t i = 0; i < report.echoes; ++i)
            probe.echo_read();
        const auto read_at = now();
        if (report.last_commit_time)
            probe.lag(telemetry::Seconds{
                static_cast<double>(read_at.value() - report.last_commit_time->value()) / 1e6});
        for (const auto& confirmation : report.confirmations) {
            const auto micros = read_at.value() - confirmation.source_commit_time.value();
            probe.confirmed(telemetry::Seconds{static_cast<double>(micros) / 1e6});
        }
    };
    observer.surveyed =
        [this](const AgencyId& agency, const pipeline::SurveyReport& report, MappingIndex table) {
            reads_on(agency);
            metrics_.agency(agency).surveyed(report.merged + report.left_to_stream);
            log_.write(Event{EventCode::survey_chunk}
                           .at(agency)
                           .with("table", ConfiguredName{definition_.table(table).name()})
                           .with("merged", std::uint64_t{report.merged})
                           .with("left_to_stream", std::uint64_t{report.left_to_stream})
                           .with("different", std::uint64_t{report.different}));
        };
    return observer;
}

// Told when a stream has to wait and not before the lag has shrunk to a tenth again: under a load that the
// projector can hardly bear a stream waits many times a minute.
void Observation::waiting_for_projection(const AgencyId& agency, std::size_t entries)
{
    if (states_.at(agency) != telemetry::StreamState::waiting) {
        before_wait_[agency] = states_.at(agency);
        enter(agency, telemetry::StreamState::waiting);
    }
    if (lagging_)
        return;
    lagging_ = entries;
    log_.write(Event{EventCode::projection_lagging}.with("entries", std::uint64_t{entries}));
}

void Observation::reads_on(const AgencyId& agency)
{
    const auto before = before_wait_.find(agency);
    if (before == before_wait_.end())
        return;
    if (states_.at(agency) == telemetry::StreamState::waiting)
        enter(agency, before->second);
    before_wait_.erase(before);
}

void Observation::projection_lag(std::size_t entries)
{
    metrics_.projection_lag(entries);
    if (lagging_ && entries <= *lagging_ / 10)
        lagging_.reset();
}

CaptureObserver Observation::for_capture(const AgencyId& agency, std::function<void()> progress)
{
    CaptureObserver observer;
    auto& probe = metrics_.agency(agency);
    observer.connected = [this, agency] {
        connected_.insert(agency);
        log_.write(Event{EventCode::agency_connected}.at(agency));
    };
    observer.streaming = [this, agency] {
        enter(agency, telemetry::StreamState::streaming);
        log_.write(Event{EventCode::stream_started}.at(agency));
    };
    observer.surveying = [this, agency](bool surveying) {
        enter(agency, surveying ? telemetry::StreamState::surveying : telemetry::StreamState::streaming);
        if (surveying)
            log_.write(Event{EventCode::survey_started}.at(agency));
    };
    observer.inbox = [&probe](std::size_t bytes) { probe.inbox(bytes); };
    observer.positions = [&probe](Lsn server, Lsn received, Lsn confirmed) {
        probe.wal_positions(server, received, confirmed);
        probe.confirmed_at(std::chrono::system_clock::now());
        if (confirmed >= server)
            probe.lag(telemetry::Seconds{0});
    };
    observer.progress = std::move(progress);
    return observer;
}

LaneObserver Observation::for_lane(const AgencyId& agency, std::function<void()> progress)
{
    LaneObserver observer;
    auto& probe = metrics_.agency(agency);
    observer.ready = [this, agency] {
        enter(agency, telemetry::LaneState::ready);
        log_.write(Event{EventCode::lane_ready}.at(agency));
    };
    observer.delivered = [&probe, progress = std::move(progress)](std::size_t rows, double seconds) {
        probe.delivered(rows, telemetry::Seconds{seconds});
        progress();
    };
    observer.missed = [&probe](std::size_t rows) { probe.missed(rows); };
    observer.marker = [&probe] { probe.marker_sent(); };
    observer.without_agreement = [this, agency](std::size_t units) {
        log_.write(Event{EventCode::agreement_missing}.at(agency).with("fields", std::uint64_t{units}));
    };
    return observer;
}

void Observation::disconnected(const AgencyId& agency, const Error& cause)
{
    if (connected_.erase(agency) > 0)
        log_.write(Event{EventCode::agency_disconnected}.at(agency).because(cause));
}

void Observation::retry(
    const AgencyId& agency, telemetry::Side side, const Error& cause, std::chrono::milliseconds after
)
{
    switch (side) {
        case telemetry::Side::capture:
            disconnected(agency, cause);
            enter(agency, telemetry::StreamState::backing_off);
            break;
        case telemetry::Side::delivery:
            enter(agency, telemetry::LaneState::backing_off);
            break;
    }
    metrics_.agency(agency).failed(cause.kind);
    log_.write(Event{EventCode::retry_scheduled}
                   .at(agency)
                   .with("side", side)
                   .with("delay_ms", std::int64_t{after.count()})
                   .because(cause));
}

void Observation::stopped(const AgencyId& agency, telemetry::Side side, const Error& cause)
{
    switch (side) {
        case telemetry::Side::capture:
            disconnected(agency, cause);
            enter(
                agency, stream_is_gone(cause) ? telemetry::StreamState::gap : telemetry::StreamState::stopped
            );
            break;
        case telemetry::Side::delivery:
            enter(agency, telemetry::LaneState::stopped);
            break;
    }
    metrics_.agency(agency).failed(cause.kind);
    log_.write(Event{EventCode::stream_stopped}.at(agency).with("side", side).because(cause));
}

void Observation::paused(const AgencyId& agency, telemetry::Side side)
{
    switch (side) {
        case telemetry::Side::capture:
            connected_.erase(agency);  // Ended by us.
            before_wait_.erase(agency);
            metrics_.agency(agency).inbox(0);
            enter(agency, telemetry::StreamState::paused);
            break;
        case telemetry::Side::delivery:
            enter(agency, telemetry::LaneState::paused);
            break;
    }
}

void Observation::resumed(const AgencyId& agency, telemetry::Side side)
{
    switch (side) {
        case telemetry::Side::capture:
            enter(agency, telemetry::StreamState::connecting);
            break;
        case telemetry::Side::delivery:
            enter(agency, telemetry::LaneState::connecting);
            break;
    }
}

void Observation::held(const AgencyId& agency)
{
    connected_.erase(agency);  // Ended by us.
    before_wait_.erase(agency);
    metrics_.agency(agency).inbox(0);
    enter(agency, telemetry::StreamState::held);
}

void Observation::configuration_refused(std::size_t mistakes, const std::string& first)
{
    metrics_.configuration_refused();
    log_.write(Event{EventCode::configuration_refused}
                   .with("mistakes", std::uint64_t{mistakes})
                   .with("first", ConfiguredName{first}));
}

void Observation::configuration_unchanged()
{
    metrics_.configuration_applied(seconds_since_1970());
    log_.write(Event{EventCode::configuration_unchanged});
}

void Observation::hub_lost(const Error& cause)
{
    metrics_.standing_by();
    connected_.clear();  // Ended by us.
    before_wait_.clear();
    lagging_.reset();
    for (const auto& agency : definition_.agencies) {
        enter(agency, telemetry::StreamState::connecting);
        enter(agency, telemetry::LaneState::connecting);
        metrics_.agency(agency).inbox(0);  // Dropped, and read again.
    }
    log_.write(Event{EventCode::hub_lost}.because(cause));
}

void Observation::refresh(const Conductor& conductor)
{
    const auto& state = conductor.state();
    std::map<AgencyId, std::uint64_t> parked;
    for (const auto& [row, waiting] : state.parked)
        if (!waiting.skipped)
            parked[definition_.table(row.table).agency] += waiting.count;
    std::map<AgencyId, double> tables;
    std::map<AgencyId, double> surveyed;
    for (const auto& table : definition_.tables) {
        ++tables[table.agency];
        if (state.tables[table.index.value()].survey == SurveyState::complete)
            ++surveyed[table.agency];
    }
    for (const auto& agency : definition_.agencies) {
        auto& probe = metrics_.agency(agency);
        probe.parked_count(telemetry::Side::capture, parked[agency]);
        probe.survey_done(surveyed[agency] / tables[agency]);
        std::map<BreakerReason, std::uint64_t> stopped;
        if (const auto& known = state.agencies.at(agency); known.held())
            for (const auto& finding : known.breaker->tripped.findings)
                ++stopped[finding.reason];
        probe.breaker_tripped(telemetry::MassChange::changed, stopped[BreakerReason::changed]);
        probe.breaker_tripped(telemetry::MassChange::deleted, stopped[BreakerReason::deleted]);
        probe.breaker_tripped(telemetry::MassChange::truncated, stopped[BreakerReason::truncated]);
    }
    metrics_.projection_lag(conductor.unprojected());
}

}  // namespace casebridge::daemon
