#include "tests/simulation/rows.hpp"

#include "tests/simulation/sim_bridge.hpp"

#include <array>
#include <string_view>

namespace casebridge::simulation {
namespace {

constexpr char separator = '/';

struct Code {
    MappingIndex table;
    std::string_view local;
    std::string_view word;
};

const std::array codes{
    Code{north_homes,  "R", "rented"  },
    Code{north_homes,  "O", "owned"   },
    Code{south_homes,  "1", "rented"  },
    Code{south_homes,  "2", "owned"   },
    Code{north_people, "S", "seeking" },
    Code{north_people, "s", "seeking" },
    Code{north_people, "W", "working" },
    Code{north_people, "R", "retired" },
    Code{north_people, "X", "exempted"},
    Code{south_people, "1", "seeking" },
    Code{south_people, "2", "working" },
    Code{south_people, "3", "retired" },
    Code{east_people,  "A", "seeking" },
    Code{east_people,  "B", "working" },
    Code{east_people,  "C", "retired" },
};

// What a table of the simulation looks like.
struct Shape {
    AgencyId agency;
    EntityIndex entity;
    const char* name;
    std::size_t slot_count;
    std::vector<std::vector<std::size_t>> slots;  // By unit.
};

const Shape& shape(MappingIndex table)
{
    static const std::vector<Shape> shapes{
        {north, home_entity,   "north.dwelling", 3, {{0}, {1}, {2}}                       },
        {north, person_entity, "north.resident", 8, {{0, 1}, {2}, {3}, {4}, {5}, {6}, {7}}},
        {south, home_entity,   "south.home",     3, {{0}, {1}, {2}}                       },
        {south, person_entity, "south.client",   7, {{0}, {1}, {2}, {3}, {4}, {5}, {6}}   },
        {east,  home_entity,   "east.house",     2, {{0}, {}, {1}}                        },
        {east,  person_entity, "east.member",    4, {{}, {0}, {1}, {2}, {3}, {}, {}}      },
        {west,  person_entity, "west.pupil",     3, {{1}, {0}, {2}, {}, {}, {}, {}}       },
    };
    return shapes.at(table.value());
}

Meaning code_meaning(MappingIndex table, const Text& text)
{
    if (!text)
        return {Meaning::State::readable, std::nullopt};
    for (const auto& code : codes)
        if (code.table == table && code.local == *text)
            return {Meaning::State::readable, std::string{code.word}};
    return {Meaning::State::unmappable, std::nullopt};
}

Meaning plain(const Text& text)
{
    return {Meaning::State::readable, text};
}

Text joined(const Text& given, const Text& family)
{
    if (!given && !family)
        return std::nullopt;
    return given.value_or("") + separator + family.value_or("");
}

// Of `first`, a separating text and the rest.
std::optional<std::pair<std::string, std::string>> split(const std::string& text, std::string_view between)
{
    const auto place = text.find(between);
    if (place == std::string::npos)
        return std::nullopt;
    return std::pair{text.substr(0, place), text.substr(place + between.size())};
}

Meaning name_meaning(MappingIndex table, const Row& row)
{
    if (table == north_people)
        return plain(joined(row[north_person::given], row[north_person::family]));
    const bool family_first = table == south_people;
    const auto& full = row[family_first ? south_person::full_name : west_person::label];
    if (!full)
        return plain(std::nullopt);
    const auto parts = split(*full, family_first ? ", " : " ");
    if (!parts)
        return {Meaning::State::unmappable, std::nullopt};
    return family_first ? plain(joined(parts->second, parts->first))
                        : plain(joined(parts->first, parts->second));
}

constexpr std::array home_units{"code", "kind", "area"};
constexpr std::array person_units{"name", "number", "phone", "grade", "status", "note", "home"};

}  // namespace

const std::vector<std::size_t>& slots_of(MappingIndex table, UnitIndex unit)
{
    return shape(table).slots.at(unit.value());
}

bool maps(MappingIndex table, UnitIndex unit)
{
    return !slots_of(table, unit).empty();
}

Meaning meaning(MappingIndex table, UnitIndex unit, const Row& row)
{
    if (!maps(table, unit))
        return {Meaning::State::unmapped, std::nullopt};
    if (entity_of(table) == person_entity && unit == person::name)
        return name_meaning(table, row);
    const auto slot = slots_of(table, unit).front();
    return slot == code_slot(table) ? code_meaning(table, row[slot]) : plain(row[slot]);
}

bool mappable(MappingIndex table, const Row& row)
{
    const auto slot = code_slot(table);
    return !slot || code_meaning(table, row[*slot]).readable();
}

const std::string& natural_key(MappingIndex table, const Row& row)
{
    return row[natural_key_slot(table)].value();
}

std::size_t natural_key_slot(MappingIndex table)
{
    return slots_of(table, entity_of(table) == home_entity ? home::code : person::number).front();
}

EntityIndex entity_of(MappingIndex table)
{
    return shape(table).entity;
}

std::size_t unit_count(EntityIndex entity)
{
    return entity == home_entity ? home_units.size() : person_units.size();
}

const char* unit_name(EntityIndex entity, UnitIndex unit)
{
    return entity == home_entity ? home_units.at(unit.value()) : person_units.at(unit.value());
}

std::optional<MappingIndex> table_of(const AgencyId& agency, EntityIndex entity)
{
    for (const auto table : all_tables)
        if (shape(table).agency == agency && shape(table).entity == entity)
            return table;
    return std::nullopt;
}

const AgencyId& agency_of(MappingIndex table)
{
    return shape(table).agency;
}

std::size_t slot_count(MappingIndex table)
{
    return shape(table).slot_count;
}

bool is_reference(EntityIndex entity, UnitIndex unit)
{
    return entity == person_entity && unit == person::home;
}

std::optional<std::size_t> reference_slot(MappingIndex table)
{
    if (entity_of(table) == home_entity || !maps(table, person::home))
        return std::nullopt;
    return slots_of(table, person::home).front();
}

std::optional<std::size_t> code_slot(MappingIndex table)
{
    const auto unit = entity_of(table) == home_entity ? home::kind : person::status;
    return maps(table, unit) ? std::optional{slots_of(table, unit).front()} : std::nullopt;
}

Text code_for(MappingIndex table, const std::string& word)
{
    for (const auto& code : codes)
        if (code.table == table && code.word == word)
            return std::string{code.local};
    return std::nullopt;
}

Image image_of(const Row& row)
{
    Image image;
    for (std::size_t slot = 0; slot + 1 < row.size(); ++slot)
        image.push_back(row[slot] ? FieldValue{Value{*row[slot]}} : FieldValue{});
    return image;
}

Text text_of(const FieldValue& value)
{
    return value ? Text{value->expose()} : Text{};
}

Text text_of(EntityIndex entity, UnitIndex unit, const UnitValue& value)
{
    if (entity == person_entity && unit == person::name)
        return joined(text_of(value.at(0)), text_of(value.at(1)));
    return text_of(value.at(0));
}

std::string show(const Text& text)
{
    return text ? "'" + *text + "'" : "NULL";
}

std::string show(const LinkKey& row)
{
    return std::string{shape(row.table).name} + "[" + row.key.value() + "]";
}

std::string show(const Row& row)
{
    std::string text = "(";
    for (const auto& column : row)
        text += (text.size() > 1 ? "," : "") + (column ? *column : "-");
    return text + ")";
}

std::set<std::size_t> large_and_same(const Row& before, const Row& after)
{
    std::set<std::size_t> unsent;
    for (std::size_t slot = 0; slot < after.size(); ++slot)
        if (is_large(after[slot]) && before[slot] == after[slot])
            unsent.insert(slot);
    return unsent;
}

}  // namespace casebridge::simulation
