#include "pipeline/departure.hpp"

#include "conflict/judge.hpp"
#include "model/assert.hpp"

#include <algorithm>

namespace casebridge::pipeline {

namespace {

// There is something new to write: refused deliveries are tried again.
void release_refusals(Record& record)
{
    std::erase_if(record.refusals, [](const TableRefusal& old) { return old.refusal.code != hop_guard; });
}

void leave(Record& record, MappingIndex table, const AgencyId& agency, DepartureState state, JournalSeq seq)
{
    record.departure = Departure{table, seq, state};
    // What the agency lacked went with its row; one that it inserts behind the deletion begins anew.
    for (auto& unit : record.units)
        unit.set_mark(agency, std::nullopt);
    release_refusals(record);
}

void remove_link(Record& record, MappingIndex table)
{
    std::erase_if(record.links, [&](const Link& link) {
        return link.table == table && link.state == LinkState::ended;
    });
}

}  // namespace

void apply_deletion(Record& record, const RowDeleted& row, JournalSeq seq)
{
    switch (row.effect) {
        case DeleteEffect::none:
        case DeleteEffect::detached:
            return;
        case DeleteEffect::held:
            record.departure = Departure{row.table, seq, DepartureState::held};
            return;
        case DeleteEffect::archived:
            for (const auto& added : row.versions)
                conflict::apply_version(record.units[added.unit.value()], added, row.agency, seq);
            release_refusals(record);
            return;
        case DeleteEffect::propagated:
            leave(record, row.table, row.agency, DepartureState::ruled, seq);
            return;
        case DeleteEffect::confirmed:
            remove_link(record, row.table);
            return;
    }
}

void apply_deletion_decided(
    Record& record, const DeletionDecided& decided, const AgencyId& agency, JournalSeq seq
)
{
    CASEBRIDGE_ASSERT(record.departure.has_value());
    const auto table = record.departure->table;
    record.departure.reset();
    switch (decided.choice) {
        case DeletionChoice::keep:
            return;
        case DeletionChoice::remove:
            leave(record, table, agency, DepartureState::decided, seq);
            return;
        case DeletionChoice::restore:
            remove_link(record, table);
            return;
    }
}

void apply_reading(Record& record, const RowRead& row, JournalSeq seq)
{
    if (row.returns) {
        // Whoever lost the row with the person may get one again.
        if (record.leaves())
            std::erase_if(record.links, [&](const Link& link) {
                return link.table != row.table && link.state == LinkState::ended;
            });
        record.departure.reset();
    }
    // A person has not seen what is new here.
    if (record.departure && record.departure->state == DepartureState::decided && !row.versions.empty())
        record.departure = Departure{record.departure->table, seq, DepartureState::held};
}

}  // namespace casebridge::pipeline
