#pragma once

#include "mapping/translate.hpp"

#include <map>
#include <utility>

// A small table with every codec, for the tests of this room: sp.person with the units name (split),
// birth_date, sex (codes), able_bodied, income, changed_at, phone (document), household (reference), note.

namespace casebridge::mapping {

class Links final : public ReferenceResolver {
public:
    void add(MappingIndex table, const LocalKey& key, RecordId record)
    {
        records_[{table, key}] = record;
        keys_[{table, record}] = key;
    }

    std::optional<RecordId> record_of(MappingIndex table, const LocalKey& key) const override
    {
        const auto found = records_.find({table, key});
        return found == records_.end() ? std::nullopt : std::optional{found->second};
    }

    std::optional<LocalKey> key_of(MappingIndex table, RecordId record) const override
    {
        const auto found = keys_.find({table, record});
        return found == keys_.end() ? std::nullopt : std::optional{found->second};
    }

private:
    std::map<std::pair<MappingIndex, LocalKey>, RecordId> records_;
    std::map<std::pair<MappingIndex, RecordId>, LocalKey> keys_;
};

inline constexpr MappingIndex household_table{7};

// Slot and unit numbers are equal by construction.
namespace at {
enum : std::uint16_t {
    name,
    birth_date,
    sex,
    able_bodied,
    income,
    changed_at,
    phone,
    household,
    note,
    count
};
}

inline EntityDefinition person_entity()
{
    EntityDefinition entity;
    entity.name = "person";
    const auto add = [&](const std::string& name, FieldType type, std::size_t unit) {
        if (unit == entity.units.size())
            entity.units.push_back(UnitDefinition{.name = name, .fields = {}});
        auto& fields = entity.units[unit].fields;
        entity.fields.push_back(FieldDefinition{
            .name = name,
            .type = type,
            .target = {},
            .unit = UnitIndex{static_cast<std::uint16_t>(unit)},
            .position_in_unit = fields.size(),
        });
        fields.emplace_back(static_cast<std::uint16_t>(entity.fields.size() - 1));
    };
    add("name.given", FieldType::text, at::name);
    add("name.family", FieldType::text, at::name);
    add("birth_date", FieldType::date, at::birth_date);
    add("sex", FieldType::code, at::sex);
    add("able_bodied", FieldType::boolean, at::able_bodied);
    add("income", FieldType::decimal, at::income);
    add("changed_at", FieldType::timestamp, at::changed_at);
    add("phone", FieldType::text, at::phone);
    add("household", FieldType::reference, at::household);
    add("note", FieldType::text, at::note);
    entity.units[at::name].name = "name";
    return entity;
}

inline TableMapping person_table()
{
    TableMapping mapping;
    mapping.agency = AgencyId{"sp"};
    mapping.schema = "sp";
    mapping.table = "person";
    mapping.key_column = "id";
    mapping.slots = {
        {.column = "full_name", .path = {}              },
        {.column = "born",      .path = {}              },
        {.column = "gender",    .path = {}              },
        {.column = "able",      .path = {}              },
        {.column = "income",    .path = {}              },
        {.column = "changed",   .path = {}              },
        {.column = "contact",   .path = {"phone", "mob"}},
        {.column = "house_id",  .path = {}              },
        {.column = "contact",   .path = {"note"}        },
    };
    const auto add = [&](std::uint16_t unit, std::vector<std::size_t> fields, Codec codec) {
        mapping.units.push_back(MappedUnit{
            .unit = UnitIndex{unit},
            .bindings = {Binding{.slot = unit, .unit_fields = std::move(fields), .codec = std::move(codec)}},
        });
    };
    add(at::name,
        {
            1, 0
    },
        PatternCodec{.literals = {"", ", ", ""}});
    add(at::birth_date, {0}, DateCodec{.format = "DD.MM.YYYY"});
    add(at::sex,
        {
            0
    },
        CodeCodec{.codes = {{"1", "male"}, {"2", "female"}, {"9", "unknown"}, {"0", "unknown"}}});
    add(at::able_bodied, {0}, PlainCodec{});
    add(at::income, {0}, PlainCodec{});
    add(at::changed_at, {0}, PlainCodec{});
    add(at::phone, {0}, PlainCodec{});
    add(at::household, {0}, ReferenceCodec{.entity = EntityIndex{1}, .table = household_table});
    add(at::note, {0}, PlainCodec{});
    return mapping;
}

inline FieldValue text(std::string characters)
{
    return Value{std::move(characters)};
}

// The text of a value for comparisons: `-` stands for NULL.
inline std::string shown(const FieldValue& value)
{
    return value ? "'" + value->expose() + "'" : "-";
}

}  // namespace casebridge::mapping
