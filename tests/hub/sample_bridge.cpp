#include "tests/hub/sample_bridge.hpp"

#include <utility>

namespace casebridge::hub::test {
namespace {

using mapping::Binding;
using mapping::MappedUnit;
using mapping::PlainCodec;
using mapping::ReferenceCodec;
using mapping::TableMapping;

EntityDefinition make_entity(
    std::string name,
    const std::vector<std::pair<std::string, std::vector<std::pair<std::string, FieldType>>>>& units
)
{
    EntityDefinition entity{std::move(name), {}, {}, {}};
    for (const auto& [unit, fields] : units) {
        const UnitIndex index{static_cast<std::uint16_t>(entity.units.size())};
        UnitDefinition definition{unit, {}};
        for (const auto& [field_name, type] : fields) {
            definition.fields.emplace_back(static_cast<std::uint16_t>(entity.fields.size()));
            entity.fields.push_back({field_name, type, 0, std::nullopt, index, definition.fields.size() - 1});
        }
        entity.units.push_back(std::move(definition));
    }
    return entity;
}

CanonicalModel make_model()
{
    auto person_entity = make_entity(
        "person",
        {
            {"name",        {{"last_name", FieldType::text}, {"first_name", FieldType::text}}       },
            {"birth_date",  {{"birth_date", FieldType::date}}                                       },
            {"national_id", {{"national_id", FieldType::text}}                                      },
            {"address",     {{"address.street", FieldType::text}, {"address.city", FieldType::text}}},
            {"income",      {{"income", FieldType::decimal}}                                        },
            {"employed",    {{"employed", FieldType::boolean}}                                      },
            {"household",   {{"household", FieldType::reference}}                                   },
    }
    );
    person_entity.fields.back().target = household;
    person_entity.identity = {{{FieldIndex{3}}}, {{FieldIndex{0}, FieldIndex{2}}}};
    auto household_entity = make_entity(
        "household",
        {
            {"name", {{"name", FieldType::text}}}
    }
    );
    return {
        {                           },
        { std::move(person_entity), std::move(household_entity)}
    };
}

TableMapping make_table(
    MappingIndex index,
    std::string agency,
    std::string schema,
    std::string table,
    EntityIndex entity,
    std::vector<mapping::Slot> slots,
    std::vector<MappedUnit> units
)
{
    TableMapping mapping;
    mapping.index = index;
    mapping.agency = AgencyId{std::move(agency)};
    mapping.schema = std::move(schema);
    mapping.table = std::move(table);
    mapping.entity = entity;
    mapping.key_column = "id";
    mapping.slots = std::move(slots);
    mapping.units = std::move(units);
    return mapping;
}

}  // namespace

pipeline::BridgeDefinition sample_bridge()
{
    pipeline::BridgeDefinition bridge;
    bridge.name = "sample";
    bridge.model = make_model();
    bridge.agencies = {AgencyId{"es"}, AgencyId{"sp"}};
    bridge.tables = {
        make_table(
            sp_person,
            "sp",
            "public",
            "person",
            person,
            {{"last_name", {}},                                             {"first_name", {}}, {"born", {}}, {"national_id", {}}, {"household_id", {}}},
            {
              {unit_name, {{0, {0}, PlainCodec{}}, {1, {1}, PlainCodec{}}}},
              {unit_birth_date, {{2, {0}, PlainCodec{}}}},
              {unit_national_id, {{3, {0}, PlainCodec{}}}},
              {unit_household, {{4, {0}, ReferenceCodec{household, sp_household}}}},
              }
        ),
        make_table(
            sp_household,
            "sp",
            "public",
            "household",
            household,
            {{"name", {}}                                        },
            {{UnitIndex{0}, {{0, {0}, PlainCodec{}}}}}
        ),
        make_table(
            es_jobseeker,
            "es",
            "core",
            "jobseeker",
            person,
            {{"surname", {}},                  {"given", {}}, {"data", {"address", "street"}}, {"data", {"address", "ci/ty"}}},
            {
              {unit_name, {{0, {0}, PlainCodec{}}, {1, {1}, PlainCodec{}}}},
              {unit_address, {{2, {0}, PlainCodec{}}, {3, {1}, PlainCodec{}}}},
              }
        ),
    };
    return bridge;
}

FieldValue field(std::string text)
{
    return Value{std::move(text)};
}

}  // namespace casebridge::hub::test
