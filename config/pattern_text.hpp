#pragma once

#include "config/entry.hpp"
#include "model/canonical_model.hpp"

#include <optional>
#include <string>
#include <vector>

namespace casebridge::config {

// `{name.family}, {name.given}`: the fields and the literal texts around and between them.
struct PatternText {
    std::vector<const FieldDefinition*> fields;  // Of the entity; all of one unit, each once.
    std::vector<std::string> literals;  // One more than fields; those between two fields are not empty.
};

[[nodiscard]] std::optional<PatternText> read_pattern(const Entry& entry, const EntityDefinition& entity);

}  // namespace casebridge::config
