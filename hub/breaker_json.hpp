#pragma once

#include "hub/stored_json.hpp"

#include <string>

// A transaction that the breaker has stopped, as journal and projection store it. No personal value. Of this
// room only.

namespace casebridge::hub {

// Members of an object that is open.
void write_breaker(JsonText& json, const BreakerTripped& tripped);

void write_approval(JsonText& json, const BreakerApproved& approved);

// What was stopped, as a document of its own.
[[nodiscard]] std::string breaker_text(const BreakerTripped& tripped);

// Throws as the readers of stored_json.hpp do.
[[nodiscard]] BreakerTripped read_breaker(const Json& object, AgencyId agency);
[[nodiscard]] BreakerApproved read_breaker_approval(const Json& object, AgencyId agency);

}  // namespace casebridge::hub
