#pragma once

#include "conflict/field_rule.hpp"
#include "conflict/unit_history.hpp"
#include "model/journal_entry.hpp"
#include "model/version.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

// Decides what a unit is worth.

namespace casebridge::conflict {

struct Decision {
    enum class Outcome {
        unknown,  // Nobody has said anything yet.
        stands,   // `value` stands.
        held,     // A person decides.
    };
    Outcome outcome = Outcome::unknown;
    std::optional<UnitValue> value;  // Set when the outcome is stands.
    // The version whose value stands, as its position in the span that was judged; nothing when the value was
    // computed from all of them.
    std::optional<std::size_t> winner;
    std::string_view decided_by;  // The rule of a chain that decided; empty when none had to.

    friend bool operator==(const Decision&, const Decision&) = default;
};

// What the set of unsuperseded versions is worth under a rule. A function of the set alone: not of the order
// in which the versions were read, nor of how often. That is what makes agencies converge.
[[nodiscard]] Decision judge(std::span<const Version> open, const FieldRule& rule);

// The unit's golden value as it stood for `agency` at the point of its WAL where an echo or marker `to` was
// read: the rule over the versions with seq at or below `to` or by the agency itself, without those that one
// of these superseded. Nothing when that is unknown or held.
[[nodiscard]] std::optional<UnitValue> golden_as_of(
    const UnitHistory& history, const FieldRule& rule, const AgencyId& agency, JournalSeq to
);

// Whether a transaction that we wrote at `to` may have given the agency's row the value: what stood for it
// there or later, or what another agency ever wrote, as far as the history remembers.
[[nodiscard]] bool could_have_written(
    const UnitHistory& history,
    const FieldRule& rule,
    const AgencyId& agency,
    JournalSeq to,
    const UnitValue& value
);

// A change of a unit by one agency, as observed in its WAL.
struct Change {
    AgencyId author;
    UnitValue value;
    std::optional<PgTime> commit_time;  // Empty: the time of change is unknown (survey).
    JournalSeq seen;                    // The author's database had been dealt with up to here.
    bool authority_linked = false;      // The agency named by an authority rule has a row of this record.
    bool in_our_transaction = false;    // A trigger's, default's or cast's work on what we wrote.
    // What the author's row said before the change; nothing when that is not certain.
    std::optional<UnitValue> base = std::nullopt;
    // A stale form's: whoever filled it in had not seen versions of others from here on, although the
    // author's database had them.
    std::optional<JournalSeq> unseen_from = std::nullopt;
};

// What a change does to a unit's versions.
struct Merge {
    enum class Causality {
        causal,      // The author's database had every open version.
        concurrent,  // It lacked at least one of a different value: a conflict, which `type` callers name.
        agreeing,    // It lacked some, and all of those have the same value.
    };
    Causality causality = Causality::causal;
    VersionAdded added;  // Its unit is left for the caller to set.
};

// Merges one change by causality: it supersedes the versions that its author's database had and stands beside
// the others. Under `authority`, while that agency is linked, its edits supersede everything and every other
// agency's edit is recorded, and rejected or proposed.
[[nodiscard]] Merge merge_change(const UnitHistory& history, const FieldRule& rule, const Change& change);

// Whether the author's database lacked an open version of somebody else's, whatever its value.
[[nodiscard]] bool lacked_another(const UnitHistory& history, const Change& change);

// The hop guard: whether an argument with the agency's database over this unit has to end, because it
// answered what we wrote with another value more than three times in a row. An edit by anybody that is not
// such an answer, or the agency's agreement, begins anew; so does an answer that comes more than a week after
// the last.
[[nodiscard]] bool argues(const UnitHistory& history, const AgencyId& agency);

// Applies the added version to the history. `seq` is that of the entry. An agency's newest word replaces what
// it proposed before; what comes to stand is no proposal any more.
void apply_version(UnitHistory& history, const VersionAdded& added, const AgencyId& author, JournalSeq seq);

// Under `union` a decision is an edit of the set that the person saw: what was put in since stays, what was
// taken out since stays out. `seen` are the versions that the person saw.
void tag_decision(
    const UnitHistory& history, const FieldRule& rule, std::span<const JournalSeq> seen, VersionAdded& added
);

// Applies what a person decided; `author` is whose value was taken, empty for the person's own. Every
// argument with an agency's database begins anew. What a person chose has no tally and is not suspect; what
// is given back unchanged, because somebody else's word was taken away, keeps both.
void apply_decision(UnitHistory& history, const VersionAdded& added, const AgencyId& author, JournalSeq seq);

// A person rejected it; nothing when it is none any more.
void reject_proposal(UnitHistory& history, JournalSeq proposal);

// Forgets superseded versions that every agency has: those replaced at or below `had_by_all`. Keeps their
// greatest stamp, because stamps must go on growing over them.
void prune(UnitHistory& history, JournalSeq had_by_all);

}  // namespace casebridge::conflict
