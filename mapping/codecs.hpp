#pragma once

#include "mapping/canonical_text.hpp"
#include "mapping/table_mapping.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// One slot's text ↔ the canonical values of the fields it holds, for all codecs whose every text is a value.
// A ReferenceCodec needs the links, and a SetCodec (set_text.hpp) has texts that mean an empty field: either
// is a failure of the programmer here.

namespace casebridge::mapping {

// One value per type; nothing when the text means none.
[[nodiscard]] std::optional<std::vector<Value>> decode(
    const Codec& codec, std::span<const FieldType> types, std::string_view text
);

// The text for one value per type; nothing when no text decodes to exactly these values again.
[[nodiscard]] std::optional<std::string> encode(
    const Codec& codec, std::span<const FieldType> types, Placement placement, std::span<const Value> values
);

// Whether a date format has each of YYYY, MM and DD exactly once and no letter or digit besides.
[[nodiscard]] bool is_date_format(std::string_view format);

}  // namespace casebridge::mapping
