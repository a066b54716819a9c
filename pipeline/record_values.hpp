#pragma once

#include "conflict/judge.hpp"
#include "pipeline/bridge_definition.hpp"
#include "pipeline/record.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <vector>

// What a record's histories are worth: golden values, and the keys that follow from them.

namespace casebridge::pipeline {

[[nodiscard]] const conflict::FieldRule& rule_of(
    const BridgeDefinition& definition, EntityIndex entity, UnitIndex unit
);

// The decision on one unit of a record; its winner, if one version's value stands, is a position in
// record.units[unit].open.
[[nodiscard]] conflict::Decision decide(
    const BridgeDefinition& definition, const Record& record, UnitIndex unit
);

// Golden value of one field; empty when it is NULL, unknown or held.
[[nodiscard]] FieldValue golden_value(
    const BridgeDefinition& definition, const Record& record, FieldIndex field
);

// One golden value per field of the entity.
[[nodiscard]] std::vector<FieldValue> golden_values(const BridgeDefinition& definition, const Record& record);

// Units on which a person has to decide, ascending.
[[nodiscard]] std::vector<UnitIndex> held_units(const BridgeDefinition& definition, const Record& record);

// The value by which a record is found: golden, or while the unit is held the oldest open version's.
[[nodiscard]] FieldValue findable_value(
    const BridgeDefinition& definition, const Record& record, FieldIndex field
);

// The key of one identity rule; nothing when a value is missing or empty, because "both unknown" identifies
// nobody.
[[nodiscard]] std::optional<IdentityKey> identity_key(
    EntityIndex entity, std::size_t rule, std::span<const FieldValue> values
);

// The same, of values whose forms the rule does not compare exactly: the key of what they are compared by.
[[nodiscard]] std::optional<IdentityKey> identity_key(
    const CanonicalModel& model, EntityIndex entity, std::size_t rule, std::span<const FieldValue> values
);

// Whether the keys that a row shows are another's than the record's: none is shared, though some could be.
[[nodiscard]] bool identify_another(std::span<const IdentityKey> shown, std::span<const IdentityKey> known);

// The slots of a table that hold what its rows are identified by.
[[nodiscard]] std::set<std::size_t> identifying_slots(
    const BridgeDefinition& definition, const mapping::TableMapping& mapping
);

// A row that joins a record has none of what others wrote before, as far as anybody knows.
[[nodiscard]] std::vector<MarkChange> marks_on_joining(
    const Record& record, const mapping::TableMapping& mapping
);

// Reads the canonical text of a reference.
[[nodiscard]] std::optional<RecordId> as_record_id(const FieldValue& value);

}  // namespace casebridge::pipeline
