#pragma once

#include "model/lsn.hpp"
#include "model/source_transaction.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

// What may be confirmed to the server of a stream, and when. A server forgets WAL up to what is confirmed as
// flushed, so that never passes what the hub holds.

namespace casebridge::pipeline {

struct FlushLimits {
    // A stretch of WAL without anything for us is recorded in the hub when it is so long or so old: each
    // costs an append. And when the server asks.
    std::uint64_t stretch_bytes = 16UL * 1024 * 1024;
    std::chrono::microseconds stretch_age = std::chrono::seconds{30};
    // A status is sent at least so often: while one long transaction is worked through nothing can be
    // confirmed, and the server is told that we live.
    std::chrono::microseconds report_interval = std::chrono::seconds{10};
};

struct FlushStatus {
    Lsn written;  // Received, and nothing of it waits to be merged.
    Lsn flushed;  // Durable in the hub.

    friend bool operator==(const FlushStatus&, const FlushStatus&) = default;
};

// Of one connection. Times are readings of a clock that never goes back, from any beginning.
class FlushTracker {
public:
    using Moment = std::chrono::microseconds;
    enum class Reply { not_requested, requested };

    // `durable`: the stream is merged up to here, and the hub holds it.
    FlushTracker(FlushLimits limits, Lsn durable, Moment now);

    // What arrives.
    void keepalive(Lsn wal_end, Reply reply);
    void transaction_begins();
    void transaction_taken(const SourceTransaction& taken);  // Whole or a part; it waits to be merged.

    // All that was taken is merged, and the hub holds it.
    void merged();

    // The end of a stretch without anything for us that the hub is to know of now; nothing when there is none
    // or it can wait. The hub knows it first and the server afterwards, so that a slot which is further than
    // the hub shows that something lies between.
    [[nodiscard]] std::optional<Lsn> stretch_to_record(Moment now) const;
    void stretch_recorded(Lsn end, Moment now);

    // What to tell the server now, if anything; it counts as told.
    [[nodiscard]] std::optional<FlushStatus> status_to_send(Moment now);

    // The server has asked for a reply and has not got it.
    [[nodiscard]] bool owes_reply() const { return owes_reply_; }

private:
    // Up to where nothing of what was received waits to be merged.
    [[nodiscard]] Lsn settled() const;

    FlushLimits limits_;
    Lsn durable_;
    Lsn received_;
    Lsn taken_;  // Greatest end of what waits to be merged.
    bool waits_ = false;
    bool inside_transaction_ = false;
    bool owes_reply_ = false;
    Moment recorded_at_;
    FlushStatus told_;
    std::optional<Moment> told_at_;
};

}  // namespace casebridge::pipeline
