#include "tests/simulation/checkers/final_state.hpp"

#include <algorithm>

namespace casebridge::simulation {

FinalState::FinalState(const World& world) : state_(world.hub.replayed())
{
    auto ids = state_.records.unprojected();
    std::ranges::sort(ids);
    for (const auto id : ids) {
        const auto* record = state_.records.find(id);
        records_.push_back(record);
        for (const auto& link : record->links)
            if (live_link(*record, link.table) != nullptr)
                places_[{link.table, link.key}] = {record, &link};
    }
}

std::optional<FinalState::Place> FinalState::place_of(const LinkKey& row) const
{
    const auto found = places_.find(row);
    if (found == places_.end())
        return std::nullopt;
    return found->second;
}

const pipeline::Link* FinalState::live_link(const pipeline::Record& record, MappingIndex table) const
{
    const auto link = std::ranges::find(record.links, table, &pipeline::Link::table);
    if (link == record.links.end() || link->state != pipeline::LinkState::live)
        return nullptr;
    const auto& truncated = state_.tables[table.value()].truncated_at;
    return truncated && link->since < *truncated ? nullptr : &*link;
}

const RowParked* FinalState::parked(const LinkKey& row) const
{
    const auto found = state_.parked.find(row);
    return found == state_.parked.end() ? nullptr : &found->second.newest;
}

std::optional<Text> FinalState::golden(const pipeline::Record& record, UnitIndex unit) const
{
    return standing_value(record.entity, unit, record.units[unit.value()].open);
}

bool FinalState::may_know(
    const pipeline::Record& record, UnitIndex unit, const Text& value, const AgencyId& agency
) const
{
    const bool one_way = record.entity == person_entity && unit == person::note;
    for (const auto& version : record.units[unit.value()].open) {
        if (text_of(record.entity, unit, version.value) != value)
            continue;
        if (version.author == agency || !one_way || version.author == south)
            return true;
    }
    return false;
}

}  // namespace casebridge::simulation
