#pragma once

#include "pipeline/bridge_state.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

// Reads the canonical values of a row, as far as they may have changed.

namespace casebridge::pipeline {

struct UnitReading {
    UnitIndex unit;
    UnitValue value;
};

struct Translation {
    std::vector<UnitReading> units;
    std::vector<UnitIndex> unresolved;  // Their optional references lead to rows that no link knows yet.
};

// Why a row has to be parked.
struct Obstacle {
    std::string code;
    std::string place;
    std::optional<LinkKey> awaited;  // The row whose link would resolve it.
};

// Reads every unit whose slots differ from the base's or whose reference led nowhere there, and those of
// `wanted`; all without a base.
[[nodiscard]] std::variant<Translation, Obstacle> translate_row(
    const BridgeState& state,
    const mapping::TableMapping& mapping,
    const Image& image,
    const Link* base,
    std::span<const UnitIndex> wanted
);

// The value of one mapped unit in an image of the row; nothing when it cannot be read.
[[nodiscard]] std::optional<UnitValue> read_unit(
    const BridgeState& state, const mapping::TableMapping& mapping, UnitIndex unit, const Image& image
);

}  // namespace casebridge::pipeline
