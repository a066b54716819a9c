#pragma once

#include "model/value.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Reads members of a json/jsonb column's text by the server's own rules for `#>>`, without turning a number
// into a floating point number on the way.

namespace casebridge::mapping {

using DocumentPath = std::vector<std::string>;  // Names of object members, outermost first; not empty.

// Documents nested deeper are refused, which bounds the stack.
inline constexpr std::size_t document_depth_max = 512;

// One value per path: a string's characters, any other value's source text, nothing for a missing member or
// null. Nothing at all when the text is no JSON document, is nested too deeply, or holds a string that a text
// column could not hold (U+0000, half a surrogate pair).
[[nodiscard]] std::optional<std::vector<FieldValue>> read_document(
    std::string_view document, std::span<const DocumentPath* const> paths
);

}  // namespace casebridge::mapping
