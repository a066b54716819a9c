#pragma once

#include "mapping/table_mapping.hpp"
#include "model/error.hpp"
#include "model/source_transaction.hpp"

#include <chrono>
#include <span>

// Interprets a table mapping: rows ↔ images ↔ canonical values. Pure: same input, same result.

namespace casebridge::mapping {

// Knows which record a local key stands for, and the reverse. The pipeline implements it over its links.
class ReferenceResolver {
public:
    virtual ~ReferenceResolver() = default;
    // The record that the row `key` of `table` stands for; nothing while no link exists.
    [[nodiscard]] virtual std::optional<RecordId> record_of(MappingIndex table, const LocalKey& key)
        const = 0;
    // The key that `record` has in `table`; nothing while it has no (live) row there.
    [[nodiscard]] virtual std::optional<LocalKey> key_of(MappingIndex table, RecordId record) const = 0;
};

// Where a table's mapped columns stand in the rows of its replication stream. Valid for that relation object.
struct ColumnPositions {
    std::size_t key = 0;
    std::vector<std::size_t> slots;  // One column position per slot of the mapping.
};

// Finds the mapped columns. A missing one, or a key column that is not part of the replica identity, is an
// error of class permanent (`schema_drift`), which names the column.
[[nodiscard]] Result<ColumnPositions> locate(const TableMapping& mapping, const Relation& relation);

// The key of a row; nothing when the tuple does not carry it (absent or NULL: `key_missing`, poison).
[[nodiscard]] Result<LocalKey> read_key(const ColumnPositions& positions, const Tuple& row);

// The mapped part of a row. `previous` supplies the slots of columns that the server did not send (unchanged
// TOAST); without it such a row is an error of class poison (`value_not_sent`). A document column that is no
// JSON is poison
// (`malformed_document`). Slots inside documents hold the text that the server's `#>>` would give: a JSON
// string's characters, any other scalar's exact source digits, nothing for a missing member or JSON null.
[[nodiscard]] Result<Image> read_row(
    const TableMapping& mapping, const ColumnPositions& positions, const Tuple& row, const Image* previous
);

// The canonical value of one unit of an image. Errors, all of class poison, name table, column and field,
// never the value: `unmappable_value` (unknown code, not a date, does not fit the pattern or type) and
// `unresolved_reference` (a key that no link knows yet).
[[nodiscard]] Result<UnitValue> get_unit(
    const TableMapping& mapping,
    const EntityDefinition& entity,
    const MappedUnit& unit,
    const Image& image,
    const ReferenceResolver& references
);

// Writes `wanted` into the unit's slots of `row`. A slot that already means the wanted values keeps its text
// (an agency's own spelling, another local code of the same meaning, a numeric's scale), so that putting what
// was got changes nothing. Errors of class poison: `unmappable_value` (no local code; a pattern that could
// not be split again), `unresolved_reference` (the referenced record has no row here yet; the row is left as
// it was).
[[nodiscard]] Result<void> put_unit(
    const TableMapping& mapping,
    const EntityDefinition& entity,
    const MappedUnit& unit,
    const UnitValue& wanted,
    const ReferenceResolver& references,
    Image& row
);

// A row before anything is put into it: every slot NULL, except that a column that holds a set has none in
// it, which it can take even where it may not be NULL.
[[nodiscard]] Image new_row(const TableMapping& mapping);

// Whether a record with these canonical values is created in the table, as of `today` (the bridge's date).
// `values` holds one value per field of the entity; nothing in it fails a condition on that field.
[[nodiscard]] bool creates(
    const TableMapping& mapping, std::span<const FieldValue> values, std::chrono::year_month_day today
);

}  // namespace casebridge::mapping
