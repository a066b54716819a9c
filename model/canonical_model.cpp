#include "model/canonical_model.hpp"

#include <algorithm>

namespace casebridge {

const FieldDefinition* EntityDefinition::find_field(std::string_view field) const
{
    const auto found = std::ranges::find(fields, field, &FieldDefinition::name);
    return found == fields.end() ? nullptr : &*found;
}

std::optional<UnitIndex> EntityDefinition::find_unit(std::string_view unit) const
{
    const auto found = std::ranges::find(units, unit, &UnitDefinition::name);
    if (found == units.end())
        return std::nullopt;
    return UnitIndex{static_cast<std::uint16_t>(found - units.begin())};
}

std::string EntityDefinition::rule_name(const IdentityRule& rule) const
{
    std::string joined;
    for (std::size_t i = 0; i < rule.fields.size(); ++i) {
        if (!joined.empty())
            joined.push_back('+');
        joined.append(field(rule.fields[i]).name);
        switch (rule.form(i)) {
            case MatchForm::exact:
                break;
            case MatchForm::name:
                joined.append("~name");
                break;
        }
    }
    return joined;
}

std::optional<EntityIndex> CanonicalModel::find_entity(std::string_view entity) const
{
    const auto found = std::ranges::find(entities, entity, &EntityDefinition::name);
    if (found == entities.end())
        return std::nullopt;
    return EntityIndex{static_cast<std::uint16_t>(found - entities.begin())};
}

}  // namespace casebridge
