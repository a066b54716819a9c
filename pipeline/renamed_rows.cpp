#include "pipeline/renamed_rows.hpp"

#include "pipeline/parked_rows.hpp"

#include <utility>

namespace casebridge::pipeline {

namespace {

LinkKey before(const NetRow& row)
{
    return {row.row.table, row.previous_key.value_or(row.row.key)};
}

}  // namespace

RenamedRows renamed_rows(const BridgeState& state, const NetEffect& effect)
{
    std::unordered_set<LinkKey> left;
    std::unordered_set<LinkKey> taken;
    for (const auto& row : effect.rows) {
        if (row.previous_key || !row.tuple)
            left.insert(before(row));
        if (row.tuple)
            taken.insert(row.row);
    }
    RenamedRows renamed;
    for (const auto& row : effect.rows) {
        if (!row.tuple || !row.previous_key)
            continue;
        RowBefore known;
        known.taken = taken.contains(before(row));
        known.record = state.records.linked(before(row));
        if (const auto* image = last_image(state, before(row)))
            known.image = *image;
        // A survey may have read the row under its new key already, unless that was another row's.
        if (!known.record && !left.contains(row.row))
            known.record = state.records.linked(row.row);
        renamed.emplace(row.row, std::move(known));
    }
    return renamed;
}

void release_taken(const RenamedRows& renamed, const NetEffect& effect, EntryLog& log)
{
    for (const auto& row : effect.rows)
        if (row.tuple && row.previous_key && renamed.at(row.row).taken)
            release_parked(log, before(row));
}

std::unordered_set<LinkKey> rows_before(const NetEffect& effect)
{
    std::unordered_set<LinkKey> rows;
    for (const auto& row : effect.rows)
        rows.insert(before(row));
    return rows;
}

}  // namespace casebridge::pipeline
