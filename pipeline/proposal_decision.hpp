#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/demand.hpp"
#include "pipeline/entry_log.hpp"
#include "pipeline/value_decision.hpp"

#include <string>

// A person of the authority rejects what another agency proposed for a field. To accept it is to decide that
// the field has its value (pipeline/value_decision.hpp).

namespace casebridge::pipeline {

// As asked for: names and numbers, of which none need exist.
struct RejectProposal {
    RecordId record;
    std::string unit;
    JournalSeq proposal;  // The one that the person looked at.
};

// The record that must be in memory before it is carried out.
[[nodiscard]] Demand proposal_demand(const BridgeState& state, const RejectProposal& wanted);

// Carries it out, or says why not. Writes a ProposalRejected unless it is refused.
[[nodiscard]] DecisionAnswer reject_proposal(const RejectProposal& wanted, RequestId request, EntryLog& log);

}  // namespace casebridge::pipeline
