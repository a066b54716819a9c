#pragma once

#include "config/column_uses.hpp"
#include "config/entry.hpp"
#include "mapping/table_mapping.hpp"
#include "model/canonical_model.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace casebridge::config {

// Collects the bindings of one table from its `fields` and `split`, and joins them into mapped units. What it
// refers to outlives it.
class FieldBindings {
public:
    FieldBindings(
        const CanonicalModel& model,
        const std::vector<mapping::TableMapping>& tables,
        mapping::TableMapping& mapping,
        ColumnUses& uses
    );

    // `"birth_date": { "column": "born", … }`
    void read_field(const Entry& entry);
    // `{ "column": "full_name", "pattern": "{name.family}, {name.given}" }`
    void read_split(const Entry& entry);
    // Fills the mapping's units; a group of which fields are missing is reported.
    void finish();

private:
    [[nodiscard]] std::optional<mapping::Codec> read_codec(const Entry& entry, const FieldDefinition& field)
        const;
    [[nodiscard]] std::optional<mapping::Codec> plain_codec(const Entry& entry, const FieldDefinition& field)
        const;
    [[nodiscard]] std::optional<mapping::Codec> read_codes(const Entry& codes, const FieldDefinition& field)
        const;
    [[nodiscard]] std::optional<mapping::Codec> read_set(const Entry& entry, const FieldDefinition& field)
        const;
    [[nodiscard]] std::optional<mapping::Codec> read_reference(
        const Entry& entry, const FieldDefinition& field
    ) const;
    void bind(
        const Entry& entry,
        const std::vector<const FieldDefinition*>& fields,
        mapping::Slot slot,
        std::optional<mapping::Codec> codec
    );

    const CanonicalModel& model_;
    const std::vector<mapping::TableMapping>& tables_;
    mapping::TableMapping& mapping_;
    const EntityDefinition& entity_;
    ColumnUses& uses_;
    std::map<std::string, Entry> bound_;  // Where each field is mapped.
    std::map<UnitIndex, std::vector<mapping::Binding>> units_;
};

}  // namespace casebridge::config
