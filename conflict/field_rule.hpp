#pragma once

#include "model/ids.hpp"

#include <chrono>
#include <string>
#include <variant>
#include <vector>

// Which of several concurrent values of a unit stands. One rule per unit of an entity, declared by
// configuration (docs/configuration.md). Rules are a closed set: each must be a function of the set of open
// versions alone.

namespace casebridge::conflict {

// That agency's value stands; every other agency's edit is recorded and reverted there. Judged before
// causality.
struct Authority {
    AgencyId agency;
};

// The greatest (stamp, agency) stands. Abstains to hold where stamps cannot tell: where one is missing, or
// where two agencies' clocks may differ by as much as the stamps do.
struct Latest {
    std::chrono::microseconds skew_bound{std::chrono::seconds{1}};
};

// A person decides; until then every agency keeps what it has.
struct Hold {};

using FieldRule = std::variant<Authority, Latest, Hold>;

// The rules of one entity, one per unit, in the order of EntityDefinition::units.
using EntityRules = std::vector<FieldRule>;

// `authority:sp`, `latest`, `hold`: as the journal, conflicts and metrics name it.
[[nodiscard]] std::string to_string(const FieldRule& rule);

}  // namespace casebridge::conflict
