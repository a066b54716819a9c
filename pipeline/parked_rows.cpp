#include "pipeline/parked_rows.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace casebridge::pipeline {

const Image* last_image(const BridgeState& state, const LinkKey& row)
{
    if (const auto parked = state.parked.find(row);
        parked != state.parked.end() && parked->second.newest.image)
        return &*parked->second.newest.image;
    const auto id = state.records.linked(row);
    const auto* record = id ? state.records.find(*id) : nullptr;
    const auto* link = record == nullptr ? nullptr : record->find_link(row.table);
    return link == nullptr || link->image.empty() ? nullptr : &link->image;
}

RowParked parked_of(const RowInput& input)
{
    RowParked parked;
    parked.agency = input.mapping->agency;
    parked.table = input.mapping->index;
    parked.key = input.key;
    if (!input.previous_taken)
        parked.previous_key = input.previous_key;
    parked.record = input.record;
    parked.position = input.position;
    parked.commit_time = input.commit_time;
    parked.source = input.source;
    return parked;
}

void park_row(EntryLog& log, RowParked parked)
{
    // Our own transaction is no edit: what waits keeps the time at which the agency changed it.
    if (parked.source == RowSource::echo)
        if (const auto before = log.state().parked.find({parked.table, parked.key});
            before != log.state().parked.end() && before->second.newest.commit_time) {
            parked.commit_time = before->second.newest.commit_time;
            parked.source = before->second.newest.source;
        }
    if (!parked.previous_key) {
        log.write(std::move(parked));
        return;
    }
    const LinkKey before{parked.table, *parked.previous_key};
    log.write(std::move(parked));
    release_parked(log, before);
}

void release_parked(EntryLog& log, const LinkKey& row)
{
    if (!log.state().parked.contains(row))
        return;
    log.write(ParkedReleased{log.state().definition->table(row.table).agency, row.table, row.key});
}

void release_table(EntryLog& log, MappingIndex table)
{
    std::vector<LinkKey> rows;
    for (const auto& [row, parked] : log.state().parked)
        if (row.table == table)
            rows.push_back(row);
    std::ranges::sort(rows);
    for (const auto& row : rows)
        release_parked(log, row);
}

std::optional<RowInput> read_again(const BridgeState& state, const LinkKey& waiting, const RowInput& cause)
{
    RowInput again;
    again.mapping = &state.definition->table(waiting.table);
    again.key = waiting.key;
    again.position = cause.position;
    again.seen = cause.seen;
    again.coming = cause.coming;
    if (const auto parked = state.parked.find(waiting); parked != state.parked.end()) {
        if (!parked->second.newest.image)
            return std::nullopt;
        again.source = parked->second.newest.source;
        again.commit_time = parked->second.newest.commit_time;
        again.image = *parked->second.newest.image;
        return again;
    }
    const auto id = state.records.linked(waiting);
    if (!id)
        return std::nullopt;
    const auto* link = state.records.find(*id)->find_link(waiting.table);
    if (state.state_of(*link) != LinkState::live)
        return std::nullopt;
    again.image = link->image;
    return again;
}

}  // namespace casebridge::pipeline
