#include "pipeline/proposal_decision.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::pipeline {

Demand proposal_demand(const BridgeState& state, const RejectProposal& wanted)
{
    Demand demand;
    if (!state.records.knows(wanted.record))
        demand.records.push_back(wanted.record);
    return demand;
}

DecisionAnswer reject_proposal(const RejectProposal& wanted, RequestId request, EntryLog& log)
{
    const auto refused = [](std::string why) {
        return DecisionAnswer{RequestOutcome::refused, std::move(why)};
    };
    const auto& state = std::as_const(log).state();
    const auto* record = state.records.find(wanted.record);
    if (record == nullptr)
        return refused("there is no record of that number");
    const auto unit = state.definition->model.entity(record->entity).find_unit(wanted.unit);
    if (!unit)
        return refused("the entity has no field or group of that name");
    const auto& proposals = record->units[unit->value()].proposals;
    if (std::ranges::find(proposals, wanted.proposal, &Version::seq) == proposals.end())
        return refused("no proposal of that number waits for this field; look again");
    log.write(ProposalRejected{request, record->entity, record->id, *unit, wanted.proposal});
    return {RequestOutcome::done, "rejected; what stands stays, and the agency has it already"};
}

}  // namespace casebridge::pipeline
