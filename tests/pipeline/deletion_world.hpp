#pragma once

#include "tests/pipeline/linked_world.hpp"

#include <string>
#include <utility>

// Where histories of deletions begin.

namespace casebridge::pipeline {

// Persons are deleted by the rule, and every agency permits it.
inline BridgeDefinition with_delete(conflict::DeleteRule rule, std::size_t agencies = 2)
{
    auto bridge = sample_bridge(agencies);
    bridge.on_delete.insert_or_assign(person_entity, std::move(rule));
    for (auto& table : bridge.tables)
        if (table.entity == person_entity)
            table.remote_delete = mapping::RemoteDelete::permitted;
    return bridge;
}

// The agency gets no rows of persons from us.
inline BridgeDefinition creating_none_at(const std::string& agency, BridgeDefinition bridge)
{
    table_named(bridge, agency + ".person").create_when = mapping::CreateNever{};
    return bridge;
}

inline const Record& first_record(World& world)
{
    return world.load(world.all_records().front());
}

}  // namespace casebridge::pipeline
