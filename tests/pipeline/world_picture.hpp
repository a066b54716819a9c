#pragma once

#include "tests/pipeline/world.hpp"

#include <string>

namespace casebridge::pipeline {

// Everything that decides how a world goes on: rows, streams not read yet, what is on its way, records,
// lanes. Positions and times are shown by their order alone, so that worlds that differ in nothing else look
// the same.
[[nodiscard]] std::string picture_of(World& world);

}  // namespace casebridge::pipeline
