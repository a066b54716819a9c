#pragma once

#include "tests/pipeline/world.hpp"

#include <string>

namespace casebridge::pipeline {

// What decides how a world of linked rows goes on, without deletions, matches and stale form windows: rows,
// streams not read yet, what is on its way, records, lanes. Positions and times are shown by their order
// alone, so that worlds that differ in nothing else look the same; the steps of time are longer than any
// skew bound.
[[nodiscard]] std::string picture_of(World& world);

}  // namespace casebridge::pipeline
