#include "tests/pipeline/sample_bridge.hpp"

#include <algorithm>
#include <stdexcept>

namespace casebridge::pipeline {
namespace {

void add_unit(EntityDefinition& entity, const std::string& unit, const std::vector<FieldDefinition>& fields)
{
    const UnitIndex index{static_cast<std::uint16_t>(entity.units.size())};
    entity.units.push_back({unit, {}});
    for (auto field : fields) {
        field.unit = index;
        field.position_in_unit = entity.units.back().fields.size();
        entity.units.back().fields.emplace_back(static_cast<std::uint16_t>(entity.fields.size()));
        entity.fields.push_back(std::move(field));
    }
}

FieldDefinition field(std::string name, FieldType type, std::optional<EntityIndex> target = std::nullopt)
{
    return {std::move(name), type, 0, target, {}, 0};
}

CanonicalModel sample_model()
{
    CanonicalModel model;
    model.code_lists.push_back({
        "status", {"seeking", "working", "retired"}
    });
    EntityDefinition home;
    home.name = "household";
    add_unit(home, "code", {field("code", FieldType::text)});
    add_unit(home, "head", {field("head", FieldType::reference, person_entity)});
    home.identity.push_back({{FieldIndex{0}}});
    EntityDefinition human;
    human.name = "person";
    add_unit(human, "name", {field("name.given", FieldType::text), field("name.family", FieldType::text)});
    add_unit(human, "number", {field("number", FieldType::text)});
    add_unit(human, "phone", {field("phone", FieldType::text)});
    add_unit(human, "status", {field("status", FieldType::code)});
    add_unit(human, "household", {field("household", FieldType::reference, household_entity)});
    human.identity.push_back({{FieldIndex{2}}});
    model.entities = {std::move(home), std::move(human)};
    return model;
}

mapping::MappedUnit plain(UnitIndex unit, std::size_t slot, mapping::Codec codec = mapping::PlainCodec{})
{
    return {unit, {{slot, {0}, std::move(codec)}}};
}

mapping::TableMapping households_of(const AgencyId& agency, MappingIndex index)
{
    mapping::TableMapping table;
    table.index = index;
    table.agency = agency;
    table.schema = agency.value();
    table.table = "household";
    table.entity = household_entity;
    table.key_column = "id";
    table.slots = {
        {"code",    {}},
        {"head_id", {}}
    };
    const MappingIndex persons{static_cast<std::uint16_t>(index.value() + 1)};
    table.units = {
        plain(household::code, 0),
        plain(household::head, 1, mapping::ReferenceCodec{person_entity, persons, false})};
    table.create_when = mapping::CreateAlways{};
    return table;
}

mapping::TableMapping persons_of(const AgencyId& agency, MappingIndex index)
{
    mapping::TableMapping table;
    table.index = index;
    table.agency = agency;
    table.schema = agency.value();
    table.table = "person";
    table.entity = person_entity;
    table.key_column = "id";
    table.create_when = mapping::CreateAlways{};
    std::size_t next = 0;
    if (agency.value() == "b") {
        table.slots = {
            {"full_name", {}}
        };
        table.units.push_back({person::name, {{0, {1, 0}, mapping::PatternCodec{{"", ", ", ""}}}}});
        next = 1;
    } else {
        table.slots = {
            {"given",  {}},
            {"family", {}}
        };
        table.units.push_back({
            person::name, {{0, {0}, mapping::PlainCodec{}}, {1, {1}, mapping::PlainCodec{}}}
        });
        next = 2;
    }
    for (const auto* column : {"number", "phone", "status", "household_id"})
        table.slots.push_back({column, {}});
    const mapping::CodeCodec letters{
        {{"S", "seeking"}, {"W", "working"}, {"w", "working"}, {"R", "retired"}}
    };
    const mapping::CodeCodec digits{
        {{"1", "seeking"}, {"2", "working"}, {"3", "retired"}}
    };
    const MappingIndex homes{static_cast<std::uint16_t>(index.value() - 1)};
    table.units.push_back(plain(person::number, next));
    table.units.push_back(plain(person::phone, next + 1));
    table.units.push_back(plain(person::status, next + 2, agency.value() == "b" ? digits : letters));
    table.units.push_back(
        plain(person::household, next + 3, mapping::ReferenceCodec{household_entity, homes, false})
    );
    return table;
}

}  // namespace

BridgeDefinition sample_bridge(std::size_t agencies)
{
    BridgeDefinition bridge;
    bridge.name = "sample";
    bridge.model = sample_model();
    for (std::size_t i = 0; i < agencies; ++i) {
        const AgencyId agency{std::string(1, static_cast<char>('a' + i))};
        bridge.agencies.push_back(agency);
        const auto first = static_cast<std::uint16_t>(bridge.tables.size());
        bridge.tables.push_back(households_of(agency, MappingIndex{first}));
        bridge.tables.push_back(persons_of(agency, MappingIndex{static_cast<std::uint16_t>(first + 1)}));
    }
    for (const auto& entity : bridge.model.entities)
        bridge.rules.emplace_back(entity.units.size(), conflict::Latest{});
    for (const auto& from : bridge.agencies)
        for (const auto& to : bridge.agencies) {
            if (from == to)
                continue;
            Agreement shared;
            shared.id = from.value() + "-" + to.value();
            shared.from = from;
            shared.to = to;
            for (const auto& entity : bridge.model.entities)
                shared.shared.emplace_back(entity.units.size(), true);
            bridge.agreements.push_back(std::move(shared));
        }
    return bridge;
}

conflict::FieldRule& rule(BridgeDefinition& bridge, EntityIndex entity, UnitIndex unit)
{
    return bridge.rules[entity.value()][unit.value()];
}

mapping::TableMapping& table_named(BridgeDefinition& bridge, const std::string& name)
{
    const auto found =
        std::ranges::find_if(bridge.tables, [&](const auto& table) { return table.name() == name; });
    if (found == bridge.tables.end())
        throw std::logic_error("no table " + name);
    return *found;
}

Agreement& agreement(BridgeDefinition& bridge, const std::string& from, const std::string& to)
{
    const auto found = std::ranges::find(bridge.agreements, from + "-" + to, &Agreement::id);
    if (found == bridge.agreements.end())
        throw std::logic_error("no agreement " + from + "-" + to);
    return *found;
}

void require_household(BridgeDefinition& bridge)
{
    for (auto& table : bridge.tables)
        for (auto& unit : table.units)
            for (auto& binding : unit.bindings)
                if (auto* reference = std::get_if<mapping::ReferenceCodec>(&binding.codec))
                    reference->required = table.entity == person_entity;
}

}  // namespace casebridge::pipeline
