#pragma once

#include "model/value.hpp"

#include <compare>
#include <optional>

// Which of two canonical values is the greater one.

namespace casebridge::conflict {

enum class ValueOrder {
    number,     // Integers and decimals, exactly.
    date,       // `-infinity`, days of any era, `infinity`.
    timestamp,  // `-infinity`, moments to any fraction of a second, `infinity`.
};

// Nothing when one of them is no canonical text of its type.
[[nodiscard]] std::optional<std::strong_ordering> compare(
    ValueOrder order, const Value& left, const Value& right
);

}  // namespace casebridge::conflict
