#pragma once

#include "model/canonical_model.hpp"
#include "model/ids.hpp"
#include "model/value.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What one table of an agency means in the canonical model: data that the config room compiles from an
// agency's mapping file, checked and resolved, and that mapping/translate.hpp interprets in both directions.

namespace casebridge::mapping {

// A place of a row that holds mapped data: a column, or a path inside a json/jsonb column. An Image holds one
// text per slot, in this order.
struct Slot {
    std::string column;
    std::vector<std::string> path;  // Empty: the whole column.

    friend bool operator==(const Slot&, const Slot&) = default;
};

// How the text of a slot becomes canonical values and back.
struct PlainCodec {};  // Rename only; the field's type says what is accepted.

struct DateCodec {
    std::string format;  // Of the tokens YYYY, MM and DD, each once, with literal text between them.
};

struct CodeCodec {
    // (local, canonical) in the order of the file. Many-to-one: the first local code of a canonical one is
    // written.
    std::vector<std::pair<std::string, std::string>> codes;
};

struct PatternCodec {
    // Literal texts around and between the unit's fields: literals.size() == fields.size() + 1.
    std::vector<std::string> literals;
};

struct ReferenceCodec {
    EntityIndex entity;
    MappingIndex table;  // The table of this agency that the column's key belongs to.
    bool required =
        false;  // A row without it is not inserted: it waits until the referenced record has a row here.
};

// A set of texts in one column. In which order and how often the column lists them is no information.
struct SetCodec {
    struct Array {};  // A one-dimensional array of texts.
    struct Separated {
        std::string separator;  // As it is written; when read, blanks around it do not matter.
    };
    std::variant<Array, Separated> form;
    // (local, canonical) for the elements, as in CodeCodec; none: the texts themselves.
    std::vector<std::pair<std::string, std::string>> codes;
};

using Codec = std::variant<PlainCodec, DateCodec, CodeCodec, PatternCodec, ReferenceCodec, SetCodec>;

// One slot ↔ one field, or (PatternCodec) several fields of the same unit.
struct Binding {
    std::size_t slot = 0;                  // Index into TableMapping::slots.
    std::vector<std::size_t> unit_fields;  // Positions inside the unit.
    Codec codec;
};

// A unit that this table maps completely (config refuses part of a group).
struct MappedUnit {
    UnitIndex unit;
    std::vector<Binding> bindings;
};

enum class NewKey {
    sequence,  // The column's own sequence or identity.
    uuid,
};

// When a record first known at another agency is created in this table. All conditions must hold.
struct AnyOf {
    std::vector<Value> values;  // The field has one of these canonical values.
};
struct AgeBetween {
    int from_years = 0;
    int to_years = 0;  // Inclusive, on the day that is asked about.
};
struct CreateCondition {
    FieldIndex field;
    std::variant<AnyOf, AgeBetween> test;
};
struct CreateNever {};
struct CreateAlways {};
using CreateWhen = std::variant<CreateNever, CreateAlways, std::vector<CreateCondition>>;

// Whether casebridge may delete a row of the table because another agency deleted its own.
enum class RemoteDelete { refused, permitted };

struct InsertConstant {
    std::string column;
    std::string text;
};

struct TableMapping {
    MappingIndex index;  // Position in BridgeDefinition::tables.
    AgencyId agency;
    std::string schema;
    std::string table;
    EntityIndex entity;
    std::string key_column;
    NewKey new_key = NewKey::uuid;
    std::vector<Slot> slots;
    std::vector<MappedUnit> units;  // Ascending by unit.
    CreateWhen create_when;
    std::vector<InsertConstant> on_insert;
    RemoteDelete remote_delete = RemoteDelete::refused;

    // `schema.table`, the name under which journal, metrics and logs know it.
    [[nodiscard]] std::string name() const { return schema + "." + table; }
    [[nodiscard]] const MappedUnit* find_unit(UnitIndex unit) const;
};

}  // namespace casebridge::mapping
