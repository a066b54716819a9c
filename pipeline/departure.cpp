#include "pipeline/departure.hpp"

#include "conflict/judge.hpp"
#include "model/assert.hpp"

#include <algorithm>
#include <optional>
#include <utility>

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

// One more agency has deleted its row while a person is asked: whatever is decided is decided for all.
void hold(Record& record, MappingIndex table, JournalSeq seq)
{
    Departure held{table, seq, DepartureState::held};
    if (record.departure && record.departure->state == DepartureState::held) {
        held.before = record.departure->before;
        held.before.push_back(record.departure->table);
        std::erase(held.before, table);
    }
    record.departure = std::move(held);
}

// The agency has a row again. What others deleted is still to be decided, by somebody who knows of this.
void end_for(Record& record, MappingIndex table, JournalSeq seq)
{
    auto& departure = *record.departure;
    if (departure.state != DepartureState::held || departure.before.empty()) {
        record.departure.reset();
        return;
    }
    if (departure.table == table) {
        departure.table = departure.before.back();
        departure.before.pop_back();
    } else {
        std::erase(departure.before, table);
    }
    departure.since = seq;
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
            hold(record, row.table, seq);
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
    const auto departure = *std::exchange(record.departure, std::nullopt);
    switch (decided.choice) {
        case DeletionChoice::keep:
            return;
        case DeletionChoice::remove:
            leave(record, departure.table, agency, DepartureState::decided, seq);
            record.departure->before = departure.before;
            return;
        case DeletionChoice::restore:
            remove_link(record, departure.table);
            for (const auto table : departure.before)
                remove_link(record, table);
            return;
    }
}

void apply_reading(Record& record, const RowRead& row, JournalSeq seq)
{
    if (row.returns) {
        // Whoever lost the row with the person may get one again; not who had deleted its own before.
        if (record.leaves())
            std::erase_if(record.links, [&](const Link& link) {
                const bool with_it =
                    link.since >= record.departure->since || record.departure->left(link.table);
                return link.table != row.table && link.state == LinkState::ended && with_it;
            });
        end_for(record, row.table, seq);
    }
    // A person has not seen what is new here.
    if (record.departure && record.departure->state == DepartureState::decided && !row.versions.empty()) {
        record.departure->since = seq;
        record.departure->state = DepartureState::held;
    }
}

}  // namespace casebridge::pipeline
