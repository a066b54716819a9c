#include "pipeline/row_demand.hpp"

#include "pipeline/parked_rows.hpp"
#include "pipeline/record_values.hpp"
#include "pipeline/state_resolver.hpp"
#include "pipeline/waiting_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

namespace casebridge::pipeline {

namespace {

// The identity keys under which the record of a row without a link would be found.
std::vector<IdentityKey> identities_of(
    const BridgeState& state, const mapping::TableMapping& mapping, const Image& image
)
{
    const auto& entity = state.definition->model.entity(mapping.entity);
    const StateResolver resolver{state};
    std::vector<IdentityKey> keys;
    for (std::size_t rule = 0; rule < entity.identity.size(); ++rule) {
        std::vector<FieldValue> values;
        for (const auto field : entity.identity[rule].fields) {
            const auto& described = entity.field(field);
            const auto* unit = mapping.find_unit(described.unit);
            if (unit == nullptr)
                break;
            auto value = mapping::get_unit(mapping, entity, *unit, image, resolver);
            if (!value)
                break;
            values.push_back((*value)[described.position_in_unit]);
        }
        if (values.size() != entity.identity[rule].fields.size())
            continue;
        if (auto key = identity_key(state.definition->model, mapping.entity, rule, values))
            keys.push_back(std::move(*key));
    }
    return keys;
}

std::vector<LinkKey> referenced_rows(const mapping::TableMapping& mapping, const Image& image)
{
    std::vector<UnitIndex> all;
    for (const auto& unit : mapping.units)
        all.push_back(unit.unit);
    return awaited_rows(mapping, image, all);
}

// Whether the row may have to be identified: no record has it, or its key may come to be another person's,
// because the row that has it now goes before.
bool may_be_another(const BridgeState& state, const LinkKey& row, const Image& image)
{
    const auto id = state.records.linked(row);
    if (!id)
        return true;
    const auto* link = state.records.find(*id)->find_link(row.table);
    if (state.state_of(*link) == LinkState::ended)
        return true;
    const auto slots = identifying_slots(*state.definition, state.definition->table(row.table));
    return !link->image.empty() &&
           std::ranges::any_of(slots, [&](std::size_t slot) { return link->image[slot] != image[slot]; });
}

// Adds what one row needs, and with it the rows that would be read again once it is linked.
void demand_with_waiting(
    const BridgeState& state, const LinkKey& row, const Image& image, Demand& demand, std::set<LinkKey>& asked
)
{
    if (!asked.insert(row).second)
        return;
    const auto& mapping = state.definition->table(row.table);
    const auto& records = state.records;
    if (!records.knows(row)) {
        demand.links.push_back(row);
        return;
    }
    if (const auto waiting = state.waiting.find(row); waiting != state.waiting.end())
        for (const auto& other : waiting->second) {
            if (!records.knows(other))
                demand.links.push_back(other);
            else if (const auto* shown = last_image(state, other))
                demand_with_waiting(state, other, *shown, demand, asked);
        }
    demand_references(state, mapping, image, demand);
    demand_base(state, row, demand);
    demand_match(state, row, demand);
    if (may_be_another(state, row, image))
        for (auto& identity : identities_of(state, mapping, image))
            if (!records.knows(identity))
                demand.identities.push_back(std::move(identity));
}

}  // namespace

void demand_references(
    const BridgeState& state, const mapping::TableMapping& mapping, const Image& image, Demand& demand
)
{
    for (auto& referenced : referenced_rows(mapping, image))
        if (!state.records.knows(referenced))
            demand.links.push_back(std::move(referenced));
}

void demand_base(const BridgeState& state, const LinkKey& row, Demand& demand)
{
    const auto& mapping = state.definition->table(row.table);
    if (const auto parked = state.parked.find(row);
        parked != state.parked.end() && parked->second.newest.image)
        demand_references(state, mapping, *parked->second.newest.image, demand);
    const auto id = state.records.linked(row);
    const auto* record = id ? state.records.find(*id) : nullptr;
    const auto* link = record == nullptr ? nullptr : record->find_link(row.table);
    if (link != nullptr && !link->image.empty())
        demand_references(state, mapping, link->image, demand);
}

void demand_match(const BridgeState& state, const LinkKey& row, Demand& demand)
{
    const auto decided = state.matches.find(row);
    if (decided == state.matches.end())
        return;
    if (const auto same = decided->second.same; same && !state.records.knows(*same))
        demand.records.push_back(*same);
}

void demand_row(const BridgeState& state, const LinkKey& row, const Image& image, Demand& demand)
{
    std::set<LinkKey> asked;
    demand_with_waiting(state, row, image, demand, asked);
}

}  // namespace casebridge::pipeline
