#pragma once

#include "tests/simulation/history.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace casebridge::simulation {

struct RunRequest {
    std::uint64_t from = 1;
    std::uint64_t count = 1'000;
    unsigned jobs = 1;
    BrokenCore broken = BrokenCore::none;
    std::size_t violations_max = 20;                     // Found by one process before it stops.
    std::optional<std::size_t> agencies = std::nullopt;  // In every history; nothing: as its seed says.
};

struct RunViolation {
    std::uint64_t seed = 0;
    HistoryResult::Found found;
};

struct RunReport {
    std::size_t histories = 0;
    std::size_t steps = 0;
    double seconds = 0;
    std::vector<RunViolation> violations;  // Ascending by seed.
    Coverage coverage;
};

// Lives through the histories of consecutive seeds, spread over processes of its own. A failed assertion of
// the core ends its process and is a violation of the checker `assertion`; the seeds behind it go on in a new
// one.
[[nodiscard]] RunReport run_histories(const RunRequest& request);

// Violations, how often everything occurred, what is too rare (when there were 1,000 histories or more), and
// as the last line `N histories, M violations`.
void print(const RunReport& report);

}  // namespace casebridge::simulation
