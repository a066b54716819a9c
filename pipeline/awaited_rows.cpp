#include "pipeline/bridge_state.hpp"

// What a row's references wait for.

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

}  // namespace casebridge::pipeline
