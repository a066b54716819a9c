#include "daemon/observation.hpp"
#include "hub/enum_texts.hpp"

#include <algorithm>

// What the entries that became durable tell an operator.

namespace casebridge::daemon {

using telemetry::ConfiguredName;
using telemetry::Event;
using telemetry::EventCode;
using telemetry::Level;

namespace {

// The codes have the same order and names; telemetry does not know the journal's words.
telemetry::ConflictType type_of(ConflictType type)
{
    return telemetry::conflict_types.at(static_cast<std::size_t>(type));
}

// The rule that decided: of a chain one of its rules, the stale form guard, or the person who has to when
// none did.
telemetry::Rule rule_of(const ConflictNote& note)
{
    if (note.stale_form && note.verdict == Verdict::held)
        return telemetry::Rule::stale_form;
    constexpr std::string_view on_delete = "on_delete:";
    std::string_view decided = note.decided_by.empty() ? note.rule : note.decided_by;
    if (decided.starts_with(on_delete))
        decided.remove_prefix(on_delete.size());
    if (decided.starts_with("authority"))
        return telemetry::Rule::authority;
    for (const auto rule : telemetry::rules)
        if (to_string(rule) == decided)
            return rule;
    return telemetry::Rule::hold;
}

telemetry::Verdict verdict_of(const RowRead& row, const VersionAdded& added)
{
    const auto of_unit = std::ranges::find(row.conflicts, added.unit, &ConflictNote::unit);
    if (of_unit == row.conflicts.end())
        return telemetry::Verdict::causal;
    switch (of_unit->verdict) {
        case Verdict::reverted:
            return telemetry::Verdict::reverted;
        case Verdict::proposed:
            return telemetry::Verdict::proposed;
        case Verdict::stands:
        case Verdict::held:
        case Verdict::deleted:
            break;
    }
    return telemetry::Verdict::concurrent;
}

}  // namespace

// What a trigger, a default or a cast of the agency did inside our own transaction. A trigger does it to
// every row, so that only the first time is worth a line; the rest are counted.
void Observation::delivery_altered(JournalSeq seq, const RowRead& row, const VersionAdded& added)
{
    const auto& table = definition_.table(row.table);
    const bool first = altered_.emplace(row.table, added.unit).second;
    std::string columns;
    if (const auto* unit = table.find_unit(added.unit))
        for (const auto& binding : unit->bindings)
            columns += (columns.empty() ? "" : ",") + table.slots[binding.slot].column;
    const auto level = first ? telemetry::meaning_of(EventCode::delivery_altered).level : Level::debug;
    log_.write(Event{EventCode::delivery_altered, level}
                   .at(row.agency)
                   .with("seq", seq)
                   .with("table", ConfiguredName{table.name()})
                   .with("columns", ConfiguredName{columns}));
}

void Observation::entry_appended(const Entry& entry)
{
    if (const auto* row = std::get_if<RowRead>(&entry.body)) {
        auto& probe = metrics_.agency(row->agency);
        for (const auto& added : row->versions) {
            probe.change_merged(verdict_of(*row, added));
            if (row->source == RowSource::echo)
                delivery_altered(entry.seq, *row, added);
        }
        for (const auto& conflict : row->conflicts)
            conflict_noted(entry.seq, row->agency, row->entity, conflict);
    } else if (const auto* parked = std::get_if<RowParked>(&entry.body)) {
        log_.write(Event{EventCode::change_parked}
                       .at(parked->agency)
                       .with("seq", entry.seq)
                       .with("table", ConfiguredName{definition_.table(parked->table).name()})
                       .with("code", ConfiguredName{parked->code})
                       .with("place", ConfiguredName{parked->place}));
    } else if (const auto* released = std::get_if<ParkedReleased>(&entry.body)) {
        log_.write(Event{EventCode::parked_released}
                       .at(released->agency)
                       .with("seq", entry.seq)
                       .with("table", ConfiguredName{definition_.table(released->table).name()}));
    } else if (const auto* deleted = std::get_if<RowDeleted>(&entry.body)) {
        row_deleted(entry.seq, *deleted);
    } else if (const auto* truncated = std::get_if<TableTruncated>(&entry.body)) {
        log_.write(Event{EventCode::truncate_held}
                       .at(truncated->agency)
                       .with("seq", entry.seq)
                       .with("table", ConfiguredName{definition_.table(truncated->table).name()}));
    } else if (const auto* refused = std::get_if<DeliveryRefused>(&entry.body)) {
        this->refused(entry.seq, *refused);
    } else if (const auto* tripped = std::get_if<BreakerTripped>(&entry.body)) {
        breaker_tripped(entry.seq, *tripped);
    } else if (const auto* applied = std::get_if<ConfigurationApplied>(&entry.body)) {
        log_.write(Event{EventCode::configuration_applied}
                       .with("seq", entry.seq)
                       .with("hash", ConfiguredName{applied->hash}));
    } else if (const auto* survey = std::get_if<SurveyProgress>(&entry.body)) {
        if (survey->state == SurveyState::complete)
            log_.write(Event{EventCode::survey_finished}
                           .at(survey->agency)
                           .with("table", ConfiguredName{definition_.table(survey->table).name()}));
    }
    operator_asked(entry);
}

void Observation::conflict_noted(
    JournalSeq seq, const AgencyId& agency, EntityIndex entity, const ConflictNote& conflict
)
{
    metrics_.conflict(type_of(conflict.type), rule_of(conflict));
    const auto& unit = definition_.model.entity(entity).unit(conflict.unit);
    log_.write(Event{
        conflict.verdict == Verdict::held ? EventCode::hold_opened : EventCode::conflict_recorded}
                   .at(agency)
                   .with("seq", seq)
                   .with("type", type_of(conflict.type))
                   .with("rule", ConfiguredName{conflict.rule})
                   .with("field", ConfiguredName{unit.name}));
    if (!conflict.stale_form)
        return;
    metrics_.agency(agency).stale_form();
    log_.write(
        Event{EventCode::stale_form}.at(agency).with("seq", seq).with("field", ConfiguredName{unit.name})
    );
}

// What the others have is told when it changes: of a row that only its own agency had nobody needs to hear.
void Observation::row_deleted(JournalSeq seq, const RowDeleted& deleted)
{
    for (const auto& conflict : deleted.conflicts)
        conflict_noted(seq, deleted.agency, deleted.entity, conflict);
    const auto tell = [&](EventCode code) {
        log_.write(Event{code}
                       .at(deleted.agency)
                       .with("seq", seq)
                       .with("table", ConfiguredName{definition_.table(deleted.table).name()}));
    };
    switch (deleted.effect) {
        case DeleteEffect::none:
            return;
        case DeleteEffect::held:
            tell(EventCode::delete_held);
            return;
        case DeleteEffect::detached:
            tell(EventCode::delete_detached);
            return;
        case DeleteEffect::archived:
            tell(EventCode::delete_archived);
            return;
        case DeleteEffect::propagated:
            tell(EventCode::delete_propagated);
            return;
        case DeleteEffect::confirmed:
            tell(EventCode::delete_confirmed);
            return;
    }
}

void Observation::refused(JournalSeq seq, const DeliveryRefused& refusal)
{
    auto code = EventCode::delivery_refused;
    if (refusal.code == "unexplained_difference")
        code = EventCode::unexplained_difference;
    else if (refusal.code == "hop_guard")
        code = EventCode::hop_guard;
    log_.write(Event{code}
                   .at(refusal.agency)
                   .with("seq", seq)
                   .with("table", ConfiguredName{definition_.table(refusal.table).name()})
                   .with("code", ConfiguredName{refusal.code})
                   .with("place", ConfiguredName{refusal.place}));
}

void Observation::breaker_tripped(JournalSeq seq, const BreakerTripped& tripped)
{
    for (const auto& finding : tripped.findings)
        log_.write(Event{EventCode::breaker_tripped}
                       .at(tripped.agency)
                       .with("seq", seq)
                       .with("commit_lsn", tripped.commit_lsn)
                       .with("entity", ConfiguredName{finding.entity})
                       .with("reason", ConfiguredName{std::string{hub::to_text(finding.reason)}})
                       .with("records", finding.records)
                       .with("limit", finding.limit)
                       .with("linked", finding.linked));
}

// Reasons and names of operators are free text: only ids, kinds and outcomes are told.
void Observation::operator_asked(const Entry& entry)
{
    if (const auto* answered = std::get_if<RequestAnswered>(&entry.body)) {
        log_.write(
            Event{EventCode::request_answered}
                .with("seq", entry.seq)
                .with("request", answered->request.id.value())
                .with("kind", ConfiguredName{std::string{pipeline::known_kind(answered->request.kind)}})
                .with("outcome", ConfiguredName{std::string{hub::to_text(answered->outcome)}})
        );
    } else if (const auto* paused = std::get_if<AgencyPaused>(&entry.body)) {
        log_.write(Event{EventCode::agency_paused}
                       .at(paused->agency)
                       .with("seq", entry.seq)
                       .with("request", paused->request.value()));
    } else if (const auto* resumed = std::get_if<AgencyResumed>(&entry.body)) {
        Event event{EventCode::agency_resumed};
        event.at(resumed->agency).with("seq", entry.seq);
        if (resumed->request)
            event.with("request", resumed->request->value());
        log_.write(event);
    } else if (const auto* decided = std::get_if<ValueDecided>(&entry.body)) {
        const auto& unit = definition_.model.entity(decided->entity).unit(decided->version.unit);
        log_.write(Event{EventCode::value_decided}
                       .with("seq", entry.seq)
                       .with("request", decided->request.value())
                       .with("field", ConfiguredName{unit.name}));
    } else if (const auto* rejected = std::get_if<ProposalRejected>(&entry.body)) {
        const auto& unit = definition_.model.entity(rejected->entity).unit(rejected->unit);
        log_.write(Event{EventCode::proposal_rejected}
                       .with("seq", entry.seq)
                       .with("request", rejected->request.value())
                       .with("field", ConfiguredName{unit.name}));
    } else if (const auto* deletion = std::get_if<DeletionDecided>(&entry.body)) {
        log_.write(Event{EventCode::deletion_decided}
                       .with("seq", entry.seq)
                       .with("request", deletion->request.value())
                       .with("choice", ConfiguredName{std::string{hub::to_text(deletion->choice)}}));
    } else if (const auto* approved = std::get_if<BreakerApproved>(&entry.body)) {
        log_.write(Event{EventCode::breaker_approved}
                       .at(approved->agency)
                       .with("seq", entry.seq)
                       .with("request", approved->request.value())
                       .with("breaker", approved->breaker)
                       .with("deletions", ConfiguredName{std::string{hub::to_text(approved->deletions)}}));
    } else if (const auto* pruned = std::get_if<JournalPruned>(&entry.body)) {
        log_.write(Event{EventCode::journal_pruned}
                       .with("seq", entry.seq)
                       .with("values_to", pruned->values_to)
                       .with("conflict_values_to", pruned->conflict_values_to)
                       .with("entries_to", pruned->entries_to));
    }
}

}  // namespace casebridge::daemon
