#pragma once

#include "telemetry/labels.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

// Every metric: its name, what it means, and the question it answers. Names follow Prometheus: `casebridge_`,
// base units, `_total` for what only grows. They are an interface: dashboards and alerts are built on them.
// docs/metrics.md shows this table and the alerts; tests hold both equal, and a golden file guards the names.

namespace casebridge::telemetry {

enum class MetricKind { counter, gauge, histogram };

enum class Metric {
    build_info,
    start_timestamp_seconds,
    resident_memory_bytes,
    leader,
    events,
    log_lines_lost,
    config_reload_successful,
    config_reload_time,
    stream_state,
    lane_state,
    failures,
    transactions_captured,
    transaction_parts,
    changes_captured,
    captured_bytes,
    inbox_bytes,
    received_position_bytes,
    received_lag_bytes,
    confirmed_lag_bytes,
    confirmed_timestamp_seconds,
    slot_retained_bytes,
    slot_safe_bytes,
    lag_seconds,
    changes_merged,
    conflicts,
    stale_forms,
    holds,
    proposals,
    oldest_hold_age_seconds,
    parked_changes,
    breaker_tripped,
    journal_seq,
    append_seconds,
    projection_lag_entries,
    hub_size_bytes,
    rows_delivered,
    delivery_seconds,
    rows_missed,
    markers,
    echoes,
    confirmation_seconds,
    survey_rows,
    survey_done_ratio,
};

// Up to two names out of label_names; empty for none.
struct LabelPair {
    std::string_view first = "";
    std::string_view second = "";

    [[nodiscard]] constexpr std::array<std::string_view, 2> both() const noexcept { return {first, second}; }
};

struct MetricEntry {
    Metric metric;
    std::string_view name;
    MetricKind kind;
    LabelPair labels;
    std::string_view help;
    std::string_view answers;  // The question.
};

// In the order of the enumerators, so that a metric is an index. Not formatted: a table is read by rows.
// clang-format off
inline constexpr std::array metric_catalogue{
    MetricEntry{Metric::build_info, "casebridge_build_info",
        MetricKind::gauge, {"version"},
        "Always 1; the version is the label.",
        "Which version runs?"},
    MetricEntry{Metric::start_timestamp_seconds, "casebridge_start_timestamp_seconds",
        MetricKind::gauge, {},
        "Unix time at which this daemon started.",
        "Is it the same daemon as an hour ago, or one that starts again and again?"},
    MetricEntry{Metric::resident_memory_bytes, "casebridge_resident_memory_bytes",
        MetricKind::gauge, {},
        "Memory of the process that is in RAM.",
        "How near is the bound at which systemd kills it?"},
    MetricEntry{Metric::leader, "casebridge_leader",
        MetricKind::gauge, {},
        "1 while this daemon leads, 0 while it stands by.",
        "Does exactly one daemon do the work?"},
    MetricEntry{Metric::events, "casebridge_events_total",
        MetricKind::counter, {"type"},
        "Events, whether their log level was written or not.",
        "How often does each kind of event happen?"},
    MetricEntry{Metric::log_lines_lost, "casebridge_log_lines_lost_total",
        MetricKind::counter, {},
        "Log lines that could not be written.",
        "Is the log complete?"},
    MetricEntry{Metric::config_reload_successful, "casebridge_config_last_reload_successful",
        MetricKind::gauge, {},
        "1 if the configuration could be applied when it was last read, 0 if it was refused.",
        "Does the daemon run what its files say?"},
    MetricEntry{Metric::config_reload_time, "casebridge_config_last_reload_success_timestamp_seconds",
        MetricKind::gauge, {},
        "When the configuration was last read and could be applied, in seconds since 1970.",
        "Since when does the present configuration apply?"},
    MetricEntry{Metric::stream_state, "casebridge_stream_state",
        MetricKind::gauge, {"agency", "state"},
        "1 for the state that the agency's stream is in, 0 for all others.",
        "Is every agency being read, and if not, why?"},
    MetricEntry{Metric::lane_state, "casebridge_lane_state",
        MetricKind::gauge, {"agency", "state"},
        "1 for the state that the agency's lane is in, 0 for all others.",
        "Can every agency be written to, and if not, why?"},
    MetricEntry{Metric::failures, "casebridge_failures_total",
        MetricKind::counter, {"agency", "class"},
        "Failures of an agency's stream or lane by what the daemon does about them.",
        "Does a stream fail again and again although it recovers?"},
    MetricEntry{Metric::transactions_captured, "casebridge_transactions_captured_total",
        MetricKind::counter, {"agency"},
        "Transactions of the agency itself that were read, echoes not counted.",
        "How much happens at each agency?"},
    MetricEntry{Metric::transaction_parts, "casebridge_transaction_parts_total",
        MetricKind::counter, {"agency"},
        "Parts of transactions that were too large to be processed as a whole, the last ones not counted.",
        "Do other agencies see transactions half done?"},
    MetricEntry{Metric::changes_captured, "casebridge_changes_captured_total",
        MetricKind::counter, {"agency"},
        "Row changes in these transactions.",
        "How many rows does each agency change?"},
    MetricEntry{Metric::captured_bytes, "casebridge_captured_bytes_total",
        MetricKind::counter, {"agency"},
        "Bytes received for these transactions.",
        "How much traffic does capture cause?"},
    MetricEntry{Metric::inbox_bytes, "casebridge_inbox_bytes",
        MetricKind::gauge, {"agency"},
        "Bytes received of transactions that are complete and not merged yet.",
        "Is the hub slower than the agency writes?"},
    MetricEntry{Metric::received_position_bytes, "casebridge_received_position_bytes",
        MetricKind::gauge, {"agency"},
        "WAL position received, as a byte offset in that server's WAL.",
        "Does reading move on at all?"},
    MetricEntry{Metric::received_lag_bytes, "casebridge_received_lag_bytes",
        MetricKind::gauge, {"agency"},
        "WAL that the server has written and this daemon has not received.",
        "How far behind the agency is reading?"},
    MetricEntry{Metric::confirmed_lag_bytes, "casebridge_confirmed_lag_bytes",
        MetricKind::gauge, {"agency"},
        "WAL that the server has written and this daemon has not confirmed: what the server has to keep.",
        "Could the agency's disk fill up because of us?"},
    MetricEntry{Metric::confirmed_timestamp_seconds, "casebridge_confirmed_timestamp_seconds",
        MetricKind::gauge, {"agency"},
        "Unix time at which this daemon last told the server what is durable in the hub; NaN before the first time.",
        "When did reading the agency last get anywhere?"},
    MetricEntry{Metric::slot_retained_bytes, "casebridge_slot_retained_bytes",
        MetricKind::gauge, {"agency"},
        "WAL that the server keeps for our slot, asked from it every half minute whether the stream is read or not; NaN while it cannot be asked.",
        "How much of the agency's disk do we hold, also when we are stopped?"},
    MetricEntry{Metric::slot_safe_bytes, "casebridge_slot_safe_bytes",
        MetricKind::gauge, {"agency"},
        "WAL that the server can still write before it gives the slot up; +Inf where it has no bound, 0 when the slot is lost or missing, NaN while it cannot be asked.",
        "How much time is left before changes of the agency are lost to us?"},
    MetricEntry{Metric::lag_seconds, "casebridge_lag_seconds",
        MetricKind::gauge, {"agency"},
        "Age that the newest change of the agency in the journal had when it got there; 0 once everything that the server has written is read. It stands while nothing is read.",
        "How late do the agency's changes come into the journal?"},
    MetricEntry{Metric::changes_merged, "casebridge_changes_merged_total",
        MetricKind::counter, {"agency", "verdict"},
        "Merged changes of fields and groups by their verdict.",
        "What becomes of the changes, and how many are concurrent?"},
    MetricEntry{Metric::conflicts, "casebridge_conflicts_total",
        MetricKind::counter, {"type", "rule"},
        "Recorded conflicts by type and by the rule that decided them.",
        "Which conflicts occur, and what decides them?"},
    MetricEntry{Metric::stale_forms, "casebridge_stale_forms_total",
        MetricKind::counter, {"agency"},
        "Fields and groups in which a form of the agency, opened before a delivery and saved after it, put back what the delivery had changed.",
        "How often would forms that stand open undo what others have entered?"},
    MetricEntry{Metric::holds, "casebridge_holds",
        MetricKind::gauge, {},
        "Fields and groups that wait for a person's decision.",
        "How much work waits for people?"},
    MetricEntry{Metric::proposals, "casebridge_proposals",
        MetricKind::gauge, {},
        "Edits of fields of which another agency is the authority that wait for a person to accept or reject them.",
        "Does anybody look at what the other agencies propose?"},
    MetricEntry{Metric::oldest_hold_age_seconds, "casebridge_oldest_hold_age_seconds",
        MetricKind::gauge, {},
        "Age of the oldest field or group that waits for a person's decision; 0 when there is none, NaN while the hub cannot be asked.",
        "Does anybody decide what waits for a decision?"},
    MetricEntry{Metric::parked_changes, "casebridge_parked_changes",
        MetricKind::gauge, {"agency", "side"},
        "From the agency: changes that cannot be translated, and those of the same rows behind them. To the agency: records that it refuses.",
        "Is anything stuck, and on which way?"},
    MetricEntry{Metric::breaker_tripped, "casebridge_breaker_tripped",
        MetricKind::gauge, {"agency", "reason"},
        "Entities of which a transaction that waits for an approval changes or deletes too many records, or whose table it empties.",
        "Has the breaker stopped an agency's stream, and why?"},
    MetricEntry{Metric::journal_seq, "casebridge_journal_seq",
        MetricKind::gauge, {},
        "Position of the newest durable entry of the journal.",
        "How fast does the journal grow?"},
    MetricEntry{Metric::append_seconds, "casebridge_append_duration_seconds",
        MetricKind::histogram, {},
        "Time of one append to the journal, commit included.",
        "Is the hub's disk fast enough?"},
    MetricEntry{Metric::projection_lag_entries, "casebridge_projection_lag_entries",
        MetricKind::gauge, {},
        "Journal entries that the readable views do not show yet.",
        "Are reports up to date?"},
    MetricEntry{Metric::hub_size_bytes, "casebridge_hub_size_bytes",
        MetricKind::gauge, {},
        "Size of the hub's database on disk; NaN while the hub cannot be asked.",
        "When is the hub's disk full?"},
    MetricEntry{Metric::rows_delivered, "casebridge_rows_delivered_total",
        MetricKind::counter, {"agency"},
        "Rows written to the agency.",
        "How much does each agency receive?"},
    MetricEntry{Metric::delivery_seconds, "casebridge_delivery_duration_seconds",
        MetricKind::histogram, {"agency"},
        "Time of one delivery transaction, commit included.",
        "Is the agency's server fast enough?"},
    MetricEntry{Metric::rows_missed, "casebridge_rows_missed_total",
        MetricKind::counter, {"agency"},
        "Rows left alone because somebody had edited them meanwhile.",
        "How often do deliveries meet local edits?"},
    MetricEntry{Metric::markers, "casebridge_markers_total",
        MetricKind::counter, {"agency"},
        "Markers written: delivery transactions without rows.",
        "Does the agency's position move when nothing is delivered?"},
    MetricEntry{Metric::echoes, "casebridge_echoes_total",
        MetricKind::counter, {"agency"},
        "Own transactions, markers among them, read back from the agency's WAL.",
        "Do deliveries come back, so that they count as done?"},
    MetricEntry{Metric::confirmation_seconds, "casebridge_confirmation_latency_seconds",
        MetricKind::histogram, {"agency"},
        "From the commit at the source to reading the echo of the delivery at this agency.",
        "After what time does an edit stand at the other agency?"},
    MetricEntry{Metric::survey_rows, "casebridge_survey_rows_total",
        MetricKind::counter, {"agency"},
        "Rows read by surveys.",
        "Does a survey move on?"},
    MetricEntry{Metric::survey_done_ratio, "casebridge_survey_done_ratio",
        MetricKind::gauge, {"agency"},
        "Part of the agency's mapped tables whose survey is complete.",
        "Are all rows of the agency known, or is a survey under way?"},
};
// clang-format on

inline constexpr std::size_t metric_count = metric_catalogue.size();

[[nodiscard]] constexpr const MetricEntry& entry_of(Metric metric) noexcept
{
    return metric_catalogue[static_cast<std::size_t>(metric)];
}

// As in the `# TYPE` line of the text format.
[[nodiscard]] constexpr std::string_view to_string(MetricKind kind) noexcept
{
    switch (kind) {
        case MetricKind::counter:
            return "counter";
        case MetricKind::gauge:
            return "gauge";
        case MetricKind::histogram:
            return "histogram";
    }
    return "histogram";
}

namespace detail {

consteval bool catalogue_is_in_order()
{
    for (std::size_t index = 0; index < metric_count; ++index)
        if (metric_catalogue[index].metric != static_cast<Metric>(index))
            return false;
    return metric_catalogue.back().metric == Metric::survey_done_ratio;
}
static_assert(catalogue_is_in_order(), "one entry for each metric, in the order of the metrics");

consteval bool labels_are_closed()
{
    for (const auto& entry : metric_catalogue)
        for (const auto label : entry.labels.both())
            if (!label.empty() &&
                std::find(label_names.begin(), label_names.end(), label) == label_names.end())
                return false;
    return true;
}
static_assert(labels_are_closed(), "every label is one of label_names");

}  // namespace detail

}  // namespace casebridge::telemetry
