#include "tests/simulation/sim_bridge.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::simulation {
namespace {

using mapping::Codec;
using mapping::CodeCodec;
using mapping::MappedUnit;
using mapping::PlainCodec;
using mapping::ReferenceCodec;
using mapping::TableMapping;

FieldDefinition field(std::string name, FieldType type, std::optional<EntityIndex> target = std::nullopt)
{
    return {std::move(name), type, 0, target, {}, 0};
}

void add_unit(EntityDefinition& entity, const std::string& unit, const std::vector<FieldDefinition>& fields)
{
    const UnitIndex index{static_cast<std::uint16_t>(entity.units.size())};
    entity.units.push_back({unit, {}});
    for (auto described : fields) {
        described.unit = index;
        described.position_in_unit = entity.units.back().fields.size();
        entity.units.back().fields.emplace_back(static_cast<std::uint16_t>(entity.fields.size()));
        entity.fields.push_back(std::move(described));
    }
}

CanonicalModel model()
{
    CanonicalModel model;
    model.code_lists = {
        {"kind",   {"rented", "owned"}                          },
        {"status", {"seeking", "working", "retired", "exempted"}}
    };
    EntityDefinition homes;
    homes.name = "home";
    add_unit(homes, "code", {field("code", FieldType::text)});
    add_unit(homes, "kind", {field("kind", FieldType::code)});
    add_unit(homes, "area", {field("area", FieldType::text)});
    homes.identity.push_back({{FieldIndex{0}}});

    EntityDefinition people;
    people.name = "person";
    add_unit(people, "name", {field("name.given", FieldType::text), field("name.family", FieldType::text)});
    add_unit(people, "number", {field("number", FieldType::text)});
    add_unit(people, "phone", {field("phone", FieldType::text)});
    add_unit(people, "grade", {field("grade", FieldType::text)});
    auto status = field("status", FieldType::code);
    status.code_list = 1;
    add_unit(people, "status", {status});
    add_unit(people, "note", {field("note", FieldType::text)});
    add_unit(people, "home", {field("home", FieldType::reference, home_entity)});
    people.identity.push_back({{FieldIndex{2}}});
    model.entities = {std::move(homes), std::move(people)};
    return model;
}

MappedUnit plain(UnitIndex unit, std::size_t slot, Codec codec = PlainCodec{})
{
    return {unit, {{slot, {0}, std::move(codec)}}};
}

TableMapping table(
    MappingIndex index,
    const AgencyId& agency,
    std::string name,
    EntityIndex entity,
    const std::vector<std::string>& columns
)
{
    TableMapping table;
    table.index = index;
    table.agency = agency;
    table.schema = agency.value();
    table.table = std::move(name);
    table.entity = entity;
    table.key_column = "id";
    for (const auto& column : columns)
        table.slots.push_back({column, {}});
    table.create_when = mapping::CreateAlways{};
    table.remote_delete = mapping::RemoteDelete::permitted;
    return table;
}

TableMapping homes_of_north()
{
    auto mapping = table(north_homes, north, "dwelling", home_entity, {"code", "kind", "area"});
    mapping.units = {
        plain(home::code, 0),
        plain(home::kind, 1, CodeCodec{{{"R", "rented"}, {"O", "owned"}}}
          ),
        plain(home::area, 2),
    };
    return mapping;
}

TableMapping homes_of_south()
{
    auto mapping = table(south_homes, south, "home", home_entity, {"code", "kind_code", "area"});
    mapping.units = {
        plain(home::code, 0),
        plain(home::kind, 1, CodeCodec{{{"1", "rented"}, {"2", "owned"}}}
          ),
        plain(home::area, 2),
    };
    return mapping;
}

TableMapping people_of_north()
{
    auto mapping = table(
        north_people,
        north,
        "resident",
        person_entity,
        {"given", "family", "number", "phone", "grade", "status", "note", "dwelling_id"}
    );
    // Two local codes mean the same: a change of spelling is no change.
    const CodeCodec status{
        {{"S", "seeking"}, {"s", "seeking"}, {"W", "working"}, {"R", "retired"}, {"X", "exempted"}}
    };
    mapping.units = {
        {person::name, {{0, {0}, PlainCodec{}}, {1, {1}, PlainCodec{}}}},
        plain(person::number, 2),
        plain(person::phone, 3),
        plain(person::grade, 4),
        plain(person::status, 5, status),
        plain(person::note, 6),
        plain(person::home, 7, ReferenceCodec{ home_entity, north_homes,                                            false}
        ),
    };
    const FieldIndex status_field{5};
    mapping.create_when = std::vector{
        mapping::CreateCondition{status_field, mapping::AnyOf{{Value{"seeking"}, Value{"working"}}}}
    };
    return mapping;
}

TableMapping people_of_south()
{
    auto mapping = table(
        south_people,
        south,
        "client",
        person_entity,
        {"full_name", "number", "phone", "grade", "status_code", "note", "home_id"}
    );
    // `exempted` has no code here: such a person cannot be written.
    const CodeCodec status{
        {{"1", "seeking"}, {"2", "working"}, {"3", "retired"}}
    };
    mapping.units = {
        {person::name, {{0, {1, 0}, mapping::PatternCodec{{"", ", ", ""}}}}},
        plain(person::number, 1),
        plain(person::phone, 2),
        plain(person::grade, 3),
        plain(person::status, 4, status),
        plain(person::note, 5),
        plain(person::home, 6, ReferenceCodec{ home_entity, south_homes,                                                 true}
        ),
    };
    return mapping;
}

TableMapping homes_of_east(const Rules& rules)
{
    auto mapping = table(east_homes, east, "house", home_entity, {"code", "area"});
    mapping.units = {plain(home::code, 0), plain(home::area, 1)};
    mapping.remote_delete = rules.remote_delete(east_homes);
    return mapping;
}

TableMapping people_of_east(const Rules& rules)
{
    auto mapping = table(east_people, east, "member", person_entity, {"number", "phone", "grade", "state"});
    const CodeCodec state{
        {{"A", "seeking"}, {"B", "working"}, {"C", "retired"}}
    };
    mapping.units = {
        plain(person::number, 0),
        plain(person::phone, 1),
        plain(person::grade, 2),
        plain(person::status, 3, state),
    };
    mapping.remote_delete = rules.remote_delete(east_people);
    return mapping;
}

// Its people are entered there or nowhere.
TableMapping people_of_west(const Rules& rules)
{
    auto mapping = table(west_people, west, "pupil", person_entity, {"number", "label", "phone"});
    mapping.units = {
        {person::name, {{1, {0, 1}, mapping::PatternCodec{{"", " ", ""}}}}},
        plain(person::number, 0),
        plain(person::phone, 2),
    };
    mapping.create_when = mapping::CreateNever{};
    mapping.remote_delete = rules.remote_delete(west_people);
    return mapping;
}

pipeline::Agreement agreement(
    const AgencyId& from, const AgencyId& to, const CanonicalModel& model, Sharing sharing
)
{
    pipeline::Agreement shared;
    shared.id = from.value() + "-" + to.value();
    shared.from = from;
    shared.to = to;
    for (std::uint16_t entity = 0; entity < model.entities.size(); ++entity) {
        auto& units = shared.shared.emplace_back();
        for (std::uint16_t unit = 0; unit < model.entities[entity].units.size(); ++unit)
            units.push_back(
                sharing == Sharing::everything || shares(from, to, EntityIndex{entity}, UnitIndex{unit})
            );
    }
    return shared;
}

conflict::DeleteRule project_rule(DeleteKind kind)
{
    switch (kind) {
        case DeleteKind::hold:
            return conflict::HoldDelete{};
        case DeleteKind::detach:
            return conflict::DetachDelete{};
        case DeleteKind::propagate:
            return conflict::PropagateDelete{};
    }
    return conflict::HoldDelete{};
}

// The project's rule for the simulator's word.
conflict::FieldRule project_rule(RuleKind kind)
{
    conflict::Rank rank;
    for (const auto* word : ranked)
        rank.values.emplace_back(word);
    switch (kind) {
        case RuleKind::hold:
            return conflict::Hold{};
        case RuleKind::latest:
            return conflict::Latest{};
        case RuleKind::latest_narrow:
            return conflict::Latest{std::chrono::milliseconds{100}};
        case RuleKind::authority:
            return conflict::Authority{north};
        case RuleKind::filled_latest:
            return conflict::Chain{
                {conflict::Filled{}, conflict::Latest{}}
            };
        case RuleKind::max:
            return conflict::Max{};
        case RuleKind::min:
            return conflict::Min{};
        case RuleKind::filled_min:
            return conflict::Chain{
                {conflict::Filled{}, conflict::Min{}}
            };
        case RuleKind::rank:
            return rank;
        case RuleKind::filled_rank:
            return conflict::Chain{
                {conflict::Filled{}, rank}
            };
        case RuleKind::sum:
            return conflict::Sum{};
        case RuleKind::sum_max:
            return conflict::Chain{
                {conflict::Sum{}, conflict::Max{}}
            };
    }
    return conflict::Hold{};
}

}  // namespace

bool shares(const AgencyId& from, const AgencyId& to, EntityIndex entity, UnitIndex unit)
{
    if (entity != person_entity)
        return true;
    if (unit == person::note)
        return from == south;
    if (unit == person::phone)
        return from != south || to != west;
    return unit != person::status || from != north || to != east;
}

pipeline::BridgeDefinition simulated_bridge(std::size_t agency_count, Sharing sharing, const Rules& rules)
{
    pipeline::BridgeDefinition bridge;
    bridge.name = "simulated";
    bridge.model = model();
    bridge.agencies = {north, south};
    bridge.tables = {homes_of_north(), people_of_north(), homes_of_south(), people_of_south()};
    if (agency_count > 2) {
        bridge.agencies.push_back(east);
        bridge.tables.push_back(homes_of_east(rules));
        bridge.tables.push_back(people_of_east(rules));
    }
    if (agency_count > 3) {
        bridge.agencies.push_back(west);
        bridge.tables.push_back(people_of_west(rules));
    }
    std::ranges::sort(bridge.agencies);
    for (std::uint16_t entity = 0; entity < bridge.model.entities.size(); ++entity) {
        auto& of_units = bridge.rules.emplace_back();
        for (std::uint16_t unit = 0; unit < bridge.model.entities[entity].units.size(); ++unit)
            of_units.push_back(project_rule(rules.of(EntityIndex{entity}, UnitIndex{unit})));
    }
    for (const auto entity : {home_entity, person_entity})
        bridge.on_delete.emplace(entity, project_rule(rules.on_delete(entity)));
    if (const auto& most = rules.mass_change())
        for (const auto entity : {home_entity, person_entity})
            bridge.breakers.emplace(
                entity,
                pipeline::BreakerRule{
                    std::chrono::hours{1             },
                    { 0, most->changed},
                    { 0, most->deleted}
            }
            );
    for (const auto& from : bridge.agencies)
        for (const auto& to : bridge.agencies)
            if (from != to)
                bridge.agreements.push_back(agreement(from, to, bridge.model, sharing));
    for (const auto& agency : bridge.agencies)
        bridge.stale_form_windows[agency] = std::chrono::microseconds{rules.stale_form_window_us()};
    bridge.stale_forms[{person_entity, person::phone}] = rules.stale_forms_of(person_entity, person::phone);
    return bridge;
}

}  // namespace casebridge::simulation
