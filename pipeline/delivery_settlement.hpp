#pragma once

#include "pipeline/delivery_plan.hpp"
#include "pipeline/entry_log.hpp"
#include "pipeline/lane.hpp"

// What becomes of a delivery once the agency's server has answered.

namespace casebridge::pipeline {

// Settles a committed plan: missed rows wait for the echo, refused ones for a change, deferred ones come
// again.
void settle_delivery(Lane& lane, const AgencyId& agency, const DeliveryOutcome& outcome, EntryLog& log);

// Settles a plan that was rolled back for certain.
void withdraw_delivery(Lane& lane, const DeliveryPlan& plan, const BridgeState& state);

}  // namespace casebridge::pipeline
