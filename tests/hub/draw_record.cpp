#include "tests/hub/sample_bridge.hpp"

// Random records.

namespace casebridge::hub::test {

conflict::UnitHistory Draw::history(EntityIndex entity, UnitIndex unit)
{
    conflict::UnitHistory history;
    for (auto count = below(3); count > 0; --count)
        history.open.push_back(with_bookkeeping(version(entity, unit)));
    for (auto count = below(3); count > 0; --count)
        history.past.push_back({with_bookkeeping(version(entity, unit)), seq()});
    if (below(3) == 0)
        history.proposals.push_back(version(entity, unit));
    history.stamp_floor = maybe<PgTime>([&] { return time(); });
    for (auto count = below(3); count > 0; --count)
        history.marks.push_back({AgencyId{count == 1 ? "sp" : "es"}, seq()});
    return history;
}

pipeline::Link Draw::link(EntityIndex entity, MappingIndex table)
{
    pipeline::Link link{
        .table = table, .key = {}, .state = {}, .since = seq(), .image = {}, .unresolved = {}};
    // Unique in a test by its length: no two records have the same row.
    link.key = LocalKey{text() + "#" + std::to_string(random_()) + "-" + std::to_string(random_())};
    link.state = static_cast<pipeline::LinkState>(below(3));
    if (link.state != pipeline::LinkState::reserved)
        link.image = image(table);
    for (auto count = below(3); count > 0; --count)
        link.unresolved.push_back(unit(entity));
    link.delivered = delivered(table);
    return link;
}

pipeline::Record Draw::record(RecordId id, JournalSeq last_seq)
{
    pipeline::Record record;
    record.id = id;
    record.last_seq = last_seq;
    record.entity = below(4) == 0 ? household : person;
    const auto units = definition_.model.entity(record.entity).units.size();
    for (std::size_t i = 0; i < units; ++i)
        record.units.push_back(
            below(4) == 0 ? conflict::UnitHistory{}
                          : history(record.entity, UnitIndex{static_cast<std::uint16_t>(i)})
        );
    for (const auto& table : definition_.tables)
        if (table.entity == record.entity && below(3) != 0) {
            record.links.push_back(link(record.entity, table.index));
            if (below(3) == 0)
                record.refusals.push_back({
                    table.index,
                    {"23514", "person_age_check", maybe<RequestId>([&] { return RequestId{seq().value()}; })}
                }
                );
        }
    if (below(4) == 0) {
        record.departure = {{table()}, seq(), static_cast<pipeline::DepartureState>(below(3))};
        if (const auto second = table(); !record.departure->is_of(second))
            record.departure->tables.push_back(second);
    }
    return record;
}

}  // namespace casebridge::hub::test
