#include "tests/hub/sample_bridge.hpp"

#include <array>
#include <utility>

// Entries and histories at random.

namespace casebridge::hub::test {

std::string Draw::text()
{
    static const std::array<std::string, 16> pieces{
        "",
        "NULL",
        "a",
        "Ana",
        "\"",
        "\\",
        "{}",
        ",",
        "\n",
        "\t",
        "\x01",
        "Müller",
        "日本",
        "'",
        "\\u0",
        "\x7f",
    };
    std::string text;
    for (auto count = below(4); count > 0; --count)
        text += pieces[below(pieces.size())];
    return text;
}

std::vector<FieldValue> Draw::values(std::size_t count)
{
    std::vector<FieldValue> values;
    for (std::size_t i = 0; i < count; ++i)
        values.push_back(maybe<Value>([&] { return Value{text()}; }));
    return values;
}

UnitIndex Draw::unit(EntityIndex entity)
{
    return UnitIndex{static_cast<std::uint16_t>(below(definition_.model.entity(entity).units.size()))};
}

UnitValue Draw::unit_value(EntityIndex entity, UnitIndex unit)
{
    return values(definition_.model.entity(entity).unit(unit).fields.size());
}

Version Draw::version(EntityIndex entity, UnitIndex unit)
{
    Version version{seq(), AgencyId{below(2) == 0 ? "sp" : "es"}, unit_value(entity, unit), {}};
    version.stamp = maybe<PgTime>([&] { return time(); });
    version.decided = below(3) == 0;
    version.suspect = below(3) == 0;
    if (version.decided && below(2) == 0)
        version.author = {};
    return version;
}

Tally Draw::tally()
{
    return {{{static_cast<Tally::Ground>(below(2)), Value{text()}}}, Value{text()}};
}

ElementTags Draw::tags()
{
    ElementTags tags;
    for (auto count = below(3); count > 0; --count)
        tags.added.emplace_back(text());
    for (auto count = below(3); count > 0; --count)
        tags.kept.push_back({Value{text()}, seq(), AgencyId{below(2) == 0 ? "sp" : ""}});
    for (auto count = below(3); count > 0; --count)
        tags.removed.push_back({Value{text()}, seq(), AgencyId{"es"}});
    return tags;
}

Version Draw::with_bookkeeping(Version version)
{
    version.tally = maybe<Tally>([&] { return tally(); });
    version.tags = maybe<ElementTags>([&] { return tags(); });
    return version;
}

std::vector<MarkChange> Draw::marks(EntityIndex entity)
{
    std::vector<MarkChange> marks;
    for (auto count = below(3); count > 0; --count)
        marks.push_back({unit(entity), maybe<JournalSeq>([&] { return seq(); })});
    return marks;
}

ConflictNote Draw::conflict(EntityIndex entity)
{
    ConflictNote note;
    note.unit = unit(entity);
    note.type = static_cast<ConflictType>(below(8));
    note.rule = "authority:sp";
    note.verdict = static_cast<Verdict>(below(4));
    if (below(3) != 0)
        note.base = unit_value(entity, note.unit);
    for (auto count = below(4); count > 0; --count)
        note.versions.push_back(version(entity, note.unit));
    note.winner = maybe<JournalSeq>([&] { return seq(); });
    if (below(3) == 0)
        note.decided_by = "latest";
    note.computed = maybe<UnitValue>([&] { return unit_value(entity, note.unit); });
    note.stale_form = below(3) == 0;
    return note;
}

std::vector<Delivered> Draw::delivered(MappingIndex table)
{
    std::vector<Delivered> delivered;
    const auto slots = definition_.tables[table.value()].slots.size();
    for (auto count = below(3); count > 0; --count) {
        Delivered one{time(), {}};
        for (auto changed = below(3); changed > 0; --changed)
            one.slots.push_back({below(slots), maybe<Value>([&] { return Value{text()}; }), seq()});
        delivered.push_back(std::move(one));
    }
    return delivered;
}

RowRead Draw::row_read(JournalSeq seq)
{
    RowRead row;
    row.source = static_cast<RowSource>(below(3));
    row.table = table();
    row.agency = definition_.tables[row.table.value()].agency;
    row.entity = definition_.tables[row.table.value()].entity;
    row.key = key();
    row.previous_key = maybe<LocalKey>([&] { return key(); });
    row.position = position();
    row.link = static_cast<LinkChange>(below(5));
    row.record = row.link == LinkChange::created ? RecordId{seq.value()} : record_id();
    row.image = image(row.table);
    for (auto count = below(3); count > 0; --count)
        row.versions.push_back(version_added(row.entity));
    for (auto count = below(3); count > 0; --count)
        row.conflicts.push_back(conflict(row.entity));
    row.marks = marks(row.entity);
    for (auto count = below(3); count > 0; --count)
        row.unresolved.push_back(unit(row.entity));
    for (auto count = below(3); count > 0; --count)
        row.agreements.push_back(text());
    row.commit_time = maybe<PgTime>([&] { return time(); });
    row.delivered = delivered(row.table);
    row.returns = below(4) == 0;
    return row;
}

VersionAdded Draw::version_added(EntityIndex entity)
{
    VersionAdded added{unit(entity), {}, maybe<PgTime>([&] { return time(); }), {}};
    added.admission = static_cast<Admission>(below(3));
    added.value = unit_value(entity, added.unit);
    added.answers = static_cast<std::uint32_t>(below(3));
    added.tally = maybe<Tally>([&] { return tally(); });
    added.suspect = below(3) == 0;
    added.tags = maybe<ElementTags>([&] { return tags(); });
    for (auto superseded = below(3); superseded > 0; --superseded)
        added.superseded.push_back(seq());
    return added;
}

RowDeleted Draw::row_deleted()
{
    const auto at = table();
    const auto entity = definition_.tables[at.value()].entity;
    RowDeleted row{
        .agency = definition_.tables[at.value()].agency,
        .table = at,
        .key = key(),
        .position = position(),
        .entity = entity,
        .record = maybe<RecordId>([&] { return record_id(); }),
        .effect = static_cast<DeleteEffect>(below(6)),
    };
    for (auto count = below(3); count > 0; --count)
        row.versions.push_back(version_added(entity));
    for (auto count = below(3); count > 0; --count)
        row.conflicts.push_back(conflict(entity));
    row.commit_time = maybe<PgTime>([&] { return time(); });
    return row;
}

BreakerTripped Draw::breaker_tripped()
{
    BreakerTripped tripped;
    tripped.agency = AgencyId{"sp"};
    tripped.commit_lsn = lsn();
    tripped.xid = Xid{static_cast<std::uint32_t>(below(100'000))};
    tripped.commit_time = time();
    tripped.extent = static_cast<BreakerExtent>(below(2));
    const auto reason = static_cast<BreakerReason>(below(3));
    for (auto count = below(3) + 1; count > 0; --count)
        tripped.findings.push_back({"person", reason, below(9'000), below(900), below(90'000)});
    for (auto count = below(3); count > 0; --count)
        tripped.tables.push_back({"public.person", below(9), below(9), below(9)});
    return tripped;
}

RowParked Draw::row_parked()
{
    RowParked row;
    row.table = table();
    row.agency = definition_.tables[row.table.value()].agency;
    row.key = key();
    row.previous_key = maybe<LocalKey>([&] { return key(); });
    row.record = maybe<RecordId>([&] { return record_id(); });
    row.position = position();
    row.commit_time = maybe<PgTime>([&] { return time(); });
    row.source = static_cast<RowSource>(below(3));
    row.code = "unmappable_value";
    row.place = "person.birth_date";
    row.image = maybe<Image>([&] { return image(row.table); });
    row.waits_table = maybe<MappingIndex>([&] { return table(); });
    row.waits_key = maybe<LocalKey>([&] { return key(); });
    for (auto count = below(3); count > 0; --count)
        row.candidates.push_back({
            record_id(), {"number", "name.family~name+birth_date"}
        });
    return row;
}

RequestAnswered Draw::request_answered()
{
    RequestAnswered answered;
    // An answer is the only one to its request.
    answered.request.id = RequestId{++requests_};
    answered.request.kind = "pause";
    answered.request.agency = maybe<AgencyId>([&] { return AgencyId{"sp"}; });
    answered.request.requested_by = text();
    answered.request.role = text();
    answered.request.reason = text();
    answered.request.requested_at = time();
    answered.request.deadline = time();
    answered.outcome = static_cast<RequestOutcome>(below(3));
    answered.text = text();
    return answered;
}

ValueDecided Draw::value_decided()
{
    ValueDecided decided;
    decided.request = RequestId{seq().value()};
    decided.entity = person;
    decided.record = record_id();
    decided.version.unit = unit(person);
    decided.version.value = unit_value(person, decided.version.unit);
    decided.version.stamp = time();
    decided.version.superseded = {seq()};
    decided.author = AgencyId{below(2) == 0 ? "" : "es"};
    for (auto count = below(4); count > 0; --count)
        decided.versions.push_back(version(person, decided.version.unit));
    decided.taken = maybe<JournalSeq>([&] { return seq(); });
    decided.conflict = maybe<ConflictPlace>([&] {
        return ConflictPlace{seq(), static_cast<std::uint32_t>(below(3))};
    });
    decided.rule = "hold";
    return decided;
}

EntryBody Draw::body(std::size_t kind, JournalSeq seq)
{
    const auto at = table();
    const auto& agency = definition_.tables[at.value()].agency;
    const auto entity = definition_.tables[at.value()].entity;
    switch (kind) {
        case 0:
            return row_read(seq);
        case 1:
            return row_deleted();
        case 2:
            return TableTruncated{agency, at, position()};
        case 3:
            return row_parked();
        case 4:
            return ParkedReleased{agency, at, key()};
        case 5:
            return MarksMoved{agency, entity, record_id(), marks(entity)};
        case 6:
            return StreamPosition{
                agency, lsn(), this->seq(), maybe<SourcePosition>([&] { return position(); })};
        case 7:
            return LinkReserved{agency, at, key(), record_id()};
        case 8:
            return LinkDissolved{agency, at, key(), record_id()};
        case 9:
            return DeliveryRefused{agency, at, record_id(), "23514", "person_age_check"};
        case 10:
            return DeliveryReleased{agency, at, record_id()};
        case 11:
            return LaneReason{agency};
        case 12:
            return SurveyProgress{
                agency, at, maybe<LocalKey>([&] { return key(); }), static_cast<SurveyState>(below(2))};
        case 13:
            return AgencySwept{agency};
        case 14:
            return JournalPruned{this->seq(), this->seq(), this->seq()};
        case 15:
            return ConfigurationApplied{"sha256:00", text()};
        case 16:
            return request_answered();
        case 17:
            return AgencyPaused{agency, RequestId{this->seq().value()}, text(), text(), maybe<PgTime>([&] {
                                    return time();
                                })};
        case 18:
            return AgencyResumed{agency, maybe<RequestId>([&] { return RequestId{this->seq().value()}; })};
        case 19:
            return value_decided();
        case 20:
            return ParkedSkipped{agency, at, key(), RequestId{this->seq().value()}};
        case 21:
            return DeliverySkipped{agency, at, record_id(), RequestId{this->seq().value()}};
        case 22:
            return MatchDecided{
                RequestId{this->seq().value()},
                agency,
                at,
                key(),
                entity,
                record_id(),
                static_cast<MatchVerdict>(below(2))};
        case 23:
            return DoubtSettled{agency, at, record_id()};
        case 24:
            return DeletionDecided{
                RequestId{this->seq().value()},
                entity,
                record_id(),
                this->seq(),
                static_cast<DeletionChoice>(below(3))};
        case 25:
            return ProposalRejected{
                RequestId{this->seq().value()}, entity, record_id(), unit(entity), this->seq()};
        case 26:
            return breaker_tripped();
        case 27:
            return BreakerApproved{
                RequestId{this->seq().value()},
                agency,
                this->seq(),
                static_cast<ApprovedDeletions>(below(2))};
        default:
            return LinkSplit{
                RequestId{this->seq().value()}, agency, at, key(), entity, record_id(), record_id()};
    }
}

Entry Draw::entry(JournalSeq seq)
{
    return {seq, body(below(std::variant_size_v<EntryBody>), seq)};
}

}  // namespace casebridge::hub::test
