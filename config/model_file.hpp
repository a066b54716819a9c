#pragma once

#include "config/entry.hpp"
#include "model/canonical_model.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Reads model.jsonc: code lists, entities, fields, groups and identity rules.

namespace casebridge::config {

// Where an identity rule stands, for what can only be judged once all mappings are known.
struct IdentityPlace {
    EntityIndex entity;
    std::size_t rule = 0;  // Position in EntityDefinition::identity.
    Entry entry;
};

struct ModelFile {
    CanonicalModel model;
    std::vector<IdentityPlace> identity;
};

// What is wrong is reported and left out, or replaced by what causes no second mistake; with a mistake the
// model is good for finding more mistakes only.
[[nodiscard]] ModelFile read_model(const Entry& root);

// "<word> is no field or group of <entity>; did you mean …?"; for a field of a group, the group's name is
// asked for.
[[nodiscard]] std::string unknown_unit(const EntityDefinition& entity, const std::string& word);
// "<word> is no field of <entity>; did you mean …?"; for a group, its fields are asked for.
[[nodiscard]] std::string unknown_field(const EntityDefinition& entity, const std::string& word);
[[nodiscard]] std::string unknown_entity(const CanonicalModel& model, const std::string& word);

[[nodiscard]] std::string_view name_of(FieldType type);

// FieldDefinition::code_list of a field whose declaration is wrong. It exists, so that whoever names it does
// not make a second mistake, and nothing else is judged about it.
inline constexpr std::size_t doubtful_field = static_cast<std::size_t>(-1);
[[nodiscard]] inline bool is_doubtful(const FieldDefinition& field)
{
    return field.code_list == doubtful_field;
}

}  // namespace casebridge::config
