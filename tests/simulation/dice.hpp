#pragma once

#include "model/assert.hpp"

#include <cstdint>
#include <vector>

namespace casebridge::simulation {

// The only source of chance in a history. The same seed gives the same numbers on every machine, which the
// distributions of the standard library do not promise.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    // splitmix64: every 64-bit state is as good as any other, so seeds 1, 2, 3 … are independent.
    std::uint64_t roll()
    {
        state_ += 0x9E3779B97F4A7C15ULL;
        auto z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }

    // 0 up to, not including, `bound`.
    std::size_t below(std::size_t bound)
    {
        CASEBRIDGE_ASSERT(bound > 0);
        return roll() % bound;
    }
    [[nodiscard]] bool one_in(std::size_t bound) { return below(bound) == 0; }

    template <class T>
    [[nodiscard]] const T& pick(const std::vector<T>& choices)
    {
        return choices[below(choices.size())];
    }

private:
    std::uint64_t state_;
};

}  // namespace casebridge::simulation
