#include "hub/names.hpp"

#include "model/assert.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace casebridge::hub {
namespace {

void append_pointer_part(std::string& out, std::string_view part)
{
    for (const auto character : part) {
        if (character == '~')
            out.append("~0");
        else if (character == '/')
            out.append("~1");
        else
            out.push_back(character);
    }
}

std::vector<std::string> field_names(const EntityDefinition& entity, std::span<const FieldIndex> fields)
{
    std::vector<std::string> names;
    for (const auto field : fields)
        names.push_back(entity.field(field).name);
    return names;
}

std::vector<std::string> all_field_names(const EntityDefinition& entity)
{
    std::vector<std::string> names;
    for (const auto& field : entity.fields)
        names.push_back(field.name);
    return names;
}

std::vector<std::string> slot_names(const mapping::TableMapping& table)
{
    std::vector<std::string> names;
    for (const auto& slot : table.slots)
        names.push_back(slot_name(slot));
    return names;
}

}  // namespace

std::string slot_name(const mapping::Slot& slot)
{
    std::string name;
    append_pointer_part(name, slot.column);
    for (const auto& part : slot.path) {
        name.push_back('/');
        append_pointer_part(name, part);
    }
    return name;
}

Layout::Layout(std::string owner, std::vector<std::string> names)
    : owner_(std::move(owner)), names_(std::move(names))
{
    for (const auto& name : names_) {
        append_json_string(keys_.emplace_back(), name);
        keys_.back().push_back(':');
    }
}

void Layout::write(JsonText& json, std::span<const FieldValue> values) const
{
    CASEBRIDGE_ASSERT(values.empty() || values.size() == names_.size());
    json.open('{');
    for (std::size_t i = 0; i < values.size(); ++i) {
        json.ready_key(keys_[i]);
        if (values[i])
            json.text(values[i]->expose());
        else
            json.word("null");
    }
    json.close('}');
}

std::size_t Layout::find(const std::string& name) const
{
    const auto found = std::ranges::find(names_, name);
    if (found == names_.end())
        throw Unreadable{"layout_changed", owner_ + "." + name};
    return static_cast<std::size_t>(found - names_.begin());
}

std::vector<FieldValue> Layout::read(const nlohmann::json& object) const
{
    if (!object.is_object())
        throw Unreadable{"malformed", owner_};
    std::vector<FieldValue> values;
    if (object.empty())
        return values;
    values.reserve(names_.size());
    for (const auto& name : names_) {
        const auto found = object.find(name);
        if (found == object.end())
            throw Unreadable{"layout_changed", owner_ + "." + name};
        if (found->is_null())
            values.emplace_back();
        else
            values.emplace_back(Value{found->get_ref<const std::string&>()});
    }
    if (object.size() != names_.size())
        for (const auto& [name, value] : object.items())
            if (std::ranges::find(names_, name) == names_.end())
                throw Unreadable{"layout_changed", owner_ + "." + name};
    return values;
}

Names::Names(const pipeline::BridgeDefinition& definition)
{
    for (const auto& entity : definition.model.entities) {
        auto& known = entities_.emplace_back(Entity{
            entity.name, Layout{entity.name,    all_field_names(entity)},
             {},
             {                                              }
        });
        for (const auto& unit : entity.units)
            known.units.push_back({
                unit.name, Layout{entity.name + "." + unit.name, field_names(entity, unit.fields)}
            });
        for (const auto& rule : entity.identity)
            known.identity_rules.push_back(entity.rule_name(rule));
    }
    for (const auto& table : definition.tables) {
        tables_.push_back({
            table.agency, table.name(), table.entity, Layout{table.name(), slot_names(table)}
        });
        by_name_.emplace(std::pair{table.agency.value(), table.name()}, table.index);
    }
}

const std::string& Names::entity(EntityIndex entity) const
{
    return entities_[entity.value()].name;
}

const std::string& Names::unit(EntityIndex entity, UnitIndex unit) const
{
    return entities_[entity.value()].units[unit.value()].name;
}

const std::string& Names::table(MappingIndex table) const
{
    return tables_[table.value()].name;
}

const AgencyId& Names::agency(MappingIndex table) const
{
    return tables_[table.value()].agency;
}

EntityIndex Names::entity_of(MappingIndex table) const
{
    return tables_[table.value()].entity;
}

const std::string& Names::identity_rule(EntityIndex entity, std::size_t rule) const
{
    return entities_[entity.value()].identity_rules[rule];
}

std::size_t Names::units(EntityIndex entity) const
{
    return entities_[entity.value()].units.size();
}

const Layout& Names::slots(MappingIndex table) const
{
    return tables_[table.value()].slots;
}

const Layout& Names::unit_fields(EntityIndex entity, UnitIndex unit) const
{
    return entities_[entity.value()].units[unit.value()].fields;
}

const Layout& Names::fields(EntityIndex entity) const
{
    return entities_[entity.value()].fields;
}

EntityIndex Names::find_entity(std::string_view name) const
{
    const auto found = std::ranges::find(entities_, name, &Entity::name);
    if (found == entities_.end())
        throw Unreadable{"unknown_entity", std::string{name}};
    return EntityIndex{static_cast<std::uint16_t>(found - entities_.begin())};
}

UnitIndex Names::find_unit(EntityIndex entity, std::string_view name) const
{
    const auto& units = entities_[entity.value()].units;
    const auto found = std::ranges::find(units, name, &Unit::name);
    if (found == units.end())
        throw Unreadable{"unknown_unit", this->entity(entity) + "." + std::string{name}};
    return UnitIndex{static_cast<std::uint16_t>(found - units.begin())};
}

MappingIndex Names::find_table(std::string_view agency, std::string_view name) const
{
    const auto found = by_name_.find(std::pair{std::string{agency}, std::string{name}});
    if (found == by_name_.end())
        throw Unreadable{"unknown_table", std::string{agency} + " " + std::string{name}};
    return found->second;
}

}  // namespace casebridge::hub
