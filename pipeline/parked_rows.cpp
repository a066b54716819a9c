#include "pipeline/parked_rows.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace casebridge::pipeline {

namespace {

std::vector<MatchCandidate> candidates_of(const BridgeState& state, const LinkKey& row)
{
    const auto parked = state.parked.find(row);
    return parked == state.parked.end() ? std::vector<MatchCandidate>{} : parked->second.newest.candidates;
}

// Of what a row that was parked might have been, tells what no other parked row might be.
void settle_doubts(EntryLog& log, MappingIndex table, const std::vector<MatchCandidate>& before)
{
    for (const auto& candidate : before)
        if (!log.state().in_doubt.contains({table, candidate.record}))
            log.write(DoubtSettled{log.state().definition->table(table).agency, table, candidate.record});
}

}  // namespace

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
    const auto table = parked.table;
    const auto previous_key = parked.previous_key;
    const auto candidates = candidates_of(log.state(), {table, parked.key});
    log.write(std::move(parked));
    settle_doubts(log, table, candidates);
    if (previous_key)
        release_parked(log, {table, *previous_key});
}

void release_parked(EntryLog& log, const LinkKey& row)
{
    if (!log.state().parked.contains(row))
        return;
    const auto candidates = candidates_of(log.state(), row);
    log.write(ParkedReleased{log.state().definition->table(row.table).agency, row.table, row.key});
    settle_doubts(log, row.table, candidates);
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
