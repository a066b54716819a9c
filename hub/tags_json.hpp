#pragma once

#include "hub/json_text.hpp"
#include "hub/stored_json.hpp"
#include "model/version.hpp"

#include <optional>

// What a version holds of a set under `union`, as stored. Its elements are personal. Of this room only.

namespace casebridge::hub {

// As a value; `null` for none. A tag is `[element, seq, author]`.
void write_tags(JsonText& json, const std::optional<ElementTags>& tags);
[[nodiscard]] std::optional<ElementTags> read_tags(const Json& value);

}  // namespace casebridge::hub
