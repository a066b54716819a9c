#pragma once

#include "conflict/unit_history.hpp"
#include "model/ids.hpp"
#include "model/journal_entry.hpp"
#include "model/lsn.hpp"
#include "model/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The state that the journal's entries add up to: records with their links, and how far each agency's stream
// is read.

namespace casebridge::pipeline {

enum class LinkState {
    reserved,  // We are about to insert the row, or have and its echo is on its way.
    live,      // The row was read.
    ended,     // The row was deleted; blocks a new insert for the record.
};

// The code of the refusal that stands for units whose delivery the hop guard ended. Unlike the others it does
// not stop the row's other units, and the planner takes it back when no unit needs it.
inline constexpr std::string_view hop_guard = "hop_guard";

// Why deliveries to one row wait for a person or for another change.
struct Refusal {
    std::string code;
    std::string place;
    std::optional<RequestId> skipped = std::nullopt;  // An operator has set it aside.

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Whose the row was first.
enum class LinkOrigin {
    agency,  // The agency entered it.
    us,      // We inserted it.
};

// An agency's row that stands for a record.
struct Link {
    MappingIndex table;
    LocalKey key;
    LinkState state = LinkState::reserved;
    JournalSeq since;                       // Entry that brought it into this state.
    Image image;                            // Empty while reserved.
    std::vector<UnitIndex> unresolved;      // Units of the row whose reference no link knows yet.
    std::vector<Delivered> delivered = {};  // What forms may still put back, oldest delivery first.
    LinkOrigin origin = LinkOrigin::agency;

    friend bool operator==(const Link&, const Link&) = default;
};

struct TableRefusal {
    MappingIndex table;
    Refusal refusal;

    friend bool operator==(const TableRefusal&, const TableRefusal&) = default;
};

enum class DepartureState {
    held,     // A person decides.
    ruled,    // The rule has the other rows deleted, whoever edits them meanwhile.
    decided,  // So has a person, who has not seen any later edit: one is held again.
};

// Agencies have deleted their rows, and that may concern the others.
struct Departure {
    std::vector<MappingIndex> tables;  // Of the deleted rows, in the order of their deletions; at least one.
    JournalSeq since;                  // The entry that brought it into this state.
    DepartureState state = DepartureState::held;

    [[nodiscard]] bool is_of(MappingIndex table) const;

    friend bool operator==(const Departure&, const Departure&) = default;
};

struct Record {
    RecordId id;
    EntityIndex entity;
    std::vector<conflict::UnitHistory> units;  // One per unit of the entity.
    std::vector<Link> links;                   // At most one a table.
    std::vector<TableRefusal> refusals;        // Deliveries that wait; at most one a table.
    JournalSeq last_seq;                       // Of the last entry that changed it.
    std::optional<Departure> departure = std::nullopt;

    // Whether the other agencies' rows are to be deleted.
    [[nodiscard]] bool leaves() const { return departure && departure->state != DepartureState::held; }

    friend bool operator==(const Record&, const Record&) = default;

    [[nodiscard]] const Link* find_link(MappingIndex table) const;
    [[nodiscard]] Link* find_link(MappingIndex table);
    [[nodiscard]] const Refusal* find_refusal(MappingIndex table) const;
};

// A row of an agency, wherever it is linked.
struct LinkKey {
    MappingIndex table;
    LocalKey key;

    friend auto operator<=>(const LinkKey&, const LinkKey&) = default;
    friend bool operator==(const LinkKey&, const LinkKey&) = default;
};

// The values of one identity rule of one entity, joined without ambiguity. Personal.
struct IdentityKey {
    EntityIndex entity;
    std::size_t rule = 0;
    Value values;

    friend auto operator<=>(const IdentityKey&, const IdentityKey&) = default;
    friend bool operator==(const IdentityKey&, const IdentityKey&) = default;
};

// The newest of the rows of one key that could not be translated; how many wait.
struct ParkedRow {
    LinkKey row;
    std::size_t count = 0;
    RowParked newest;
    JournalSeq since = JournalSeq{0};  // Entry that parked it first; names it while it is parked.
    std::optional<RequestId> skipped = std::nullopt;  // An operator has set it aside.
};

// What persons decided of a row and records that it might be.
struct RowMatches {
    std::optional<RecordId> same;  // Until the row is linked, or gone.
    std::vector<RecordId> never;   // Ascending. For good: a key that comes back is not matched either.

    friend bool operator==(const RowMatches&, const RowMatches&) = default;
};

struct TableState {
    SurveyState survey = SurveyState::running;
    std::optional<LocalKey> surveyed_to;     // Resume behind this key.
    std::optional<JournalSeq> truncated_at;  // Links older than this have ended.

    friend bool operator==(const TableState&, const TableState&) = default;
};

// A maintenance window of an agency: it is neither read nor written to.
struct Pause {
    JournalSeq since;
    std::string requested_by;
    std::string reason;
    std::optional<PgTime> until;  // By the hub's clock; empty: until it is resumed.

    friend bool operator==(const Pause&, const Pause&) = default;
};

// A transaction that the breaker has stopped: the agency's stream stands before it.
struct Breaker {
    JournalSeq since;  // The entry that says so; names it for operators.
    BreakerTripped tripped;
    std::optional<ApprovedDeletions> approved = std::nullopt;  // Until the stream is past it.

    friend bool operator==(const Breaker&, const Breaker&) = default;
};

struct AgencyState {
    Lsn end_lsn;      // Merged up to here; resume and acknowledge from here. 0 before the first transaction.
    JournalSeq seen;  // Highest `to` of an echo or marker read in this agency's WAL.
    bool swept = false;
    // Of the transaction behind end_lsn this much is merged already, when it comes in parts.
    std::optional<SourcePosition> inside;
    std::optional<Pause> pause = std::nullopt;
    std::optional<Breaker> breaker = std::nullopt;

    // Whether the stream waits for a person to approve a transaction.
    [[nodiscard]] bool held() const { return breaker && !breaker->approved; }

    friend bool operator==(const AgencyState&, const AgencyState&) = default;
};

// What one record offers to be found by; kept with it in the hub.
struct RecordKeys {
    std::vector<IdentityKey> identities;
    std::vector<RecordId> references;  // Records that its values point at.

    friend bool operator==(const RecordKeys&, const RecordKeys&) = default;
};

// What of a record its projection lacks.
enum class ProjectionNeed {
    everything,   // The hub has nothing of it.
    surrounding,  // The record, and the rows around it: what it is found by and what waits for it.
    record_only,  // The rows around it are as they were.
};

}  // namespace casebridge::pipeline

template <>
struct std::hash<casebridge::pipeline::LinkKey> {
    std::size_t operator()(const casebridge::pipeline::LinkKey& link) const noexcept
    {
        return std::hash<std::string>{}(link.key.value()) * 31U + link.table.value();
    }
};

template <>
struct std::hash<casebridge::pipeline::IdentityKey> {
    std::size_t operator()(const casebridge::pipeline::IdentityKey& identity) const noexcept
    {
        return (std::hash<std::string>{}(identity.values.expose()) * 31U + identity.rule) * 31U +
               identity.entity.value();
    }
};
