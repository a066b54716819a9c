#include "pipeline/row_translation.hpp"

#include "pipeline/state_resolver.hpp"
#include "pipeline/waiting_rows.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace casebridge::pipeline {

namespace {

bool same_slots(const mapping::MappedUnit& unit, const Image& left, const Image& right)
{
    return std::ranges::all_of(unit.bindings, [&](const mapping::Binding& binding) {
        return left[binding.slot] == right[binding.slot];
    });
}

bool is_required_reference(const mapping::MappedUnit& unit)
{
    return std::ranges::any_of(unit.bindings, [](const mapping::Binding& binding) {
        const auto* reference = std::get_if<mapping::ReferenceCodec>(&binding.codec);
        return reference != nullptr && reference->required;
    });
}

}  // namespace

std::optional<UnitValue> read_unit(
    const BridgeState& state, const mapping::TableMapping& mapping, UnitIndex unit, const Image& image
)
{
    const auto& entity = state.definition->model.entity(mapping.entity);
    const StateResolver resolver{state};
    auto value = mapping::get_unit(mapping, entity, *mapping.find_unit(unit), image, resolver);
    return value ? std::optional{std::move(*value)} : std::nullopt;
}

std::variant<Translation, Obstacle> translate_row(
    const BridgeState& state,
    const mapping::TableMapping& mapping,
    const Image& image,
    const Link* base,
    std::span<const UnitIndex> wanted
)
{
    const auto& entity = state.definition->model.entity(mapping.entity);
    const StateResolver resolver{state};
    Translation result;
    for (const auto& unit : mapping.units) {
        const bool waited = base != nullptr && std::ranges::count(base->unresolved, unit.unit) > 0;
        if (base != nullptr && !waited && std::ranges::count(wanted, unit.unit) == 0 &&
            same_slots(unit, base->image, image))
            continue;
        auto value = mapping::get_unit(mapping, entity, unit, image, resolver);
        if (value) {
            result.units.push_back({unit.unit, std::move(*value)});
            continue;
        }
        const auto& error = value.error();
        const bool unresolved = error.code == "unresolved_reference";
        if (unresolved && !is_required_reference(unit)) {
            result.unresolved.push_back(unit.unit);
            continue;
        }
        Obstacle obstacle{error.code, error.place, std::nullopt};
        if (unresolved) {
            const auto awaited = awaited_rows(mapping, image, std::array{unit.unit});
            if (!awaited.empty())
                obstacle.awaited = awaited.front();
        }
        return obstacle;
    }
    return result;
}

}  // namespace casebridge::pipeline
