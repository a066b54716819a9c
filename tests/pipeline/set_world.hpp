#pragma once

#include "model/text_set.hpp"
#include "tests/pipeline/linked_world.hpp"

// Worlds in which a phone is a set of texts: an array at `a` and `c`, texts between semicolons at `b`.

namespace casebridge::pipeline {

inline mapping::SetCodec array_codec()
{
    return {mapping::SetCodec::Array{}, {}};
}

inline mapping::SetCodec separated_codec(const std::string& separator)
{
    return {mapping::SetCodec::Separated{separator}, {}};
}

template <class CodecOf>
BridgeDefinition with_sets(BridgeDefinition bridge, const CodecOf& codec_of)
{
    for (auto& field : bridge.model.entities[person_entity.value()].fields)
        if (field.unit == person::phone)
            field.type = FieldType::set;
    for (auto& table : bridge.tables)
        for (auto& unit : table.units)
            if (table.entity == person_entity && unit.unit == person::phone)
                unit.bindings.front().codec = codec_of(table.agency);
    return bridge;
}

inline BridgeDefinition with_sets(std::size_t agencies = 2, conflict::FieldRule rule = conflict::Union{})
{
    return with_sets(with_rule(std::move(rule), agencies), [](const AgencyId& agency) {
        return agency.value() == "b" ? separated_codec(";") : array_codec();
    });
}

// Everybody shows x and y.
inline World sharing(BridgeDefinition bridge = with_sets())
{
    World world{std::move(bridge)};
    world.insert(
        "a.person",
        "1",
        {
            {"number", "77"   },
            {"phone",  "{x,y}"}
    }
    );
    world.settle();
    return world;
}

// `"xy"` is the set of x and y.
inline UnitValue letters(const std::string& elements)
{
    std::vector<Value> values;
    for (const char c : elements)
        values.emplace_back(std::string(1, c));
    return {write_text_set(to_text_set(std::move(values)))};
}

}  // namespace casebridge::pipeline
