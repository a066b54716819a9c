#include "hub/breaker_json.hpp"
#include "hub/entry_codec.hpp"
#include "hub/stored_json.hpp"
#include "hub/tags_json.hpp"

#include <array>
#include <utility>

namespace casebridge::hub {
namespace {

Lsn read_lsn(std::string_view text)
{
    const auto lsn = parse_lsn(text);
    if (!lsn)
        throw Unreadable{"malformed", "LSN"};
    return *lsn;
}

// Reads one row into the body of its kind.
class Decoder {
public:
    Decoder(const Names& names, const EntryRow& row)
        : names_(names),
          row_(row),
          envelope_(parse_versioned(row.envelope)),
          payload_(row.payload ? parse_stored(*row.payload) : Json{})
    {
    }

    [[nodiscard]] EntryBody body(EntryKind kind) const
    {
        switch (kind) {
            case EntryKind::row_read:
                return row_read();
            case EntryKind::row_deleted:
                return row_deleted();
            case EntryKind::table_truncated:
                return TableTruncated{agency(), table(), position()};
            case EntryKind::row_parked:
                return row_parked();
            case EntryKind::parked_released:
                return ParkedReleased{agency(), table(), key("key")};
            case EntryKind::marks_moved:
                return MarksMoved{agency(), entity(), record(), marks(entity())};
            case EntryKind::stream_position:
                return StreamPosition{
                    agency(),
                    read_lsn(text("end_lsn")),
                    read_seq(envelope_, "seen"),
                    row_.commit_lsn ? std::optional{position()} : std::nullopt};
            case EntryKind::link_reserved:
                return LinkReserved{agency(), table(), key("key"), record()};
            case EntryKind::link_dissolved:
                return LinkDissolved{agency(), table(), key("key"), record()};
            case EntryKind::delivery_refused:
                return DeliveryRefused{agency(), table(), record(), text("code"), text("place")};
            case EntryKind::delivery_released:
                return DeliveryReleased{agency(), table(), record()};
            case EntryKind::lane_reason:
                return LaneReason{agency()};
            case EntryKind::survey_progress:
                return SurveyProgress{
                    agency(),
                    table(),
                    optional_key("last_key"),
                    read_enum<SurveyState>(envelope_.at("state"))};
            case EntryKind::agency_swept:
                return AgencySwept{agency()};
            case EntryKind::journal_pruned:
                return JournalPruned{
                    read_seq(envelope_, "values_to"),
                    read_seq(envelope_, "conflict_values_to"),
                    read_seq(envelope_, "entries_to")};
            case EntryKind::configuration_applied:
                return ConfigurationApplied{text("hash"), text("text")};
            case EntryKind::request_answered:
                return request_answered();
            case EntryKind::agency_paused:
                return AgencyPaused{
                    agency(),
                    RequestId{integer("request")},
                    read_text(payload_, "requested_by"),
                    read_text(payload_, "reason"),
                    read_optional_time(envelope_, "until")};
            case EntryKind::agency_resumed: {
                const auto asked = envelope_.contains("request");
                return AgencyResumed{
                    agency(), asked ? std::optional{RequestId{integer("request")}} : std::nullopt};
            }
            case EntryKind::value_decided:
                return value_decided();
            case EntryKind::parked_skipped:
                return ParkedSkipped{agency(), table(), key("key"), RequestId{integer("request")}};
            case EntryKind::delivery_skipped:
                return DeliverySkipped{agency(), table(), record(), RequestId{integer("request")}};
            case EntryKind::match_decided:
                return MatchDecided{
                    RequestId{integer("request")},
                    agency(),
                    table(),
                    key("key"),
                    entity(),
                    record(),
                    read_enum<MatchVerdict>(envelope_.at("verdict"))};
            case EntryKind::doubt_settled:
                return DoubtSettled{agency(), table(), record()};
            case EntryKind::deletion_decided:
                return DeletionDecided{
                    RequestId{integer("request")},
                    entity(),
                    record(),
                    read_seq(envelope_, "deletion"),
                    read_enum<DeletionChoice>(envelope_.at("choice"))};
            case EntryKind::proposal_rejected:
                return ProposalRejected{
                    RequestId{integer("request")},
                    entity(),
                    record(),
                    names_.find_unit(entity(), read_text(envelope_, "unit")),
                    read_seq(envelope_, "proposal")};
            case EntryKind::breaker_tripped:
                return read_breaker(envelope_, agency());
            case EntryKind::breaker_approved:
                return read_breaker_approval(envelope_, agency());
            case EntryKind::link_split:
                return link_split();
        }
        throw Unreadable{"unknown_kind", row_.kind};
    }

private:
    [[nodiscard]] AgencyId agency() const
    {
        if (!row_.agency)
            throw Unreadable{"malformed", "agency"};
        return AgencyId{*row_.agency};
    }

    [[nodiscard]] EntityIndex entity() const
    {
        if (!row_.entity)
            throw Unreadable{"malformed", "entity"};
        return names_.find_entity(*row_.entity);
    }

    [[nodiscard]] RecordId record() const
    {
        if (!row_.record)
            throw Unreadable{"malformed", "record"};
        return *row_.record;
    }

    [[nodiscard]] MappingIndex table() const { return names_.find_table(agency().value(), text("table")); }
    [[nodiscard]] const std::string& text(const char* member) const { return read_text(envelope_, member); }
    [[nodiscard]] std::int64_t integer(const char* member) const
    {
        return read_seq(envelope_, member).value();
    }
    [[nodiscard]] LocalKey key(const char* member) const { return LocalKey{read_text(payload_, member)}; }

    [[nodiscard]] std::optional<LocalKey> optional_key(const char* member) const
    {
        if (!payload_.contains(member))
            return std::nullopt;
        return key(member);
    }

    [[nodiscard]] SourcePosition position() const
    {
        if (!row_.commit_lsn)
            throw Unreadable{"malformed", "commit_lsn"};
        return {read_lsn(*row_.commit_lsn), envelope_.at("ordinal").get<std::uint32_t>()};
    }

    [[nodiscard]] std::vector<MarkChange> marks(EntityIndex entity) const
    {
        std::vector<MarkChange> marks;
        for (const auto& mark : read_list(envelope_, "marks"))
            marks.push_back(
                {names_.find_unit(entity, read_text(mark, "unit")), read_optional_seq(mark, "from")}
            );
        return marks;
    }

    [[nodiscard]] std::vector<VersionAdded> versions(EntityIndex entity) const
    {
        std::vector<VersionAdded> versions;
        const auto& heads = read_list(envelope_, "units");
        const auto& values = read_list(payload_, "values");
        const auto& tallies = read_list(payload_, "tallies");
        const auto& tags = read_list(payload_, "tags");
        for (std::size_t i = 0; i < heads.size(); ++i) {
            const auto unit = names_.find_unit(entity, read_text(heads[i], "unit"));
            versions.push_back(
                {.unit = unit,
                 .value = names_.unit_fields(entity, unit).read(values.at(i)),
                 .stamp = read_optional_time(heads[i], "stamp"),
                 .superseded = read_seqs(read_list(heads[i], "superseded")),
                 .admission = read_admission(heads[i]),
                 .answers = heads[i].value("answers", std::uint32_t{0}),
                 .tally = tallies.empty() ? std::nullopt : read_tally(tallies.at(i)),
                 .suspect = heads[i].contains("suspect"),
                 .tags = tags.empty() ? std::nullopt : read_tags(tags.at(i))}
            );
        }
        return versions;
    }

    [[nodiscard]] ConflictNote conflict(EntityIndex entity, const Json& head, const Json& values) const
    {
        const auto unit = names_.find_unit(entity, read_text(head, "unit"));
        const auto& fields = names_.unit_fields(entity, unit);
        ConflictNote note{
            .unit = unit,
            .type = read_enum<ConflictType>(head.at("type")),
            .rule = read_text(head, "rule"),
            .verdict = read_enum<Verdict>(head.at("verdict")),
            .base = fields.read(values.at("base")),
            .versions = stored_versions(fields, head, values),
            .winner = read_optional_seq(head, "winner"),
            .decided_by = head.value("decided_by", std::string{}),
        };
        if (values.contains("computed"))
            note.computed = fields.read(values.at("computed"));
        note.stale_form = head.contains("stale_form");
        return note;
    }

    // Heads under `head` and values under `values` of versions that stand in the journal already.
    static std::vector<Version> stored_versions(const Layout& fields, const Json& head, const Json& values)
    {
        std::vector<Version> versions;
        const auto& heads = read_list(head, "versions");
        const auto& texts = read_list(values, "versions");
        for (std::size_t i = 0; i < heads.size(); ++i) {
            versions.push_back(read_version_head(heads[i]));
            versions.back().value = fields.read(texts.at(i));
        }
        return versions;
    }

    [[nodiscard]] std::vector<ConflictNote> conflicts(EntityIndex entity) const
    {
        std::vector<ConflictNote> notes;
        const auto& heads = read_list(envelope_, "conflicts");
        const auto& values = read_list(payload_, "conflicts");
        for (std::size_t i = 0; i < heads.size(); ++i)
            notes.push_back(conflict(entity, heads[i], values.at(i)));
        return notes;
    }

    [[nodiscard]] RowDeleted row_deleted() const
    {
        RowDeleted row{
            .agency = agency(),
            .table = table(),
            .key = key("key"),
            .position = position(),
            .entity = entity(),
            .record = row_.record,
            .effect = DeleteEffect::none,
            .versions = versions(entity()),
            .conflicts = conflicts(entity()),
            .commit_time = read_optional_time(envelope_, "commit_time"),
        };
        if (const auto effect = envelope_.find("effect"); effect != envelope_.end())
            row.effect = read_enum<DeleteEffect>(*effect);
        return row;
    }

    [[nodiscard]] RowRead row_read() const
    {
        RowRead row{
            .source = read_enum<RowSource>(envelope_.at("source")),
            .agency = agency(),
            .table = table(),
            .key = key("key"),
            .previous_key = optional_key("previous_key"),
            .position = position(),
            .entity = entity(),
            .record = record(),
            .link = read_enum<LinkChange>(envelope_.at("link")),
            .image = {},
            .versions = versions(entity()),
            .conflicts = conflicts(entity()),
            .marks = marks(entity()),
            .unresolved = read_units(read_list(envelope_, "unresolved"), names_, entity()),
            .agreements = {},
            .commit_time = read_optional_time(envelope_, "commit_time"),
            .delivered = {},
            .returns = envelope_.contains("returns"),
        };
        row.image = names_.slots(row.table).read(payload_.at("image"));
        row.delivered = read_delivered(read_list(payload_, "delivered"), names_.slots(row.table));
        for (const auto& agreement : read_list(envelope_, "agreements"))
            row.agreements.push_back(agreement.get_ref<const std::string&>());
        return row;
    }

    [[nodiscard]] RowParked row_parked() const
    {
        RowParked row{
            .agency = agency(),
            .table = table(),
            .key = key("key"),
            .previous_key = optional_key("previous_key"),
            .record = row_.record,
            .position = position(),
            .commit_time = read_optional_time(envelope_, "commit_time"),
            .source = read_enum<RowSource>(envelope_.at("source")),
            .code = text("code"),
            .place = text("place"),
            .image = std::nullopt,
            .waits_table = std::nullopt,
            .waits_key = optional_key("waits_key"),
        };
        if (payload_.contains("image"))
            row.image = names_.slots(row.table).read(payload_.at("image"));
        if (envelope_.contains("waits_table"))
            row.waits_table = names_.find_table(text("waits_agency"), text("waits_table"));
        if (envelope_.contains("candidates"))
            for (const auto& candidate : read_list(envelope_, "candidates"))
                row.candidates.push_back(
                    {RecordId{read_seq(candidate, "record").value()},
                     candidate.at("rules").get<std::vector<std::string>>()}
                );
        return row;
    }

    [[nodiscard]] RequestAnswered request_answered() const
    {
        return {
            .request =
                {.id = RequestId{integer("request")},
                          .kind = text("request_kind"),
                          .agency = row_.agency ? std::optional{AgencyId{*row_.agency}} : std::nullopt,
                          .requested_by = read_text(payload_, "requested_by"),
                          .role = read_text(payload_, "role"),
                          .reason = read_text(payload_, "reason"),
                          .requested_at = PgTime{integer("requested_at")},
                          .deadline = PgTime{integer("deadline")}},
            .outcome = read_enum<RequestOutcome>(envelope_.at("outcome")),
            .text = read_text(payload_, "text"),
        };
    }

    [[nodiscard]] LinkSplit link_split() const
    {
        const RequestId request{integer("request")};
        const RecordId into{integer("into")};
        return {request, agency(), table(), key("key"), entity(), record(), into};
    }

    [[nodiscard]] ValueDecided value_decided() const
    {
        auto added = versions(entity());
        if (added.size() != 1)
            throw Unreadable{"malformed", "units"};
        const auto& fields = names_.unit_fields(entity(), added.front().unit);
        ValueDecided decided{
            .request = RequestId{integer("request")},
            .entity = entity(),
            .record = record(),
            .version = std::move(added.front()),
            .author = AgencyId{row_.agency.value_or("")},
            .versions = stored_versions(fields, envelope_, payload_),
            .taken = read_optional_seq(envelope_, "taken"),
            .conflict = std::nullopt,
            .rule = text("rule"),
        };
        if (const auto place = envelope_.find("conflict"); place != envelope_.end())
            decided.conflict = {read_seq(*place, "seq"), place->at("position").get<std::uint32_t>()};
        return decided;
    }

    const Names& names_;
    const EntryRow& row_;
    Json envelope_;
    Json payload_;
};

}  // namespace

Result<StoredEntry> EntryCodec::decode(const EntryRow& row) const
{
    const auto what = "journal entry " + std::to_string(row.seq.value()) + " (" + row.kind + ")";
    return reading_stored(what, [&]() -> StoredEntry {
        const auto kind = find_kind(row.kind);
        if (!kind)
            throw Unreadable{"unknown_kind", row.kind};
        if (has_payload(*kind) && !row.payload) {
            const auto agency = row.agency ? std::optional{AgencyId{*row.agency}} : std::nullopt;
            return ErasedEntry{row.seq, *kind, agency, row.record};
        }
        return Entry{row.seq, Decoder(names_, row).body(*kind)};
    });
}

}  // namespace casebridge::hub
