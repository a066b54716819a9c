#include "pipeline/waiting_rows.hpp"

#include <set>
#include <utility>

namespace casebridge::pipeline {

std::vector<LinkKey> awaited_rows(
    const mapping::TableMapping& mapping, const Image& image, std::span<const UnitIndex> units
)
{
    std::vector<LinkKey> awaited;
    for (const auto unit : units) {
        const auto* mapped = mapping.find_unit(unit);
        if (mapped == nullptr)
            continue;
        for (const auto& binding : mapped->bindings) {
            const auto* reference = std::get_if<mapping::ReferenceCodec>(&binding.codec);
            if (reference != nullptr && image[binding.slot])
                awaited.push_back({reference->table, LocalKey{image[binding.slot]->expose()}});
        }
    }
    return awaited;
}

std::vector<LinkKey> awaited_by(const BridgeDefinition& definition, const Record& record)
{
    std::set<LinkKey> awaited;
    for (const auto& link : record.links) {
        if (link.image.empty())
            continue;
        for (auto& row : awaited_rows(definition.table(link.table), link.image, link.unresolved))
            awaited.insert(std::move(row));
    }
    return {awaited.begin(), awaited.end()};
}

void wait(
    BridgeState& state,
    const mapping::TableMapping& mapping,
    const LinkKey& row,
    const Image& image,
    std::span<const UnitIndex> units
)
{
    for (auto& awaited : awaited_rows(mapping, image, units))
        state.waiting[std::move(awaited)].push_back(row);
}

void stop_waiting(BridgeState& state, const mapping::TableMapping& mapping, const Link& link)
{
    for (const auto& awaited : awaited_rows(mapping, link.image, link.unresolved))
        forget_waiting(state, awaited, {link.table, link.key});
}

void forget_waiting(BridgeState& state, const LinkKey& awaited, const LinkKey& waiting)
{
    const auto found = state.waiting.find(awaited);
    if (found == state.waiting.end())
        return;
    std::erase(found->second, waiting);
    if (found->second.empty())
        state.waiting.erase(found);
}

}  // namespace casebridge::pipeline
