#include "pipeline/parked_rows.hpp"

#include <utility>

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

void park_row(EntryLog& log, RowParked parked)
{
    if (!parked.previous_key) {
        log.write(std::move(parked));
        return;
    }
    const LinkKey before{parked.table, *parked.previous_key};
    parked.record = log.state().records.linked(before);
    log.write(std::move(parked));
    release_parked(log, before);
}

void release_parked(EntryLog& log, const LinkKey& row)
{
    if (!log.state().parked.contains(row))
        return;
    log.write(ParkedReleased{log.state().definition->table(row.table).agency, row.table, row.key});
}

}  // namespace casebridge::pipeline
