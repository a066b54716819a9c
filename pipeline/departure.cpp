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

// A further agency's deletion: the question, or the leaving, is about it too.
void add_departure(Record& record, MappingIndex table, DepartureState state, JournalSeq seq)
{
    auto tables = record.departure ? std::move(record.departure->tables) : std::vector<MappingIndex>{};
    if (std::ranges::find(tables, table) == tables.end())
        tables.push_back(table);
    record.departure = Departure{std::move(tables), seq, state};
}

// The other rows go. What the agencies that deleted theirs lacked went with these; one that is inserted
// behind the deletion begins anew.
void leave(Record& record, const BridgeDefinition& definition)
{
    for (const auto table : record.departure->tables)
        for (auto& unit : record.units)
            unit.set_mark(definition.table(table).agency, std::nullopt);
    release_refusals(record);
}

void remove_link(Record& record, MappingIndex table)
{
    std::erase_if(record.links, [&](const Link& link) {
        return link.table == table && link.state == LinkState::ended;
    });
}

// The agency has its row again. What others deleted is still to be decided, by somebody who knows of this.
void take_back(Record& record, MappingIndex table, JournalSeq seq)
{
    auto& departure = *record.departure;
    std::erase(departure.tables, table);
    departure.since = seq;
    if (departure.tables.empty())
        record.departure.reset();
}

}  // namespace

void apply_deletion(Record& record, const RowDeleted& row, JournalSeq seq, const BridgeDefinition& definition)
{
    switch (row.effect) {
        case DeleteEffect::none:
        case DeleteEffect::detached:
            return;
        case DeleteEffect::held:
            add_departure(record, row.table, DepartureState::held, seq);
            return;
        case DeleteEffect::archived:
            for (const auto& added : row.versions)
                conflict::apply_version(record.units[added.unit.value()], added, row.agency, seq);
            release_refusals(record);
            return;
        case DeleteEffect::propagated:
            add_departure(record, row.table, DepartureState::ruled, seq);
            leave(record, definition);
            return;
        case DeleteEffect::confirmed:
            remove_link(record, row.table);
            return;
    }
}

void apply_deletion_decided(
    Record& record, const DeletionDecided& decided, JournalSeq seq, const BridgeDefinition& definition
)
{
    CASEBRIDGE_ASSERT(record.departure.has_value());
    switch (decided.choice) {
        case DeletionChoice::keep:
            record.departure.reset();
            return;
        case DeletionChoice::remove:
            record.departure->state = DepartureState::decided;
            record.departure->since = seq;
            leave(record, definition);
            return;
        case DeletionChoice::restore:
            for (const auto table : record.departure->tables)
                remove_link(record, table);
            record.departure.reset();
            return;
    }
}

void apply_reading(Record& record, const RowRead& row, JournalSeq seq, const BridgeState& state)
{
    if (row.returns && record.leaves()) {
        // Whoever lost the row with the person may get one again; not who had deleted its own before.
        std::erase_if(record.links, [&](const Link& link) {
            const bool with_it = link.since >= record.departure->since || record.departure->is_of(link.table);
            return link.table != row.table && state.state_of(link) == LinkState::ended && with_it;
        });
        record.departure.reset();
    } else if (row.returns && record.departure) {
        take_back(record, row.table, seq);
    }
    // A person has not seen what is new here.
    if (record.departure && record.departure->state == DepartureState::decided && !row.versions.empty()) {
        record.departure->state = DepartureState::held;
        record.departure->since = seq;
    }
}

bool may_take_along(const BridgeDefinition& definition, const Record& record, const AgencyId& agency)
{
    return std::ranges::any_of(record.departure->tables, [&](MappingIndex table) {
        return definition.may_ever_delete(definition.table(table).agency, agency, record.entity);
    });
}

JournalSeq had_on_return(
    const BridgeDefinition& definition, const Record& record, const conflict::UnitHistory& unit
)
{
    auto open = unit.open;
    std::ranges::sort(open, {}, &Version::seq);
    auto had = record.departure->since;
    for (const auto& version : open) {
        const bool behind = version.seq > had;
        if (behind && (version.decided || !may_take_along(definition, record, version.author)))
            break;
        had = std::max(had, version.seq);
    }
    return had;
}

}  // namespace casebridge::pipeline
