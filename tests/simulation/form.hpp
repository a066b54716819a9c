#pragma once

#include "tests/simulation/workload.hpp"

namespace casebridge::simulation {

// What a user enters in one field of a form. Few values, so that edits meet. A name or code that the table
// does not keep is not entered.

[[nodiscard]] Text some_code(Dice& dice, MappingIndex table);
// Now and then a code that nobody knows, or another spelling of the same.
void set_code(World& world, const Population& population, MappingIndex table, Row& row);
void set_name(Dice& dice, MappingIndex table, Row& row);
// North now and then enters a number that south refuses.
void set_phone(Dice& dice, MappingIndex table, Row& row);
void set_note(Dice& dice, MappingIndex table, Row& row);
[[nodiscard]] Text digit(Dice& dice);
// The form of one of an agency's rows as somebody opened it before one of our deliveries, with the key and
// the reference that the row has now; nothing when no delivery changed any.
[[nodiscard]] std::optional<std::pair<LinkKey, Row>> old_form(
    World& world, const SimAgency& site, const std::map<LinkKey, Row>& rows
);

}  // namespace casebridge::simulation
