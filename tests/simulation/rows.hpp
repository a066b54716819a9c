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
inline constexpr std::size_t given = 0, family = 1, number = 2, phone = 3, grade = 4, status = 5, note = 6,
                             home = 7, memo = 8;
}
namespace south_person {
inline constexpr std::size_t full_name = 0, number = 1, phone = 2, grade = 3, status = 4, note = 5, home = 6,
                             memo = 7;
}
namespace any_home {
inline constexpr std::size_t code = 0, kind = 1, area = 2, memo = 3;
}

// What one unit of a row says, in words that both agencies share.
struct Meaning {
    enum class State { readable, unmappable };
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
[[nodiscard]] MappingIndex table_of(const AgencyId& agency, EntityIndex entity);
[[nodiscard]] const AgencyId& agency_of(MappingIndex table);
[[nodiscard]] const AgencyId& other(const AgencyId& agency);
[[nodiscard]] std::size_t slot_count(MappingIndex table);
[[nodiscard]] std::size_t reference_slot(MappingIndex people);
// The slots that hold a unit.
[[nodiscard]] std::vector<std::size_t> slots_of(MappingIndex table, UnitIndex unit);

// The column in which an agency keeps a code, its text for a meaning, and a text that means nothing.
[[nodiscard]] std::size_t code_slot(MappingIndex table);
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
