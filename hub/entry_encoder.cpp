#include "hub/breaker_json.hpp"
#include "hub/entry_codec.hpp"
#include "hub/stored_json.hpp"
#include "hub/version_encoder.hpp"
#include "model/assert.hpp"

#include <algorithm>
#include <span>
#include <type_traits>

namespace casebridge::hub {
namespace {

// Fills one row. Each overload writes the members of the open envelope object and of the open payload object.
class Encoder {
public:
    Encoder(const Names& names, EntryRow& row)
        : names_(names), row_(row), envelope_(row.envelope), payload_(payload_text_)
    {
    }

    template <class Body>
    void run(const Body& body)
    {
        envelope_.open('{').key("v").number(stored_form);
        write(body);
        envelope_.close('}');
        if (!payload_text_.empty()) {
            payload_.close('}');
            row_.payload = std::move(payload_text_);
        }
    }

private:
    JsonText& payload()
    {
        if (payload_text_.empty())
            payload_.open('{');
        return payload_;
    }

    void agency(const AgencyId& agency) { row_.agency = agency.value(); }

    // A table of an agency, and its entity.
    void table(const AgencyId& owner, MappingIndex table)
    {
        CASEBRIDGE_ASSERT(names_.agency(table) == owner);
        agency(owner);
        row_.entity = names_.entity(names_.entity_of(table));
        envelope_.key("table").text(names_.table(table));
    }

    // A record's row, or the place where it has none yet.
    template <class Body>
    void of_record(const Body& body)
    {
        table(body.agency, body.table);
        row_.record = body.record;
    }

    void key(const LocalKey& key) { payload().key("key").text(key.value()); }

    // What a person decided of a record.
    template <class Body>
    void of_decision(const Body& body)
    {
        row_.entity = names_.entity(body.entity);
        row_.record = body.record;
        envelope_.key("request").number(body.request.value());
    }

    void position(const SourcePosition& position)
    {
        row_.commit_lsn = to_string(position.commit_lsn);
        envelope_.key("ordinal").number(position.ordinal);
    }

    void commit_time(const std::optional<PgTime>& time)
    {
        if (time)
            envelope_.key("commit_time").number(time->value());
    }

    void marks(EntityIndex entity, const std::vector<MarkChange>& marks)
    {
        if (!marks.empty())
            write_marks(envelope_.key("marks"), names_, entity, marks);
    }

    void versions(EntityIndex entity, std::span<const VersionAdded> added)
    {
        if (!added.empty())
            write_versions(names_, entity, added, envelope_, payload());
    }

    void conflicts(EntityIndex entity, std::span<const ConflictNote> notes)
    {
        if (!notes.empty())
            write_conflicts(names_, entity, notes, envelope_, payload());
    }

    void write(const RowRead& row)
    {
        of_record(row);
        position(row.position);
        envelope_.key("source").text(to_text(row.source)).key("link").text(to_text(row.link));
        commit_time(row.commit_time);
        key(row.key);
        if (row.previous_key)
            payload().key("previous_key").text(row.previous_key->value());
        names_.slots(row.table).write(payload().key("image"), row.image);
        if (!row.delivered.empty())
            write_delivered(payload().key("delivered"), names_.slots(row.table), row.delivered);
        versions(row.entity, row.versions);
        conflicts(row.entity, row.conflicts);
        marks(row.entity, row.marks);
        if (row.returns)
            envelope_.key("returns").word("true");
        if (!row.unresolved.empty())
            write_units(envelope_.key("unresolved"), names_, row.entity, row.unresolved);
        if (!row.agreements.empty())
            write_texts(envelope_.key("agreements"), row.agreements);
    }

    void write(const RowDeleted& row)
    {
        of_record(row);
        position(row.position);
        commit_time(row.commit_time);
        key(row.key);
        if (row.effect != DeleteEffect::none)
            envelope_.key("effect").text(to_text(row.effect));
        versions(row.entity, row.versions);
        conflicts(row.entity, row.conflicts);
    }

    void write(const TableTruncated& truncated)
    {
        table(truncated.agency, truncated.table);
        position(truncated.position);
    }

    void write(const RowParked& row)
    {
        table(row.agency, row.table);
        position(row.position);
        row_.record = row.record;
        envelope_.key("source").text(to_text(row.source));
        commit_time(row.commit_time);
        envelope_.key("code").text(row.code).key("place").text(row.place);
        key(row.key);
        if (row.previous_key)
            payload().key("previous_key").text(row.previous_key->value());
        if (row.image)
            names_.slots(row.table).write(payload().key("image"), *row.image);
        if (row.waits_table) {
            envelope_.key("waits_agency").text(names_.agency(*row.waits_table).value());
            envelope_.key("waits_table").text(names_.table(*row.waits_table));
        }
        if (row.waits_key)
            payload().key("waits_key").text(row.waits_key->value());
        if (!row.candidates.empty())
            write_candidates(envelope_.key("candidates"), row.candidates);
    }

    void write(const ParkedReleased& row)
    {
        table(row.agency, row.table);
        key(row.key);
    }

    void write(const MarksMoved& moved)
    {
        agency(moved.agency);
        row_.entity = names_.entity(moved.entity);
        row_.record = moved.record;
        marks(moved.entity, moved.marks);
    }

    void write(const StreamPosition& stream)
    {
        agency(stream.agency);
        envelope_.key("end_lsn").text(to_string(stream.end_lsn)).key("seen").number(stream.seen.value());
        if (stream.inside)
            position(*stream.inside);
    }

    void write(const LinkReserved& link) { keyed(link); }
    void write(const LinkDissolved& link) { keyed(link); }

    template <class Body>
    void keyed(const Body& link)
    {
        of_record(link);
        key(link.key);
    }

    void write(const DeliveryRefused& refused)
    {
        of_record(refused);
        envelope_.key("code").text(refused.code).key("place").text(refused.place);
    }

    void write(const DeliveryReleased& released) { of_record(released); }

    void write(const LaneReason& reason) { agency(reason.agency); }
    void write(const AgencySwept& swept) { agency(swept.agency); }

    void write(const SurveyProgress& survey)
    {
        table(survey.agency, survey.table);
        envelope_.key("state").text(to_text(survey.state));
        payload();  // Also where there is no key yet: a missing payload means that it was erased.
        if (survey.last_key)
            payload().key("last_key").text(survey.last_key->value());
    }

    void write(const JournalPruned& pruned)
    {
        envelope_.key("values_to").number(pruned.values_to.value());
        envelope_.key("conflict_values_to").number(pruned.conflict_values_to.value());
        envelope_.key("entries_to").number(pruned.entries_to.value());
    }

    void write(const ConfigurationApplied& applied)
    {
        envelope_.key("hash").text(applied.hash).key("text").text(applied.text);
    }

    // Names of operators and what they wrote are personal, as is an answer that names one.
    void write(const RequestAnswered& answered)
    {
        const auto& request = answered.request;
        row_.agency = request.agency ? std::optional{request.agency->value()} : std::nullopt;
        envelope_.key("request").number(request.id.value()).key("request_kind").text(request.kind);
        envelope_.key("requested_at").number(request.requested_at.value());
        envelope_.key("deadline").number(request.deadline.value());
        envelope_.key("outcome").text(to_text(answered.outcome));
        payload().key("requested_by").text(request.requested_by).key("role").text(request.role);
        payload().key("reason").text(request.reason).key("text").text(answered.text);
    }

    void write(const AgencyPaused& paused)
    {
        agency(paused.agency);
        envelope_.key("request").number(paused.request.value());
        if (paused.until)
            envelope_.key("until").number(paused.until->value());
        payload().key("requested_by").text(paused.requested_by).key("reason").text(paused.reason);
    }

    void write(const AgencyResumed& resumed)
    {
        agency(resumed.agency);
        if (resumed.request)
            envelope_.key("request").number(resumed.request->value());
    }

    void write(const ValueDecided& decided)
    {
        row_.entity = names_.entity(decided.entity);
        row_.record = decided.record;
        if (!decided.author.value().empty())
            agency(decided.author);
        envelope_.key("request").number(decided.request.value()).key("rule").text(decided.rule);
        if (decided.taken)
            envelope_.key("taken").number(decided.taken->value());
        if (decided.conflict) {
            envelope_.key("conflict").open('{').key("seq").number(decided.conflict->seq.value());
            envelope_.key("position").number(decided.conflict->position).close('}');
        }
        versions(decided.entity, {&decided.version, 1});
        write_stored_versions(
            names_.unit_fields(decided.entity, decided.version.unit), decided.versions, envelope_, payload()
        );
    }

    void write(const ParkedSkipped& skipped)
    {
        table(skipped.agency, skipped.table);
        envelope_.key("request").number(skipped.request.value());
        key(skipped.key);
    }

    void write(const DeliverySkipped& skipped)
    {
        of_record(skipped);
        envelope_.key("request").number(skipped.request.value());
    }

    void write(const MatchDecided& decided)
    {
        of_record(decided);
        envelope_.key("request").number(decided.request.value());
        envelope_.key("verdict").text(to_text(decided.verdict));
        key(decided.key);
    }

    void write(const LinkSplit& split)
    {
        keyed(split);
        envelope_.key("request").number(split.request.value()).key("into").number(split.into.value());
    }

    void write(const DoubtSettled& doubt) { of_record(doubt); }

    void write(const DeletionDecided& decided)
    {
        of_decision(decided);
        envelope_.key("deletion").number(decided.deletion.value());
        envelope_.key("choice").text(to_text(decided.choice));
    }

    void write(const ProposalRejected& rejected)
    {
        of_decision(rejected);
        envelope_.key("unit").text(names_.unit(rejected.entity, rejected.unit));
        envelope_.key("proposal").number(rejected.proposal.value());
    }

    void write(const BreakerTripped& tripped)
    {
        agency(tripped.agency);
        write_breaker(envelope_, tripped);
    }

    void write(const BreakerApproved& approved)
    {
        agency(approved.agency);
        write_approval(envelope_, approved);
    }

    const Names& names_;
    EntryRow& row_;
    std::string payload_text_;
    JsonText envelope_;
    JsonText payload_;
};

}  // namespace

void EntryCodec::encode(const Entry& entry, EntryRow& row) const
{
    row.seq = entry.seq;
    row.kind = to_text(kind_of(entry.body));
    row.agency.reset();
    row.entity.reset();
    row.record.reset();
    row.commit_lsn.reset();
    row.envelope.clear();
    row.payload.reset();
    std::visit([&](const auto& body) { Encoder{names_, row}.run(body); }, entry.body);
}

}  // namespace casebridge::hub
