#include "pipeline/match_state.hpp"

#include "model/assert.hpp"
#include "pipeline/waiting_rows.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace casebridge::pipeline {

namespace {

void add_never(RowMatches& matches, RecordId record)
{
    const auto place = std::ranges::lower_bound(matches.never, record);
    if (place == matches.never.end() || *place != record)
        matches.never.insert(place, record);
}

void changed(BridgeState& state, const LinkKey& row)
{
    state.matches_changed.insert(row);
    const auto found = state.matches.find(row);
    if (found != state.matches.end() && found->second == RowMatches{})
        state.matches.erase(found);
}

}  // namespace

void decide_match(BridgeState& state, const MatchDecided& decided)
{
    const LinkKey row{decided.table, decided.key};
    auto& matches = state.matches[row];
    switch (decided.verdict) {
        case MatchVerdict::same:
            matches.same = decided.record;
            std::erase(matches.never, decided.record);
            break;
        case MatchVerdict::never:
            if (matches.same == decided.record)
                matches.same.reset();
            add_never(matches, decided.record);
            break;
    }
    changed(state, row);
}

void follow_rename(BridgeState& state, MappingIndex table, const LocalKey& before, const LocalKey& now)
{
    const auto found = state.matches.find({table, before});
    if (found == state.matches.end())
        return;
    const auto same = std::exchange(found->second.same, std::nullopt);
    const auto never = found->second.never;
    auto& matches = state.matches[{table, now}];
    if (same)
        matches.same = same;
    for (const auto record : never)
        add_never(matches, record);
    changed(state, {table, before});
    changed(state, {table, now});
}

void forget_same(BridgeState& state, const LinkKey& row)
{
    const auto found = state.matches.find(row);
    if (found == state.matches.end() || !found->second.same)
        return;
    found->second.same.reset();
    changed(state, row);
}

void forget_same(BridgeState& state, MappingIndex table)
{
    std::vector<LinkKey> rows;
    for (const auto& [row, matches] : state.matches)
        if (row.table == table)
            rows.push_back(row);
    for (const auto& row : rows)
        forget_same(state, row);
}

void split_link(BridgeState& state, const LinkSplit& split, JournalSeq seq)
{
    state.records.change(split.record, [&](Record& record) {
        const auto link = std::ranges::find(record.links, split.table, &Link::table);
        CASEBRIDGE_ASSERT(link != record.links.end());
        if (state.state_of(*link) == LinkState::live)
            --state.linked_rows[split.table.value()];
        stop_waiting(state, state.definition->table(split.table), *link);
        record.links.erase(link);
        for (auto& unit : record.units) {
            unit.set_mark(split.agency, std::nullopt);
            std::erase_if(unit.answers, [&](const auto& old) { return old.agency == split.agency; });
            std::erase_if(unit.proposals, [&](const auto& old) { return old.author == split.agency; });
        }
        std::erase_if(record.refusals, [&](const TableRefusal& old) { return old.table == split.table; });
        record.last_seq = seq;
    });
    state.blocked.erase({split.table, split.record});
}

void begin_doubt(BridgeState& state, const RowParked& row)
{
    for (const auto& candidate : row.candidates)
        ++state.in_doubt[{row.table, candidate.record}];
}

void end_doubt(BridgeState& state, const RowParked& row)
{
    for (const auto& candidate : row.candidates) {
        const auto found = state.in_doubt.find({row.table, candidate.record});
        CASEBRIDGE_ASSERT(found != state.in_doubt.end());
        if (--found->second == 0)
            state.in_doubt.erase(found);
    }
}

}  // namespace casebridge::pipeline
