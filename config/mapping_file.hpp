#pragma once

#include "config/entry.hpp"
#include "mapping/table_mapping.hpp"
#include "model/canonical_model.hpp"

#include <vector>

// Reads an agency's mapping file, in two steps: first which tables all agencies have, then what is in them,
// because references lead from one table to another.

namespace casebridge::config {

// The table that a mapping in `tables` was read from.
struct TablePlace {
    MappingIndex index;
    Entry entry;  // Named as the file names the table.
};

// Appends the agency's tables, named and with their entity, nothing more. Tables without a known name or
// entity are reported and left out, as is the second table of an entity.
void read_tables(
    const Entry& root,
    const AgencyId& agency,
    const CanonicalModel& model,
    std::vector<mapping::TableMapping>& tables,
    std::vector<TablePlace>& places
);

// Reads the rest of one table.
void read_table(
    const TablePlace& place, const CanonicalModel& model, std::vector<mapping::TableMapping>& tables
);

}  // namespace casebridge::config
