#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Several values in one text, kept apart by literal texts: `{family}, {given}`.

namespace casebridge::mapping {

// The literals around and between the parts; one more than there are parts. Those between two parts are not
// empty.
using Literals = std::vector<std::string>;

// The parts of a text: each literal between two parts is found at its first occurrence, the outer ones at the
// ends. Nothing when the text does not fit. There is at least one part.
[[nodiscard]] std::optional<std::vector<std::string>> split(const Literals& literals, std::string_view text);

// The text of the parts. Splitting it may give other parts, if one of them contains a literal: the caller
// asks.
[[nodiscard]] std::string join(const Literals& literals, std::span<const std::string> parts);

}  // namespace casebridge::mapping
