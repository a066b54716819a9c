#pragma once

#include "model/pg_time.hpp"

#include <cstdint>

namespace casebridge::simulation {

// True time of the simulated world, in microseconds. Moves with each step; nothing waits for it.
struct VirtualTime {
    std::int64_t now_us = 1'000'000'000;
};

// An agency's own clock: off by an offset, fast or slow by some parts per million, and set now and then, also
// backwards, as operators and time servers do.
class AgencyClock {
public:
    AgencyClock(std::int64_t offset_us, std::int64_t drift_ppm) : offset_us_(offset_us), drift_ppm_(drift_ppm)
    {
    }

    void jump(std::int64_t by_us) { offset_us_ += by_us; }
    [[nodiscard]] PgTime read(const VirtualTime& time) const
    {
        return PgTime{time.now_us + time.now_us / 1'000'000 * drift_ppm_ + offset_us_};
    }

private:
    std::int64_t offset_us_;
    std::int64_t drift_ppm_;
};

}  // namespace casebridge::simulation
