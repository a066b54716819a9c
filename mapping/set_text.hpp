#pragma once

#include "mapping/table_mapping.hpp"
#include "model/text_set.hpp"

#include <optional>
#include <string>
#include <string_view>

// A column's text ↔ the set of texts in it.
//
//   array      as PostgreSQL renders a one-dimensional array of a type that it writes as text: `{a,"b c"}`.
//   An
//              element that is NULL, and an array of more dimensions, is no set.
//   separated  `a; b;c`: blanks around an element, an element of nothing but blanks and doubles do not count.

namespace casebridge::mapping {

// Nothing when the text means no set, or an element has no canonical code.
[[nodiscard]] std::optional<TextSet> read_set(const SetCodec& codec, std::string_view text);

// The text for the set, as the server will render it, its elements in the set's order; nothing when no text
// would be read as exactly this set again.
[[nodiscard]] std::optional<std::string> write_set(const SetCodec& codec, const TextSet& set);

// Whether a text can stand between elements: not empty, without letters and digits.
[[nodiscard]] bool is_separator(std::string_view text);

}  // namespace casebridge::mapping
