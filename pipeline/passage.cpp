#include "pipeline/passage.hpp"

#include "pipeline/record_values.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::pipeline {

Passage passage_to(
    const AgencyId& agency,
    const BridgeDefinition& definition,
    const Record& record,
    UnitIndex unit,
    std::chrono::year_month_day today
)
{
    auto decision = decide(definition, record, unit);
    if (!decision.value)
        return {};
    const auto& value = *decision.value;
    const auto shared = [&](const Version& version) {
        return definition.may_receive(agency, version, record.entity, unit, today);
    };
    const auto& open = record.units[unit.value()].open;
    const auto wrote_it = [&](const Version& version) { return version.value == value && shared(version); };
    const bool allowed =
        decision.winner ? std::ranges::any_of(open, wrote_it) : std::ranges::all_of(open, shared);
    return {allowed ? Passage::Kind::free : Passage::Kind::no_agreement, std::move(*decision.value)};
}

}  // namespace casebridge::pipeline
