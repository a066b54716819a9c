#pragma once

#include "tests/simulation/world.hpp"

namespace casebridge::simulation {

// What the agencies' own applications and users do: many edits of few people and homes, with few values, so
// that they meet. Each function commits one transaction of one agency, or does nothing and says so.

// How many people and homes there are in a history, and how wild it is.
struct Population {
    std::size_t people = 2;
    std::size_t homes = 1;
    std::size_t poison_one_in = 12;
};

// Rows that are there before the bridge, to be surveyed.
void settle_before(World& world, const Population& population);

bool edit_something(World& world, const AgencyId& agency, const Population& population);
bool correct_poison(World& world, const AgencyId& agency);
bool lock_a_row(World& world, const AgencyId& agency);
bool unlock_rows(World& world, const AgencyId& agency);

}  // namespace casebridge::simulation
