#pragma once

#include "model/breaker_entries.hpp"
#include "model/case_entries.hpp"
#include "model/ids.hpp"
#include "model/lsn.hpp"
#include "model/merge_notes.hpp"
#include "model/value.hpp"
#include "model/version.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// The entries of the journal: what was accepted and decided, as effects. Applying an entry derives nothing
// anew (no rule is judged, no key generated, no clock read), so that replaying the journal gives the same
// state for ever, whatever a later binary or configuration would decide.

namespace casebridge {

// Where a change stood in the agency's WAL. With the slot's epoch it identifies the change.
struct SourcePosition {
    Lsn commit_lsn;
    std::uint32_t ordinal = 0;

    friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

enum class RowSource { stream, survey, echo };

enum class LinkChange {
    none,       // The link was live already.
    created,    // First known here: a new record.
    matched,    // An identity rule found the record.
    confirmed,  // Reserved by us, now seen in the agency's WAL.
    reopened,   // The row had ended and is back under the same key.
};

// What one delivery of ours changed in an agency's row: a form that was opened before still shows what was
// there.
struct Delivered {
    struct Slot {
        std::size_t slot = 0;
        FieldValue former;
        JournalSeq from;  // The lowest seq that the agency's database may have lacked before, for this unit.

        friend bool operator==(const Slot&, const Slot&) = default;
    };
    PgTime at;  // Its commit, by the agency's clock.
    std::vector<Slot> slots;

    friend bool operator==(const Delivered&, const Delivered&) = default;
};

// A row of an agency as read: its image, and what it changed.
struct RowRead {
    RowSource source = RowSource::stream;
    AgencyId agency;
    MappingIndex table;
    LocalKey key;
    std::optional<LocalKey> previous_key;  // The row had this key before.
    SourcePosition position;
    EntityIndex entity;
    RecordId record;  // For LinkChange::created the seq of this entry.
    LinkChange link = LinkChange::none;
    Image image;
    std::vector<VersionAdded> versions;
    std::vector<ConflictNote> conflicts;
    std::vector<MarkChange> marks;        // Of this agency.
    std::vector<UnitIndex> unresolved;    // Units whose reference no link knows yet; the complete list.
    std::vector<std::string> agreements;  // Under which the values of an echo were disclosed.
    // Of the transaction, by the agency's clock; empty for a survey.
    std::optional<PgTime> commit_time = std::nullopt;
    // What forms may still put back, oldest delivery first; the complete list.
    std::vector<Delivered> delivered = {};
    bool returns = false;  // A deletion of the record is over: the row came back behind it.
};

// What follows from a row's deletion.
enum class DeleteEffect {
    none,        // Its link ends: nobody else had the record, or the row is back in the same transaction.
    held,        // Its link ends; whether the other rows go is for a person to decide.
    detached,    // Its link ends; the other rows stay.
    archived,    // Its link ends; the versions of this entry say so to the others.
    propagated,  // Its link ends; the other rows are deleted.
    confirmed,   // We deleted it: its link is forgotten.
};

// A row of an agency that is gone.
struct RowDeleted {
    AgencyId agency;
    MappingIndex table;
    LocalKey key;
    SourcePosition position;
    EntityIndex entity;
    std::optional<RecordId> record;  // Empty: a row that was never linked.
    DeleteEffect effect = DeleteEffect::none;
    std::vector<VersionAdded> versions = {};   // When archived.
    std::vector<ConflictNote> conflicts = {};  // What the agency's database lacked and goes with the record.
    // Of the transaction; empty for a row that is back in it, and inside a transaction of ours.
    std::optional<PgTime> commit_time = std::nullopt;
};

// All rows of a table at once; links older than this entry count as ended.
struct TableTruncated {
    AgencyId agency;
    MappingIndex table;
    SourcePosition position;
};

// A record that a row might be, and what speaks for it.
struct MatchCandidate {
    RecordId record;
    std::vector<std::string> rules;  // Names of the identity rules that found it, in their order.

    friend bool operator==(const MatchCandidate&, const MatchCandidate&) = default;
};

// A row that cannot be translated, or of which nobody can tell which record it is. Later rows of the same key
// queue behind it until one can.
struct RowParked {
    AgencyId agency;
    MappingIndex table;
    LocalKey key;
    std::optional<LocalKey> previous_key;  // The row had this key before; what was parked of it counts here.
    std::optional<RecordId> record;        // Its link moves to the new key with the row; only then.
    SourcePosition position;
    std::optional<PgTime> commit_time;  // Of the newest change by the agency; empty when nobody knows it.
    RowSource source = RowSource::stream;
    std::string code;                         // Error::code.
    std::string place;                        // Error::place.
    std::optional<Image> image;               // Empty when not even the row could be read.
    std::optional<MappingIndex> waits_table;  // With waits_key: the row whose link would resolve it.
    std::optional<LocalKey> waits_key;
    std::vector<MatchCandidate> candidates = {};  // Of a doubtful match: at least one.
};

// The parked rows of a key are settled: a later row was read, or the row was deleted.
struct ParkedReleased {
    AgencyId agency;
    MappingIndex table;
    LocalKey key;
};

// Marks of one record, moved by reading an echo or marker.
struct MarksMoved {
    AgencyId agency;
    EntityIndex entity;
    RecordId record;
    std::vector<MarkChange> marks;
};

// How far an agency's stream is merged, and the journal seq up to which its database is known to have been
// dealt with.
struct StreamPosition {
    AgencyId agency;
    Lsn end_lsn;
    JournalSeq seen;
    // The last merged change of the transaction that follows end_lsn, while further parts of it are to come.
    std::optional<SourcePosition> inside;
};

// A key for a row that we are about to insert: durable before the insert, so that its echo finds its record.
struct LinkReserved {
    AgencyId agency;
    MappingIndex table;
    LocalKey key;
    RecordId record;
};

// A reservation given up: a local row stands for the record.
struct LinkDissolved {
    AgencyId agency;
    MappingIndex table;
    LocalKey key;
    RecordId record;
};

// A delivery that the agency's server refuses for its content, or that cannot be written in its terms.
struct DeliveryRefused {
    AgencyId agency;
    MappingIndex table;
    RecordId record;
    std::string code;   // SQLSTATE or Error::code.
    std::string place;  // Constraint, column or mapped field.
};

struct DeliveryReleased {
    AgencyId agency;
    MappingIndex table;
    RecordId record;
};

// A reason to write without a change: gives the next transaction of a lane a position of its own.
struct LaneReason {
    AgencyId agency;
};

enum class SurveyState { running, complete };

struct SurveyProgress {
    AgencyId agency;
    MappingIndex table;
    std::optional<LocalKey> last_key;  // Last key of the chunks read so far.
    SurveyState state = SurveyState::running;
};

// Every record without a row at this agency has been considered for one since its surveys were complete.
struct AgencySwept {
    AgencyId agency;
};

// What was older than the retention settings allow is about to be erased, up to and including these entries.
struct JournalPruned {
    JournalSeq values_to;           // Personal values in entries.
    JournalSeq conflict_values_to;  // In decided conflicts.
    JournalSeq entries_to;          // Whole entries.
};

struct ConfigurationApplied {
    std::string hash;
    std::string text;
};

// A request of an operator as it stood in the hub's inbox: who asked for what, why, and until when it was
// worth doing. `requested_by` is what the operator declared, `role` what the hub's server knew.
struct RequestNote {
    RequestId id;
    std::string kind;                // `pause`; a word, not necessarily one that this program knows.
    std::optional<AgencyId> agency;  // As asked for; it need not exist.
    std::string requested_by;
    std::string role;
    std::string reason;
    PgTime requested_at;  // By the hub's clock, like the deadline.
    PgTime deadline;

    friend bool operator==(const RequestNote&, const RequestNote&) = default;
};

enum class RequestOutcome {
    done,
    refused,
    expired,  // Nobody led before its deadline; it was not carried out.
};

// The answer to a request. It stands in the same append as the entries of its effect, so that a request is
// carried out and answered exactly once.
struct RequestAnswered {
    RequestNote request;
    RequestOutcome outcome = RequestOutcome::refused;
    std::string text;  // For the operator.
};

// A maintenance window begins, or goes on under another name, reason and end: the agency is neither read nor
// written to.
struct AgencyPaused {
    AgencyId agency;
    RequestId request;
    std::string requested_by;
    std::string reason;
    std::optional<PgTime> until;  // By the hub's clock; empty: until it is resumed.
};

struct AgencyResumed {
    AgencyId agency;
    std::optional<RequestId> request;  // Empty: the window was over.
};

// One conflict: the entry that holds it, and its place there.
struct ConflictPlace {
    JournalSeq seq;
    std::uint32_t position = 0;

    friend bool operator==(const ConflictPlace&, const ConflictPlace&) = default;
};

// A person decided what a unit is worth: everything needed to explain and to undo it. Who and why stand in
// the answer to the request, in the same append.
struct ValueDecided {
    RequestId request;
    EntityIndex entity;
    RecordId record;
    VersionAdded version;                   // Supersedes what the person saw, nothing newer.
    AgencyId author;                        // Whose value was taken; empty: the person's own.
    std::vector<Version> versions;          // All that were open just before.
    std::optional<JournalSeq> taken;        // The version whose value it is.
    std::optional<ConflictPlace> conflict;  // The one that the person looked at.
    std::string rule;                       // Of the unit: `hold`.
};

// An operator has set a parked row aside: it stays parked, with its values, until the row changes or a retry
// is asked for, but nobody is waited for. Who and why stand in the answer to the request, in the same append.
struct ParkedSkipped {
    AgencyId agency;
    MappingIndex table;
    LocalKey key;
    RequestId request;
};

// The same for a refused delivery: it stays refused until the record changes or a retry is asked for.
struct DeliverySkipped {
    AgencyId agency;
    MappingIndex table;
    RecordId record;
    RequestId request;
};

using EntryBody = std::variant<
    RowRead,
    RowDeleted,
    TableTruncated,
    RowParked,
    ParkedReleased,
    MarksMoved,
    StreamPosition,
    LinkReserved,
    LinkDissolved,
    DeliveryRefused,
    DeliveryReleased,
    LaneReason,
    SurveyProgress,
    AgencySwept,
    JournalPruned,
    ConfigurationApplied,
    RequestAnswered,
    AgencyPaused,
    AgencyResumed,
    ValueDecided,
    ParkedSkipped,
    DeliverySkipped,
    MatchDecided,
    DoubtSettled,
    DeletionDecided,
    ProposalRejected,
    BreakerTripped,
    BreakerApproved,
    LinkSplit>;

struct Entry {
    JournalSeq seq;
    EntryBody body;
};

}  // namespace casebridge
