#pragma once

#include "hub/json_text.hpp"
#include "model/ids.hpp"
#include "model/value.hpp"
#include "pipeline/bridge_definition.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The hub stores names, never positions of a configuration. This is the way from the one to the other and
// back, with the JSON keys made once.

namespace casebridge::hub {

// Thrown inside this room while something stored is read, and turned into an Error at the codec's border.
struct Unreadable {
    std::string code;   // `unknown_unit`.
    std::string place;  // `person.address`. No personal value.
};

// The names of a sequence of values: the slots of a table, the fields of a unit or of an entity.
class Layout {
public:
    // `owner` is what errors name it by.
    Layout(std::string owner, std::vector<std::string> names);

    // Writes `{"name":"text","other":null}`; nothing stands for NULL. No values at all are `{}`.
    // Precondition: either none, or one for each name.
    void write(JsonText& json, std::span<const FieldValue> values) const;

    // Reads that back. Throws Unreadable if the names are not exactly these.
    [[nodiscard]] std::vector<FieldValue> read(const nlohmann::json& object) const;

    [[nodiscard]] const std::string& name(std::size_t position) const { return names_[position]; }
    // The way back. Throws Unreadable for a name that is not one of these.
    [[nodiscard]] std::size_t find(const std::string& name) const;

private:
    std::string owner_;
    std::vector<std::string> names_;
    std::vector<std::string> keys_;  // With quotes and colon.
};

class Names {
public:
    explicit Names(const pipeline::BridgeDefinition& definition);

    [[nodiscard]] const std::string& entity(EntityIndex entity) const;
    [[nodiscard]] const std::string& unit(EntityIndex entity, UnitIndex unit) const;
    [[nodiscard]] const std::string& table(MappingIndex table) const;  // `schema.table`.
    [[nodiscard]] const AgencyId& agency(MappingIndex table) const;
    [[nodiscard]] EntityIndex entity_of(MappingIndex table) const;
    // The fields of an identity rule, `last_name+birth_date`: the name of a rule.
    [[nodiscard]] const std::string& identity_rule(EntityIndex entity, std::size_t rule) const;
    [[nodiscard]] std::size_t units(EntityIndex entity) const;

    [[nodiscard]] const Layout& slots(MappingIndex table) const;
    [[nodiscard]] const Layout& unit_fields(EntityIndex entity, UnitIndex unit) const;
    [[nodiscard]] const Layout& fields(EntityIndex entity) const;

    // The other way round. Throw Unreadable for a name that the configuration does not have.
    [[nodiscard]] EntityIndex find_entity(std::string_view name) const;
    [[nodiscard]] UnitIndex find_unit(EntityIndex entity, std::string_view name) const;
    [[nodiscard]] MappingIndex find_table(std::string_view agency, std::string_view name) const;

private:
    struct Unit {
        std::string name;
        Layout fields;
    };
    struct Entity {
        std::string name;
        Layout fields;
        std::vector<Unit> units;
        std::vector<std::string> identity_rules;
    };
    struct Table {
        AgencyId agency;
        std::string name;
        EntityIndex entity;
        Layout slots;
    };

    std::vector<Entity> entities_;
    std::vector<Table> tables_;
    std::map<std::pair<std::string, std::string>, MappingIndex, std::less<>> by_name_;
};

// How a slot is named: the column, then its path, joined by `/` as in a JSON pointer.
[[nodiscard]] std::string slot_name(const mapping::Slot& slot);

}  // namespace casebridge::hub
