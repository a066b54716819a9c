#include "telemetry/metric_families.hpp"
#include "telemetry/metrics.hpp"

#include <utility>

namespace casebridge::telemetry {

namespace {

using prometheus::Histogram;
using prometheus::Labels;

const Histogram::BucketBoundaries delivery_buckets{
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30};

// From an idle system on one machine to a lane that waits for an open form.
const Histogram::BucketBoundaries confirmation_buckets{
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

double distance_bytes(Lsn ahead, Lsn behind)
{
    return ahead > behind ? number(ahead.value() - behind.value()) : 0.0;
}

}  // namespace

AgencyProbe::AgencyProbe(MetricFamilies& families, const AgencyId& agency)
{
    const Labels here{
        {"agency", agency.value()}
    };
    const auto here_and = [&agency](const char* label, std::string value) {
        return Labels{
            {"agency", agency.value()  },
            {label,    std::move(value)}
        };
    };
    transactions_captured_ = &families.counter(Metric::transactions_captured, here);
    transaction_parts_ = &families.counter(Metric::transaction_parts, here);
    changes_captured_ = &families.counter(Metric::changes_captured, here);
    captured_bytes_ = &families.counter(Metric::captured_bytes, here);
    inbox_bytes_ = &families.gauge(Metric::inbox_bytes, here);
    for (const auto state : stream_states)
        stream_states_[index_of(state)] =
            &families.gauge(Metric::stream_state, here_and("state", text_of(state)));
    for (const auto state : lane_states)
        lane_states_[index_of(state)] =
            &families.gauge(Metric::lane_state, here_and("state", text_of(state)));
    for (const auto kind : {ErrorClass::transient, ErrorClass::poison, ErrorClass::permanent})
        failures_[index_of(kind)] = &families.counter(Metric::failures, here_and("class", text_of(kind)));
    received_position_bytes_ = &families.gauge(Metric::received_position_bytes, here);
    received_lag_bytes_ = &families.gauge(Metric::received_lag_bytes, here);
    confirmed_lag_bytes_ = &families.gauge(Metric::confirmed_lag_bytes, here);
    confirmed_timestamp_seconds_ = &families.gauge(Metric::confirmed_timestamp_seconds, here);
    slot_retained_bytes_ = &families.gauge(Metric::slot_retained_bytes, here);
    slot_safe_bytes_ = &families.gauge(Metric::slot_safe_bytes, here);
    lag_seconds_ = &families.gauge(Metric::lag_seconds, here);
    for (const auto verdict : verdicts)
        changes_merged_[index_of(verdict)] =
            &families.counter(Metric::changes_merged, here_and("verdict", text_of(verdict)));
    for (const auto side : sides)
        parked_changes_[index_of(side)] =
            &families.gauge(Metric::parked_changes, here_and("side", text_of(side)));
    for (const auto reason : mass_changes)
        breaker_tripped_[index_of(reason)] =
            &families.gauge(Metric::breaker_tripped, here_and("reason", text_of(reason)));
    rows_delivered_ = &families.counter(Metric::rows_delivered, here);
    delivery_seconds_ = &families.histogram(Metric::delivery_seconds, delivery_buckets, here);
    stale_forms_ = &families.counter(Metric::stale_forms, here);
    rows_missed_ = &families.counter(Metric::rows_missed, here);
    markers_ = &families.counter(Metric::markers, here);
    echoes_ = &families.counter(Metric::echoes, here);
    confirmation_seconds_ = &families.histogram(Metric::confirmation_seconds, confirmation_buckets, here);
    survey_rows_ = &families.counter(Metric::survey_rows, here);
    survey_done_ratio_ = &families.gauge(Metric::survey_done_ratio, here);
    stream_state(StreamState::connecting);
    lane_state(LaneState::connecting);
    confirmed_timestamp_seconds_->Set(unknown);
    slot_unknown();
}

void AgencyProbe::captured(const Captured& captured) noexcept
{
    transactions_captured_->Increment(number(captured.transactions));
    transaction_parts_->Increment(number(captured.parts));
    changes_captured_->Increment(number(captured.changes));
    captured_bytes_->Increment(number(captured.bytes));
}

void AgencyProbe::inbox(std::uint64_t bytes) noexcept
{
    inbox_bytes_->Set(number(bytes));
}

void AgencyProbe::stream_state(StreamState state) noexcept
{
    for (const auto other : stream_states)
        stream_states_[index_of(other)]->Set(other == state ? 1.0 : 0.0);
}

void AgencyProbe::lane_state(LaneState state) noexcept
{
    for (const auto other : lane_states)
        lane_states_[index_of(other)]->Set(other == state ? 1.0 : 0.0);
}

void AgencyProbe::failed(ErrorClass kind) noexcept
{
    failures_[index_of(kind)]->Increment();
}

void AgencyProbe::wal_positions(Lsn server_end, Lsn received, Lsn confirmed) noexcept
{
    received_position_bytes_->Set(number(received.value()));
    received_lag_bytes_->Set(distance_bytes(server_end, received));
    confirmed_lag_bytes_->Set(distance_bytes(server_end, confirmed));
}

void AgencyProbe::confirmed_at(UnixTime time) noexcept
{
    confirmed_timestamp_seconds_->Set(unix_seconds(time));
}

void AgencyProbe::slot(std::uint64_t retained_bytes, double safe_bytes) noexcept
{
    slot_retained_bytes_->Set(number(retained_bytes));
    slot_safe_bytes_->Set(safe_bytes);
}

void AgencyProbe::slot_unknown() noexcept
{
    slot_retained_bytes_->Set(unknown);
    slot_safe_bytes_->Set(unknown);
}

void AgencyProbe::lag(Seconds age) noexcept
{
    lag_seconds_->Set(age.count());
}

void AgencyProbe::change_merged(Verdict verdict) noexcept
{
    changes_merged_[index_of(verdict)]->Increment();
}

void AgencyProbe::breaker_tripped(MassChange reason, std::uint64_t entities) noexcept
{
    breaker_tripped_[index_of(reason)]->Set(number(entities));
}

void AgencyProbe::parked_count(Side side, std::uint64_t changes) noexcept
{
    parked_changes_[index_of(side)]->Set(number(changes));
}

void AgencyProbe::delivered(std::uint64_t rows, Seconds duration)
{
    rows_delivered_->Increment(number(rows));
    delivery_seconds_->Observe(duration.count());
}

void AgencyProbe::missed(std::uint64_t rows) noexcept
{
    rows_missed_->Increment(number(rows));
}

void AgencyProbe::stale_form() noexcept
{
    stale_forms_->Increment();
}

void AgencyProbe::marker_sent() noexcept
{
    markers_->Increment();
}

void AgencyProbe::echo_read() noexcept
{
    echoes_->Increment();
}

void AgencyProbe::confirmed(Seconds latency)
{
    confirmation_seconds_->Observe(latency.count());
}

void AgencyProbe::surveyed(std::uint64_t rows) noexcept
{
    survey_rows_->Increment(number(rows));
}

void AgencyProbe::survey_done(double ratio) noexcept
{
    survey_done_ratio_->Set(ratio);
}

}  // namespace casebridge::telemetry
