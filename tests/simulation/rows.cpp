#include "tests/simulation/rows.hpp"

#include "tests/simulation/sim_bridge.hpp"

#include <array>
#include <stdexcept>
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
};

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

Meaning name_meaning(MappingIndex table, const Row& row)
{
    if (table == north_people)
        return plain(joined(row[north_person::given], row[north_person::family]));
    const auto& full = row[south_person::full_name];
    if (!full)
        return plain(std::nullopt);
    const auto comma = full->find(", ");
    if (comma == std::string::npos)
        return {Meaning::State::unmappable, std::nullopt};
    return plain(joined(full->substr(comma + 2), full->substr(0, comma)));
}

constexpr std::array home_units{"code", "kind", "area"};
constexpr std::array person_units{"name", "number", "phone", "grade", "status", "note", "home"};

}  // namespace

std::vector<std::size_t> slots_of(MappingIndex table, UnitIndex unit)
{
    if (entity_of(table) == home_entity)
        return {unit.value()};
    if (table == south_people)
        return {unit.value()};
    if (unit == person::name)
        return {north_person::given, north_person::family};
    return {static_cast<std::size_t>(unit.value()) + 1};
}

Meaning meaning(MappingIndex table, UnitIndex unit, const Row& row)
{
    if (entity_of(table) == person_entity && unit == person::name)
        return name_meaning(table, row);
    const auto slot = slots_of(table, unit).front();
    return slot == code_slot(table) ? code_meaning(table, row[slot]) : plain(row[slot]);
}

bool mappable(MappingIndex table, const Row& row)
{
    return code_meaning(table, row[code_slot(table)]).readable();
}

const std::string& natural_key(MappingIndex table, const Row& row)
{
    return row[natural_key_slot(table)].value();
}

std::size_t natural_key_slot(MappingIndex table)
{
    if (entity_of(table) == home_entity)
        return any_home::code;
    return table == north_people ? north_person::number : south_person::number;
}

EntityIndex entity_of(MappingIndex table)
{
    return table == north_homes || table == south_homes ? home_entity : person_entity;
}

std::size_t unit_count(EntityIndex entity)
{
    return entity == home_entity ? home_units.size() : person_units.size();
}

const char* unit_name(EntityIndex entity, UnitIndex unit)
{
    return entity == home_entity ? home_units.at(unit.value()) : person_units.at(unit.value());
}

MappingIndex table_of(const AgencyId& agency, EntityIndex entity)
{
    if (agency == north)
        return entity == home_entity ? north_homes : north_people;
    return entity == home_entity ? south_homes : south_people;
}

const AgencyId& agency_of(MappingIndex table)
{
    return table == north_homes || table == north_people ? north : south;
}

const AgencyId& other(const AgencyId& agency)
{
    return agency == north ? south : north;
}

std::size_t slot_count(MappingIndex table)
{
    if (entity_of(table) == home_entity)
        return any_home::memo;
    return table == north_people ? north_person::memo : south_person::memo;
}

std::size_t reference_slot(MappingIndex people)
{
    return people == north_people ? north_person::home : south_person::home;
}

std::size_t code_slot(MappingIndex table)
{
    if (entity_of(table) == home_entity)
        return any_home::kind;
    return table == north_people ? north_person::status : south_person::status;
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
    constexpr std::array names{"north.dwelling", "north.resident", "south.home", "south.client"};
    return std::string{names.at(row.table.value())} + "[" + row.key.value() + "]";
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
