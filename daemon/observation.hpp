#pragma once

#include "daemon/agency_capture.hpp"
#include "daemon/agency_lane.hpp"
#include "daemon/conductor.hpp"
#include "telemetry/event_log.hpp"
#include "telemetry/metrics.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>

// What the daemon's parts report, as events and metrics. Here and nowhere else is decided what an operator
// sees.

namespace casebridge::daemon {

class Observation {
public:
    // All outlive the observation.
    Observation(
        const pipeline::BridgeDefinition& definition, telemetry::Metrics& metrics, telemetry::EventLog& log
    );

    [[nodiscard]] ConductorObserver for_conductor();
    // `progress` is told when something of the agency became durable.
    [[nodiscard]] CaptureObserver for_capture(const AgencyId& agency, std::function<void()> progress);
    [[nodiscard]] LaneObserver for_lane(const AgencyId& agency, std::function<void()> progress);

    // One half of an agency has ended, to be tried again or for good.
    void retry(
        const AgencyId& agency, telemetry::Side side, const Error& cause, std::chrono::milliseconds after
    );
    void stopped(const AgencyId& agency, telemetry::Side side, const Error& cause);
    // An operator has paused the agency, and this half of it has ended; or it begins anew.
    void paused(const AgencyId& agency, telemetry::Side side);
    void resumed(const AgencyId& agency, telemetry::Side side);
    // The breaker has stopped the agency's stream, and it waits.
    void held(const AgencyId& agency);
    // The configuration was read again, and something is wrong with it. `first` names a place, never a value.
    void configuration_refused(std::size_t mistakes, const std::string& first);
    void configuration_unchanged();
    // All work has ended with it and begins anew.
    void hub_lost(const Error& cause);

    // Sets the gauges that are computed on demand from the state.
    void refresh(const Conductor& conductor);

    [[nodiscard]] telemetry::StreamState stream_state(const AgencyId& agency) const
    {
        return states_.at(agency);
    }
    [[nodiscard]] telemetry::LaneState lane_state(const AgencyId& agency) const
    {
        return lane_states_.at(agency);
    }
    [[nodiscard]] telemetry::EventLog& log() { return log_; }
    [[nodiscard]] telemetry::Metrics& metrics() { return metrics_; }

private:
    void enter(const AgencyId& agency, telemetry::StreamState state);
    void enter(const AgencyId& agency, telemetry::LaneState state);
    void entry_appended(const Entry& entry);
    void operator_asked(const Entry& entry);
    void conflict_noted(
        JournalSeq seq, const AgencyId& agency, EntityIndex entity, const ConflictNote& conflict
    );
    void delivery_altered(JournalSeq seq, const RowRead& row, const VersionAdded& added);
    void row_deleted(JournalSeq seq, const RowDeleted& deleted);
    void refused(JournalSeq seq, const DeliveryRefused& refusal);
    void breaker_tripped(JournalSeq seq, const BreakerTripped& tripped);
    void disconnected(const AgencyId& agency, const Error& cause);
    void waiting_for_projection(const AgencyId& agency, std::size_t entries);
    void reads_on(const AgencyId& agency);
    void projection_lag(std::size_t entries);

    const pipeline::BridgeDefinition& definition_;
    telemetry::Metrics& metrics_;
    telemetry::EventLog& log_;
    std::map<AgencyId, telemetry::StreamState> states_;
    std::map<AgencyId, telemetry::LaneState> lane_states_;
    std::map<AgencyId, telemetry::StreamState> before_wait_;  // Of the streams that wait.
    std::map<AgencyId, std::optional<Lsn>> inside_;  // The transaction that is being processed in parts.
    std::set<AgencyId> connected_;                   // Agencies whose stream is connected.
    std::set<std::pair<MappingIndex, UnitIndex>> altered_;  // Units of tables whose first change was told.
    std::optional<std::size_t>
        lagging_;  // Entries behind when projection_lagging was told; until they are not.
};

}  // namespace casebridge::daemon
