#pragma once

#include "model/ids.hpp"
#include "model/value.hpp"
#include "model/version.hpp"

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What follows when an agency deletes its row of a record.

namespace casebridge::conflict {

// A person decides; until then every other agency keeps its row.
struct HoldDelete {};

// The agency has left; every other one keeps its row.
struct DetachDelete {};

// The other agencies' rows are deleted as well, where their mapping permits it.
struct PropagateDelete {};

// The deletion is an edit by the agency: these units get these values. The other rows stay and show them.
struct ArchiveDelete {
    std::vector<std::pair<UnitIndex, UnitValue>> values;  // Ascending by unit; at least one.
};

using DeleteRule = std::variant<HoldDelete, DetachDelete, PropagateDelete, ArchiveDelete>;

// `hold`, `detach`, `propagate`, `archive`: as configuration, journal and conflicts name it.
[[nodiscard]] std::string_view to_string(const DeleteRule& rule);

}  // namespace casebridge::conflict
