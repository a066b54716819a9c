#pragma once

#include "model/journal_entry.hpp"
#include "model/source_transaction.hpp"
#include "model/value.hpp"
#include "pipeline/record.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Rows of the simulated agencies as PostgreSQL shows them, and what they mean by a reading of their own: the
// checkers must not believe the project's mapping.

namespace casebridge::simulation {

using Text = std::optional<std::string>;  // Nothing is NULL.
using Row = std::vector<Text>;            // One text per slot of the mapping, then the unmapped column.

using pipeline::LinkKey;

// Columns by position in a Row.
namespace north_person {
inline constexpr std::size_t given = 0, family = 1;
}
namespace south_person {
inline constexpr std::size_t full_name = 0;
}
namespace west_person {
inline constexpr std::size_t label = 1;
}

// What one unit of a row says, in words that all agencies share.
struct Meaning {
    enum class State {
        readable,
        unmappable,
        unmapped,  // The table has no place for the unit.
    };
    State state = State::readable;
    Text value;  // Only when readable. A reference means the key as it stands, for the caller to follow.

    [[nodiscard]] bool readable() const { return state == State::readable; }
    friend bool operator==(const Meaning&, const Meaning&) = default;
};

[[nodiscard]] Meaning meaning(MappingIndex table, UnitIndex unit, const Row& row);

// Whether every code of the row is one that the mapping knows.
[[nodiscard]] bool mappable(MappingIndex table, const Row& row);

// Number of a person, code of a home: by what the checkers tell subjects apart.
[[nodiscard]] const std::string& natural_key(MappingIndex table, const Row& row);
[[nodiscard]] std::size_t natural_key_slot(MappingIndex table);

[[nodiscard]] EntityIndex entity_of(MappingIndex table);
[[nodiscard]] std::size_t unit_count(EntityIndex entity);
[[nodiscard]] const char* unit_name(EntityIndex entity, UnitIndex unit);
// Where an agency keeps an entity; nothing when it keeps none.
[[nodiscard]] std::optional<MappingIndex> table_of(const AgencyId& agency, EntityIndex entity);
[[nodiscard]] const AgencyId& agency_of(MappingIndex table);
[[nodiscard]] std::size_t slot_count(MappingIndex table);
[[nodiscard]] bool is_reference(EntityIndex entity, UnitIndex unit);
// The column that points at a home; nothing when the table has none.
[[nodiscard]] std::optional<std::size_t> reference_slot(MappingIndex table);
// The slots that hold a unit; none when the table does not map it.
[[nodiscard]] const std::vector<std::size_t>& slots_of(MappingIndex table, UnitIndex unit);
[[nodiscard]] bool maps(MappingIndex table, UnitIndex unit);

// The column in which a table keeps a code, if it has one; its text for a meaning, nothing when it has no
// word for it; and a text that means nothing.
[[nodiscard]] std::optional<std::size_t> code_slot(MappingIndex table);
[[nodiscard]] Text code_for(MappingIndex table, const std::string& word);
inline constexpr const char* poison_code = "?";

// Stored out of line: left alone by an update it is not sent.
[[nodiscard]] inline bool is_large(const Text& text)
{
    return text && text->size() > 8;
}

// The mapped part of a row, as an image.
[[nodiscard]] Image image_of(const Row& row);
[[nodiscard]] Text text_of(const FieldValue& value);
// The unit's value in a version of the hub, in the words of meaning().
[[nodiscard]] Text text_of(EntityIndex entity, UnitIndex unit, const UnitValue& value);
[[nodiscard]] std::string show(const Text& text);
[[nodiscard]] std::string show(const LinkKey& row);
[[nodiscard]] std::string show(const Row& row);

// The slots of large values that an update leaves as they are: a server does not send them.
[[nodiscard]] std::set<std::size_t> large_and_same(const Row& before, const Row& after);

}  // namespace casebridge::simulation
