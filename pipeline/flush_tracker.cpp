#include "pipeline/flush_tracker.hpp"

#include <algorithm>

namespace casebridge::pipeline {

FlushTracker::FlushTracker(FlushLimits limits, Lsn durable, Moment now)
    : limits_(limits), durable_(durable), received_(durable), recorded_at_(now)
{
}

void FlushTracker::keepalive(Lsn wal_end, Reply reply)
{
    received_ = std::max(received_, wal_end);
    owes_reply_ = owes_reply_ || reply == Reply::requested;
}

void FlushTracker::transaction_begins()
{
    inside_transaction_ = true;
}

void FlushTracker::transaction_taken(const SourceTransaction& taken)
{
    // While the parts of a transaction come there is no end yet: what is durable of it cannot be confirmed.
    inside_transaction_ = taken.portion == Portion::more_follows;
    taken_ = std::max(taken_, taken.end_lsn);
    waits_ = true;
}

void FlushTracker::merged()
{
    waits_ = false;
    durable_ = std::max(durable_, taken_);
    received_ = std::max(received_, taken_);
}

Lsn FlushTracker::settled() const
{
    return waits_ || inside_transaction_ ? durable_ : std::max(durable_, received_);
}

std::optional<Lsn> FlushTracker::stretch_to_record(Moment now) const
{
    const auto end = settled();
    if (end <= durable_)
        return std::nullopt;
    const bool worth_it =
        end.value() - durable_.value() >= limits_.stretch_bytes || now - recorded_at_ >= limits_.stretch_age;
    if (!owes_reply_ && !worth_it)
        return std::nullopt;
    return end;
}

void FlushTracker::stretch_recorded(Lsn end, Moment now)
{
    durable_ = std::max(durable_, end);
    recorded_at_ = now;
}

std::optional<FlushStatus> FlushTracker::status_to_send(Moment now)
{
    const FlushStatus status{settled(), durable_};
    const bool due = !told_at_ || now - *told_at_ >= limits_.report_interval;
    if (status.written <= told_.written && status.flushed <= told_.flushed && !owes_reply_ && !due)
        return std::nullopt;
    owes_reply_ = false;
    told_at_ = now;
    told_ = status;
    return status;
}

}  // namespace casebridge::pipeline
