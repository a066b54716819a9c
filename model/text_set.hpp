#pragma once

#include "model/value.hpp"

#include <optional>
#include <string_view>
#include <vector>

// Sets of texts as canonical text: a JSON array of the elements, ascending by their bytes and none twice, without
// blanks and with `"`, `\` and control characters escaped in one way each. Equal sets have equal texts. The set without
// elements has no text: a field that holds it is empty, so that nobody can tell an agency's NULL from its empty list.

namespace casebridge {

// Ascending and distinct.
using TextSet = std::vector<Value>;

// Of elements in any order, doubles counting once.
[[nodiscard]] TextSet to_text_set(std::vector<Value> elements);

// Nothing for the set without elements.
[[nodiscard]] FieldValue write_text_set(const TextSet& set);

// Nothing when the text is not exactly what write_text_set() makes of a set.
[[nodiscard]] std::optional<TextSet> parse_text_set(std::string_view text);

// The same of a field, which may be empty.
[[nodiscard]] std::optional<TextSet> parse_text_set(const FieldValue& value);

}  // namespace casebridge
