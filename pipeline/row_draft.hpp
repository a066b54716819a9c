#pragma once

#include "pipeline/bridge_definition.hpp"
#include "pipeline/delivery_plan.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/record.hpp"

#include <span>
#include <utility>
#include <vector>

// One row on its way from comparison to delivery: what it shows, what it is to show, and what that makes of
// plan and lane.

namespace casebridge::pipeline {

// Points into definition and state; lives as long as one row is planned.
struct RowDraft {
    const mapping::TableMapping* table = nullptr;
    const Record* record = nullptr;
    const Link* link = nullptr;  // Null for a row that is not there yet.
    Image before;
    Image after;
    std::vector<const mapping::MappedUnit*> units;  // Those that differ.
};

// The image with what is on its way to the row.
[[nodiscard]] Image overlaid(Image image, std::span<const PendingRow* const> pending);

// Each is what the plan sends, and what the lane remembers of it.
[[nodiscard]] std::pair<RowUpdate, PendingRow> update_of(
    const BridgeDefinition& definition, const RowDraft& draft
);
[[nodiscard]] std::pair<RowInsert, PendingRow> insert_of(const RowDraft& draft, const LocalKey& key);
// The row has to show all that we know of it: a change that we have not read keeps it.
[[nodiscard]] std::pair<RowDelete, PendingRow> delete_of(const RowDraft& draft);

}  // namespace casebridge::pipeline
