#pragma once

#include "mapping/table_mapping.hpp"
#include "pipeline/bridge_definition.hpp"

#include <set>
#include <string>
#include <vector>

// Which columns casebridge touches at an agency, as mapping and agreements say: what grants have to permit,
// and no more. Pure.

namespace casebridge::doctor {

struct TableUse {
    enum class Inserts { never, possible };
    enum class Deletes { never, possible };

    const mapping::TableMapping* mapping = nullptr;  // Of the definition.
    std::set<std::string> surveyed;                  // Read by the capturing role: key and slots.
    std::set<std::string>
        compared;  // Read by the delivering role: key and what an update or deletion expects.
    std::set<std::string> updated;   // Slots of units that some agreement lets into this agency.
    std::set<std::string> inserted;  // Key, all slots and constants; empty where no row is ever created.
    std::set<std::string> provided;  // Of these, what may be other than NULL.
    Inserts inserts = Inserts::never;
    Deletes deletes =
        Deletes::never;  // Possible where the mapping permits it and an agreement tells anything.

    [[nodiscard]] bool is_written() const { return !updated.empty() || inserts == Inserts::possible; }
};

// Of all tables of one agency, in their order. The days of agreements do not count: one that is not valid yet
// will be.
[[nodiscard]] std::vector<TableUse> table_uses(
    const pipeline::BridgeDefinition& definition, const AgencyId& agency
);

}  // namespace casebridge::doctor
