#pragma once

#include "model/error.hpp"

#include <chrono>
#include <variant>

namespace casebridge::pipeline {

struct RetryLimits {
    std::chrono::milliseconds backoff_min{200};
    std::chrono::milliseconds backoff_max{30'000};
};

// How the last attempt ended.
struct EndedWell {};  // The server closed the stream in good order.
using Ended = std::variant<EndedWell, Error>;

struct TryAgain {
    std::chrono::milliseconds after{0};
};
struct Stop {
    Error cause;
};
using NextStep = std::variant<TryAgain, Stop>;

// Every decision about retrying one stream or lane; no timer, clock or socket. The back-off doubles with each
// attempt and is forgotten on progress, not on a successful connect: a server that accepts and drops us is
// not hammered.
class StreamLifecycle {
public:
    explicit StreamLifecycle(RetryLimits limits) : limits_(limits), backoff_(limits.backoff_min) {}

    // Something became durable since the last attempt began.
    void progress_made() noexcept { backoff_ = limits_.backoff_min; }

    [[nodiscard]] NextStep next(const Ended& previous);

private:
    RetryLimits limits_;
    std::chrono::milliseconds backoff_;
};

}  // namespace casebridge::pipeline
