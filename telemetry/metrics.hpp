#pragma once

#include "model/error.hpp"
#include "model/ids.hpp"
#include "model/lsn.hpp"
#include "telemetry/event_codes.hpp"
#include "telemetry/labels.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

// What happens, said in its own words; which metric follows from it is decided here
// (telemetry/metric_catalogue.hpp lists them). Every call touches handles that were looked up beforehand: it
// costs nanoseconds and takes no lock except that of a histogram. All calls are thread-safe, apart from
// Metrics::agency.

namespace casebridge::telemetry {

using Seconds = std::chrono::duration<double>;
using UnixTime = std::chrono::system_clock::time_point;

class MetricFamilies;

// One agency's part. Made by Metrics::agency, lives as long as the Metrics. Callers keep the reference.
class AgencyProbe {
public:
    AgencyProbe(MetricFamilies& families, const AgencyId& agency);

    // Capture.
    struct Captured {
        std::uint64_t transactions = 0;  // Complete ones.
        std::uint64_t parts = 0;         // Of transactions that are not complete yet.
        std::uint64_t changes = 0;
        std::uint64_t bytes = 0;
    };
    void captured(const Captured& captured) noexcept;
    void inbox(std::uint64_t bytes) noexcept;
    void stream_state(StreamState state) noexcept;
    void lane_state(LaneState state) noexcept;
    void failed(ErrorClass kind) noexcept;
    // What the server has written, what we have received of it and what we have confirmed. Bounds cross for a
    // moment when they are read one after the other: a negative lag counts as none.
    void wal_positions(Lsn server_end, Lsn received, Lsn confirmed) noexcept;
    void confirmed_at(UnixTime time) noexcept;
    // What the server says about our slot. `safe_bytes`: infinity where the server has no bound, 0 for a slot
    // that is gone.
    void slot(std::uint64_t retained_bytes, double safe_bytes) noexcept;
    void slot_unknown() noexcept;
    void lag(Seconds age) noexcept;

    // Merge.
    void change_merged(Verdict verdict) noexcept;
    void parked_count(Side side, std::uint64_t changes) noexcept;
    void breaker_tripped(MassChange reason, std::uint64_t entities) noexcept;

    // Delivery to this agency.
    void delivered(std::uint64_t rows, Seconds duration);
    void missed(std::uint64_t rows) noexcept;
    void stale_form() noexcept;  // One field or group.
    void marker_sent() noexcept;
    void echo_read() noexcept;
    void confirmed(Seconds latency);  // Commit at the source to echo read.

    // Surveys.
    void surveyed(std::uint64_t rows) noexcept;
    void survey_done(double ratio) noexcept;

private:
    prometheus::Counter* transactions_captured_;
    prometheus::Counter* transaction_parts_;
    prometheus::Counter* changes_captured_;
    prometheus::Counter* captured_bytes_;
    prometheus::Gauge* inbox_bytes_;
    std::array<prometheus::Gauge*, stream_states.size()> stream_states_{};
    std::array<prometheus::Gauge*, lane_states.size()> lane_states_{};
    std::array<prometheus::Counter*, 3> failures_{};
    prometheus::Gauge* received_position_bytes_;
    prometheus::Gauge* received_lag_bytes_;
    prometheus::Gauge* confirmed_lag_bytes_;
    prometheus::Gauge* confirmed_timestamp_seconds_;
    prometheus::Gauge* slot_retained_bytes_;
    prometheus::Gauge* slot_safe_bytes_;
    prometheus::Gauge* lag_seconds_;
    std::array<prometheus::Counter*, verdicts.size()> changes_merged_{};
    std::array<prometheus::Gauge*, sides.size()> parked_changes_{};
    std::array<prometheus::Gauge*, mass_changes.size()> breaker_tripped_{};
    prometheus::Counter* rows_delivered_;
    prometheus::Histogram* delivery_seconds_;
    prometheus::Counter* rows_missed_;
    prometheus::Counter* stale_forms_;
    prometheus::Counter* markers_;
    prometheus::Counter* echoes_;
    prometheus::Histogram* confirmation_seconds_;
    prometheus::Counter* survey_rows_;
    prometheus::Gauge* survey_done_ratio_;
};

class Metrics {
public:
    // `version` is the program's.
    explicit Metrics(std::string_view version);
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    ~Metrics();

    // The agency's probe, made with all its series at zero when it is first asked for. Looks up by name: once
    // per agency at start, not per event. Asserts that the id has the form of one and that there are at most
    // agencies_max, so that nothing but an agency's id becomes a label.
    [[nodiscard]] AgencyProbe& agency(const AgencyId& agency);

    static constexpr std::size_t agencies_max = 16;

    void started_at(UnixTime time) noexcept;
    void resident_memory(std::uint64_t bytes) noexcept;
    void leading() noexcept;
    void standing_by() noexcept;
    void event_seen(EventCode code) noexcept;
    void log_line_lost() noexcept;
    void configuration_applied(Seconds since_1970) noexcept;
    void configuration_refused() noexcept;
    void conflict(ConflictType type, Rule rule) noexcept;
    void hold_count(std::uint64_t holds) noexcept;
    void proposal_count(std::uint64_t proposals) noexcept;
    // What the hub says about itself.
    void hub(std::uint64_t size_bytes, Seconds oldest_hold_age) noexcept;
    void hub_unknown() noexcept;
    void appended(JournalSeq last, Seconds duration);
    void journal_seq(JournalSeq last) noexcept;
    void projection_lag(std::uint64_t entries) noexcept;

    // All metrics in Prometheus' text format 0.0.4. Gauges that the caller computes on demand, such as ages,
    // are set by it before it asks.
    [[nodiscard]] std::string exposition() const;

private:
    struct Handles;
    std::unique_ptr<MetricFamilies> families_;
    std::unique_ptr<Handles> handles_;
};

}  // namespace casebridge::telemetry
