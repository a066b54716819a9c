#pragma once

#include "config/entry.hpp"
#include "mapping/table_mapping.hpp"
#include "model/canonical_model.hpp"

namespace casebridge::config {

// "always", "never", or conditions on canonical fields of the entity, all of which must hold. Never, where it
// is wrong.
[[nodiscard]] mapping::CreateWhen read_create_when(
    const Entry& entry, const CanonicalModel& model, const EntityDefinition& entity
);

// What is wrong with `text` as a value of the field, or nothing: a code that its list lacks, a text not in
// the canonical form of the type.
[[nodiscard]] std::optional<std::string> wrong_value(
    const CanonicalModel& model, const FieldDefinition& field, const std::string& text
);

// The same of an element of a set: a code that the set's list lacks.
[[nodiscard]] std::optional<std::string> wrong_element(
    const CanonicalModel& model, const FieldDefinition& field, const std::string& text
);

}  // namespace casebridge::config
