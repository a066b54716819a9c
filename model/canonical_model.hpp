#pragma once

#include "model/ids.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The canonical beneficiary model: entities with typed fields. It is data that a configuration file declares, so that
// an agency can add fields without touching code.

namespace casebridge {

// Canonical text of each type: text as is; integer and decimal in plain digits without needless zeros; boolean `true`
// or `false`; date `YYYY-MM-DD`; timestamp ISO 8601 in UTC; code one of its list; reference the record id in digits; set
// as in model/text_set.hpp, empty for the set without elements.
enum class FieldType { text, integer, decimal, boolean, date, timestamp, code, reference, set };

struct CodeList {
    std::string name;
    std::vector<std::string> codes;
};

struct FieldDefinition {
    std::string name;  // `birth_date`, `address.city`.
    FieldType type = FieldType::text;
    std::size_t code_list = 0;               // Position in CanonicalModel::code_lists; only for code.
    std::optional<EntityIndex> target;       // Only for reference.
    UnitIndex unit;                          // The merge unit it belongs to.
    std::size_t position_in_unit = 0;
    std::optional<std::size_t> element_list = {};  // Position in code_lists; only for a set whose elements are codes.
};

// What merges as one: a field alone, or a group of fields that make sense only together (an address). A group is
// named; a single field's unit has the field's name. Units do not overlap and cover all fields.
struct UnitDefinition {
    std::string name;
    std::vector<FieldIndex> fields;
};

// How the values of a field are compared when a record is looked for (mapping/match_text.hpp).
enum class MatchForm {
    exact,  // The canonical texts are the same.
    name,   // The same name, however it is written.
};

// Fields that together identify a record: equal and not empty means the same one.
struct IdentityRule {
    std::vector<FieldIndex> fields;
    std::vector<MatchForm> forms = {};  // One for each field; none: all exact.

    [[nodiscard]] MatchForm form(std::size_t position) const
    {
        return position < forms.size() ? forms[position] : MatchForm::exact;
    }
};

struct EntityDefinition {
    std::string name;
    std::vector<FieldDefinition> fields;
    std::vector<UnitDefinition> units;
    std::vector<IdentityRule> identity;  // In the order in which they are tried.

    [[nodiscard]] const FieldDefinition* find_field(std::string_view field) const;
    [[nodiscard]] std::optional<UnitIndex> find_unit(std::string_view unit) const;
    [[nodiscard]] const UnitDefinition& unit(UnitIndex index) const { return units[index.value()]; }
    [[nodiscard]] const FieldDefinition& field(FieldIndex index) const { return fields[index.value()]; }
    // `name.family~name+birth_date`: the fields of a rule, with the form of those that are not compared exactly. Rules
    // that find the same have the same name, whatever their place.
    [[nodiscard]] std::string rule_name(const IdentityRule& rule) const;
};

struct CanonicalModel {
    std::vector<CodeList> code_lists;
    std::vector<EntityDefinition> entities;

    [[nodiscard]] std::optional<EntityIndex> find_entity(std::string_view entity) const;
    [[nodiscard]] const EntityDefinition& entity(EntityIndex index) const { return entities[index.value()]; }
};

}  // namespace casebridge
