#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/demand.hpp"
#include "pipeline/entry_log.hpp"
#include "pipeline/value_decision.hpp"

#include <string>

// A person decides whether a row whose record is in doubt is one of its candidates. The row is read again at
// once: it joins the record, begins one of its own, or is in doubt about fewer.

namespace casebridge::pipeline {

// As asked for: names, of which none need exist.
struct DecideMatch {
    AgencyId agency;
    std::string entity;
    LocalKey key;
    RecordId record;
    MatchVerdict verdict = MatchVerdict::never;
};

// What must be in memory before it is carried out; to be asked again after every answer.
[[nodiscard]] Demand match_demand(const BridgeState& state, const DecideMatch& wanted);

// Carries it out, or says why not. Writes a MatchDecided and what reading the row again leads to, unless it
// is refused.
[[nodiscard]] DecisionAnswer decide_match(const DecideMatch& wanted, RequestId request, EntryLog& log);

}  // namespace casebridge::pipeline
