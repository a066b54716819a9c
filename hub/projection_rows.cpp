#include "hub/projection_rows.hpp"

#include "hub/breaker_json.hpp"
#include "hub/enum_texts.hpp"
#include "hub/noted_versions.hpp"
#include "hub/projection_columns.hpp"
#include "hub/record_codec.hpp"
#include "hub/stored_json.hpp"
#include "model/assert.hpp"
#include "pipeline/waiting_rows.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <span>
#include <string_view>
#include <utility>

namespace casebridge::hub {
namespace {

template <class Id>
std::optional<std::int64_t> number(const std::optional<Id>& id)
{
    return id ? std::optional{id->value()} : std::nullopt;
}

// Since when a unit has had more than one value: the version that made it so.
JournalSeq held_since(const conflict::UnitHistory& history, JournalSeq last_seq)
{
    if (history.open.empty())
        return last_seq;
    return history.open[history.open.size() > 1 ? 1 : 0].seq;
}

std::string golden_text(const Layout& fields, const std::vector<FieldValue>& golden)
{
    std::string text;
    JsonText json{text};
    fields.write(json, golden);
    return text;
}

std::string lacking_text(const std::vector<AgencyId>& agencies)
{
    ArrayText array;
    for (const auto& agency : agencies)
        array.add(agency.value());
    return array.take();
}

}  // namespace

ProjectionRows::ProjectionRows(const EntryCodec& codec, const pipeline::BridgeDefinition& definition)
    : codec_(&codec),
      definition_(&definition),
      records_("record", columns::record),
      links_("link", columns::link),
      identities_("identity", columns::identity),
      references_("reference", columns::reference),
      waiting_("waiting", columns::waiting),
      holds_("hold", columns::hold),
      refusals_("refusal", columns::refusal),
      departures_("departure", columns::departure),
      proposals_("proposal", columns::proposal),
      conflicts_("conflict", columns::conflict),
      decisions_("decision", columns::decision),
      parked_("parked", columns::parked),
      released_("parked", columns::row_key),
      matches_("match_decision", columns::match),
      matched_before_("match_decision", columns::row_key),
      agencies_("agency_state", columns::agency),
      tables_("table_state", columns::table),
      requests_("request", columns::request)
{
}

void ProjectionRows::add(const ProjectedRecord& projected)
{
    const auto& record = *projected.record;
    const auto& names = codec_->names();
    const auto id = record.id.value();
    records_.add(
        id,
        names.entity(record.entity),
        record.last_seq.value(),
        encode_state(names, record),
        golden_text(names.fields(record.entity), projected.golden),
        lacking_text(projected.lacking)
    );
    switch (projected.need) {
        case pipeline::ProjectionNeed::record_only:
            return;
        case pipeline::ProjectionNeed::surrounding:
            ids_.add(id);
            ++replaced_;
            break;
        case pipeline::ProjectionNeed::everything:
            break;
    }
    add_links(record);
    add_holds(projected);
    add_proposals(record);
    add_departure(record);
    const std::set<pipeline::IdentityKey> identities{
        projected.keys.identities.begin(), projected.keys.identities.end()};
    for (const auto& [entity, rule, values] : identities)
        identities_.add(names.entity(entity), names.identity_rule(entity, rule), values.expose(), id);
    const std::set<RecordId> references{projected.keys.references.begin(), projected.keys.references.end()};
    for (const auto target : references)
        references_.add(target.value(), id);
    for (const auto& [table, key] : pipeline::awaited_by(*definition_, record))
        waiting_.add(names.agency(table).value(), names.table(table), key.value(), id);
}

void ProjectionRows::add_links(const pipeline::Record& record)
{
    const auto& names = codec_->names();
    const auto id = record.id.value();
    for (const auto& link : record.links) {
        const Owner owner{record.id, link.state, link.since};
        const auto [known, is_first] = owners_.try_emplace({link.table, link.key}, owner);
        const auto rank = [](const Owner& one) {
            return std::pair{one.state != pipeline::LinkState::ended, one.since};
        };
        if (!is_first && rank(known->second) < rank(owner))
            known->second = owner;
    }
    for (const auto& [table, refusal] : record.refusals)
        refusals_.add(
            id,
            names.agency(table).value(),
            names.table(table),
            refusal.code,
            refusal.place,
            number(refusal.skipped)
        );
}

void ProjectionRows::add_holds(const ProjectedRecord& projected)
{
    const auto& record = *projected.record;
    for (const auto unit : projected.held)
        holds_.add(
            record.id.value(),
            codec_->names().unit(record.entity, unit),
            held_since(record.units[unit.value()], record.last_seq).value()
        );
}

void ProjectionRows::add_departure(const pipeline::Record& record)
{
    if (!record.departure)
        return;
    const auto& names = codec_->names();
    for (const auto table : record.departure->tables)
        departures_.add(
            record.id.value(),
            names.agency(table).value(),
            names.table(table),
            to_text(record.departure->state),
            record.departure->since.value()
        );
}

// Nobody has to decide about a record that is being deleted.
void ProjectionRows::add_proposals(const pipeline::Record& record)
{
    if (record.leaves())
        return;
    for (std::size_t i = 0; i < record.units.size(); ++i)
        for (const auto& proposal : record.units[i].proposals)
            proposals_.add(
                record.id.value(),
                codec_->names().unit(record.entity, UnitIndex{static_cast<std::uint16_t>(i)}),
                proposal.author.value(),
                proposal.seq.value()
            );
}

void ProjectionRows::add(const Entry& entry)
{
    if (const auto* row = std::get_if<RowRead>(&entry.body))
        add_conflicts(entry.seq, row->agency, row->entity, row->record, row->conflicts);
    if (const auto* row = std::get_if<RowDeleted>(&entry.body))
        if (row->record)
            add_conflicts(entry.seq, row->agency, row->entity, *row->record, row->conflicts);
    if (const auto* answered = std::get_if<RequestAnswered>(&entry.body))
        add_request(entry.seq, *answered);
    if (const auto* decided = std::get_if<ValueDecided>(&entry.body))
        add_decision(entry.seq, *decided);
}

void ProjectionRows::add_decision(JournalSeq seq, const ValueDecided& decided)
{
    const auto& names = codec_->names();
    const auto unit = decided.version.unit;
    const auto& fields = names.unit_fields(decided.entity, unit);
    const auto position =
        decided.conflict ? std::optional{std::int64_t{decided.conflict->position}} : std::nullopt;
    decisions_.add(
        seq.value(),
        names.entity(decided.entity),
        decided.record.value(),
        names.unit(decided.entity, unit),
        decided.request.value(),
        decided.rule,
        decided.author.value().empty() ? std::nullopt : std::optional{decided.author.value()},
        number(decided.taken),
        decided.conflict ? std::optional{decided.conflict->seq.value()} : std::nullopt,
        position,
        decision_versions(fields, decided),
        seq.value()
    );
}

void ProjectionRows::add_request(JournalSeq seq, const RequestAnswered& answered)
{
    const auto& request = answered.request;
    requests_.add(
        request.id.value(),
        request.kind,
        request.agency ? std::optional{request.agency->value()} : std::nullopt,
        request.requested_by,
        request.role,
        request.reason,
        request.requested_at.value(),
        request.deadline.value(),
        to_text(answered.outcome),
        answered.text,
        seq.value(),
        seq.value()
    );
}

void ProjectionRows::add_conflicts(
    JournalSeq seq,
    const AgencyId& agency,
    EntityIndex entity,
    RecordId record,
    std::span<const ConflictNote> notes
)
{
    const auto& names = codec_->names();
    for (std::size_t position = 0; position < notes.size(); ++position) {
        const auto& note = notes[position];
        conflicts_.add(
            seq.value(),
            static_cast<std::int64_t>(position),
            agency.value(),
            names.entity(entity),
            record.value(),
            names.unit(entity, note.unit),
            to_text(note.type),
            note.rule,
            to_text(note.verdict),
            number(note.winner),
            conflict_versions(names.unit_fields(entity, note.unit), note),
            seq.value()
        );
    }
}

void ProjectionRows::add(const pipeline::ParkedRow& parked)
{
    const auto& names = codec_->names();
    CASEBRIDGE_ASSERT(parked.row.table == parked.newest.table && parked.row.key == parked.newest.key);
    EntryRow newest;
    codec_->encode({JournalSeq{}, parked.newest}, newest);
    parked_.add(
        names.agency(parked.row.table).value(),
        names.table(parked.row.table),
        parked.row.key.value(),
        static_cast<std::int64_t>(parked.count),
        parked.newest.code,
        parked.newest.place,
        number(parked.newest.record),
        newest.commit_lsn,
        newest.envelope,
        newest.payload,
        parked.since.value(),
        number(parked.skipped)
    );
}

void ProjectionRows::add_released(const pipeline::LinkKey& released)
{
    const auto& names = codec_->names();
    released_.add(names.agency(released.table).value(), names.table(released.table), released.key.value());
}

void ProjectionRows::add(const pipeline::LinkKey& row, const pipeline::RowMatches& matches)
{
    const auto& agency = codec_->names().agency(row.table).value();
    const auto& table = codec_->names().table(row.table);
    matched_before_.add(agency, table, row.key.value());
    if (matches.same)
        matches_.add(agency, table, row.key.value(), matches.same->value(), to_text(MatchVerdict::same));
    for (const auto record : matches.never)
        matches_.add(agency, table, row.key.value(), record.value(), to_text(MatchVerdict::never));
}

void ProjectionRows::add(const AgencyId& agency, const pipeline::AgencyState& state)
{
    const auto inside_lsn = state.inside ? std::optional{to_string(state.inside->commit_lsn)} : std::nullopt;
    const auto inside_ordinal =
        state.inside ? std::optional{std::int64_t{state.inside->ordinal}} : std::nullopt;
    const auto breaker_since = state.breaker ? std::optional{state.breaker->since.value()} : std::nullopt;
    const auto since = state.pause ? std::optional{state.pause->since.value()} : std::nullopt;
    agencies_.add(
        agency.value(),
        to_string(state.end_lsn),
        state.seen.value(),
        state.swept ? "t" : "f",
        inside_lsn,
        inside_ordinal,
        since,
        since,
        state.pause ? std::optional{state.pause->requested_by} : std::nullopt,
        state.pause ? std::optional{state.pause->reason} : std::nullopt,
        state.pause ? number(state.pause->until) : std::nullopt,
        breaker_since,
        breaker_since,
        state.breaker && state.breaker->approved ? std::optional{to_text(*state.breaker->approved)}
                                                 : std::nullopt,
        state.breaker ? std::optional{breaker_text(state.breaker->tripped)} : std::nullopt
    );
}

void ProjectionRows::add(MappingIndex table, const pipeline::TableState& state)
{
    const auto& names = codec_->names();
    tables_.add(
        names.agency(table).value(),
        names.table(table),
        to_text(state.survey),
        state.surveyed_to ? std::optional{state.surveyed_to->value()} : std::nullopt,
        number(state.truncated_at)
    );
}

void ProjectionRows::settle_links()
{
    const auto& names = codec_->names();
    for (const auto& [row, owner] : std::exchange(owners_, {}))
        links_.add(
            names.agency(row.table).value(),
            names.table(row.table),
            row.key.value(),
            owner.record.value(),
            to_text(owner.state),
            owner.since.value()
        );
}

std::vector<libpq::Statement> ProjectionRows::statements()
{
    settle_links();
    std::vector<libpq::Statement> statements;
    if (!records_.empty())
        statements.push_back(records_.upsert(RowSet::Unchanged::write));
    const auto ids = ids_.take();
    if (replaced_ > 0)
        statements.push_back(links_.remove_others(ids));
    // A link that has ended, or whose table was truncated, does not take its old key back from the record
    // that has it now.
    if (!links_.empty())
        statements.push_back(links_.upsert(
            RowSet::Unchanged::skip,
            "t.record = excluded.record OR"
            " (excluded.state <> 'ended', excluded.since) > (t.state <> 'ended', t.since)"
        ));
    for (auto* unique : {&holds_, &refusals_, &departures_, &proposals_}) {
        if (replaced_ > 0)
            statements.push_back(unique->remove_others(ids));
        if (!unique->empty())
            statements.push_back(unique->upsert());
    }
    for (auto* plain : {&identities_, &references_, &waiting_}) {
        if (replaced_ > 0)
            statements.push_back(plain->remove_others(ids));
        if (!plain->empty())
            statements.push_back(plain->insert_missing());
    }
    for (auto* noted : {&conflicts_, &decisions_})
        if (!noted->empty())
            statements.push_back(noted->insert());
    for (auto* gone : {&released_, &matched_before_})
        if (!gone->empty())
            statements.push_back(gone->remove());
    if (!matches_.empty())
        statements.push_back(matches_.insert());
    for (auto* state : {&parked_, &agencies_, &tables_, &requests_})
        if (!state->empty())
            statements.push_back(state->upsert());
    return statements;
}

}  // namespace casebridge::hub
