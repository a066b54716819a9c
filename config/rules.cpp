#include "config/rules.hpp"

#include "config/breaker_rule.hpp"
#include "config/delete_rule.hpp"
#include "config/field_rule.hpp"
#include "config/nearest_name.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::config {
namespace {

using pipeline::BridgeDefinition;

bool maps(const BridgeDefinition& definition, const AgencyId& agency, EntityIndex entity, UnitIndex unit)
{
    const auto* table = definition.table_of(agency, entity);
    return table != nullptr && table->find_unit(unit) != nullptr;
}

bool anybody_maps(const BridgeDefinition& definition, EntityIndex entity, UnitIndex unit)
{
    return std::ranges::any_of(definition.agencies, [&](const AgencyId& agency) {
        return maps(definition, agency, entity, unit);
    });
}

// The rules of one entity.
class RuleReader {
public:
    RuleReader(BridgeDefinition& definition, EntityIndex index, TablesAre tables)
        : definition_(definition),
          tables_(tables),
          index_(index),
          entity_(definition.model.entity(index)),
          rules_(definition.rules[index.value()])
    {
    }

    void read(const Entry& entry)
    {
        std::vector<bool> named(entity_.units.size(), false);
        for (const auto& rule : entry.members()) {
            if (rule.key() == "default")
                continue;
            if (rule.key() == "on_delete") {
                if (auto read = read_delete_rule(rule, definition_, index_, tables_))
                    definition_.on_delete.insert_or_assign(index_, std::move(*read));
                continue;
            }
            if (rule.key() == "breaker") {
                read_breaker(rule, definition_, index_);
                continue;
            }
            const auto unit = entity_.find_unit(rule.key());
            if (!unit)
                rule.key_mistake(unknown_unit(entity_, rule.key()));
            auto read = read_field_rule(rule, definition_);
            if (!unit || !read)
                continue;
            if (!authority_maps(*read, *unit))
                rule.mistake(without_authority(*read, entity_.unit(*unit).name));
            named[unit->value()] = true;
            if (auto fitting = fit_to_unit(rule, std::move(*read), definition_.model, index_, *unit))
                rules_[unit->value()] = std::move(*fitting);
        }
        if (const auto rule = entry.is(JsonNode::Kind::object) ? entry.find("default") : std::nullopt)
            apply_default(*rule, named);
    }

private:
    // An authority must map what the default makes it decide: it could never write a value, and every other
    // agency's edits would be reverted.
    void apply_default(const Entry& entry, const std::vector<bool>& named)
    {
        const auto rule = read_field_rule(entry, definition_);
        if (!rule || !fits_as_default(entry, *rule))
            return;
        for (std::size_t i = 0; i < named.size(); ++i) {
            if (named[i])
                continue;
            const UnitIndex unit{static_cast<std::uint16_t>(i)};
            if (anybody_maps(definition_, index_, unit) && !authority_maps(*rule, unit))
                entry.mistake(without_authority(*rule, entity_.unit(unit).name));
            rules_[i] = *rule;
        }
    }

    [[nodiscard]] bool authority_maps(const conflict::FieldRule& rule, UnitIndex unit) const
    {
        const auto* authority = rule.authority();
        return authority == nullptr || tables_ == TablesAre::in_doubt ||
               maps(definition_, authority->agency, index_, unit);
    }

    [[nodiscard]] static std::string without_authority(
        const conflict::FieldRule& rule, const std::string& unit
    )
    {
        return rule.authority()->agency.value() + " does not map " + unit + " and cannot be its authority";
    }

    BridgeDefinition& definition_;
    TablesAre tables_;
    EntityIndex index_;
    const EntityDefinition& entity_;
    conflict::EntityRules& rules_;
};

}  // namespace

void read_rules(const Entry& entry, BridgeDefinition& definition, TablesAre tables)
{
    for (const auto& rules : entry.members()) {
        const auto index = definition.model.find_entity(rules.key());
        if (index)
            RuleReader{definition, *index, tables}.read(rules);
        else
            rules.key_mistake(unknown_entity(definition.model, rules.key()));
    }
}

void check_identity(const std::vector<IdentityPlace>& places, const BridgeDefinition& definition)
{
    for (const auto& place : places) {
        const auto& entity = definition.model.entity(place.entity);
        const auto tables =
            std::ranges::count(definition.tables, place.entity, &mapping::TableMapping::entity);
        if (tables < 2)
            continue;
        for (const auto field : entity.identity[place.rule].fields) {
            const auto unit = entity.field(field).unit;
            const auto mapping =
                std::ranges::count_if(definition.tables, [&](const mapping::TableMapping& table) {
                    return table.entity == place.entity && table.find_unit(unit) != nullptr;
                });
            if (mapping < 2)
                place.entry.mistake(
                    (mapping == 0 ? "no agency maps " : "only one agency maps ") + entity.field(field).name +
                    ": the rule can never match"
                );
        }
    }
}

std::optional<AgencyId> read_agency(const Entry& entry, const BridgeDefinition& definition)
{
    const auto name = entry.any_text();
    if (!name)
        return std::nullopt;
    std::vector<std::string> known;
    for (const auto& agency : definition.agencies)
        known.push_back(agency.value());
    if (std::ranges::find(known, *name) != known.end())
        return AgencyId{*name};
    entry.mistake("\"" + *name + "\" is no agency of this bridge" + did_you_mean(*name, known));
    return std::nullopt;
}

}  // namespace casebridge::config
