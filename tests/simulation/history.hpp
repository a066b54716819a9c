#pragma once

#include "tests/simulation/broken_core.hpp"
#include "tests/simulation/occurrences.hpp"
#include "tests/simulation/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace casebridge::simulation {

struct HistoryResult {
    struct Found {
        std::string checker;
        std::string what;
        std::size_t step = 0;
    };
    std::optional<Found> violation;
    std::size_t steps = 0;
    Occurrences occurrences;
};

// Lives through one history: at least 100 steps of edits, work and faults in an order that the seed chooses,
// then rest without faults until nothing happens any more, a last fall of the daemon, rest again, judgement.
// A function of its arguments alone. The seed also says how many agencies there are, unless `agencies` does:
// 2 to 4.
[[nodiscard]] HistoryResult live_history(
    std::uint64_t seed,
    BrokenCore broken,
    Trace::Mode trace,
    std::optional<std::size_t> agencies = std::nullopt
);

}  // namespace casebridge::simulation
