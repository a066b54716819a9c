#pragma once

#include "pipeline/delivery_plan.hpp"
#include "pipeline/entry_log.hpp"
#include "pipeline/state_resolver.hpp"

#include <chrono>
#include <deque>
#include <map>

// Decides what is written to an agency next: golden as mapped for it, against its image overlaid with what is
// on its way. Level-triggered: whatever made a record work, only the difference counts.

namespace casebridge::pipeline {

// Keys that the agency's server handed out for rows to come, by table. The planner takes from the front.
using KeyPool = std::map<MappingIndex, std::deque<LocalKey>>;

struct PlanRequest {
    AgencyId agency;
    std::size_t rows_max = 5'000;  // Records taken at a time; next_batch() says when it is more.
    std::chrono::year_month_day today;
};

struct Planned {
    std::optional<DeliveryPlan> plan;            // Nothing: the work taken needs no transaction.
    std::map<MappingIndex, std::size_t> wanted;  // Keys to fetch first: nothing was taken.
    std::size_t without_agreement = 0;           // Units that differ but that no agreement covers.
};

// How many works of the queue the next plan takes: at least `rows_max` if there are as many, and as many more
// as it takes to split no source transaction. Where transactions share records, only up to four times
// `rows_max`: beyond it one of them is split where its shared record was queued by an earlier one.
[[nodiscard]] std::size_t next_batch(const Lane& lane, std::size_t rows_max);

// The keys that the next plan may need beyond those at hand. They are fetched before anything is taken: a
// source transaction must not be torn apart because a child came before its parent had a key. What
// plan_demand() asks for is in memory.
[[nodiscard]] std::map<MappingIndex, std::size_t> keys_lacking(
    const BridgeState& state, const Lane& lane, const PlanRequest& request, const KeyPool& keys
);

// What must be in memory for the next plan. Ask again after every answer until it is empty. Queues what
// points at records that got a row here since.
[[nodiscard]] Demand plan_demand(const BridgeState& state, Lane& lane, const PlanRequest& request);

// Takes the next works and plans them. Entries (reservations, refusals, the reason to write) go to `log`:
// they must be durable before the plan is sent. The lane must be ready; it counts the plan as on its way from
// here on.
[[nodiscard]] Planned plan_delivery(Lane& lane, const PlanRequest& request, KeyPool& keys, EntryLog& log);

}  // namespace casebridge::pipeline
