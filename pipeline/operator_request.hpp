#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/entry_log.hpp"
#include "pipeline/link_split.hpp"
#include "pipeline/match_decision.hpp"
#include "pipeline/parked_requests.hpp"
#include "pipeline/proposal_decision.hpp"
#include "pipeline/value_decision.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

// What operators ask for through the hub's inbox, and what becomes of it. A further kind of request is a word
// in request_kinds, an alternative of RequestBody, a reader in hub/inbox.cpp and an answer in
// operator_request.cpp.

namespace casebridge::pipeline {

inline constexpr std::string_view pause_kind = "pause";
inline constexpr std::string_view resume_kind = "resume";
inline constexpr std::string_view reload_kind = "reload";
inline constexpr std::string_view prune_kind = "prune";
inline constexpr std::string_view decide_kind = "decide";
inline constexpr std::string_view retry_kind = "retry";
inline constexpr std::string_view skip_kind = "skip";
inline constexpr std::string_view match_kind = "match";
inline constexpr std::string_view decide_deletion_kind = "decide_deletion";
inline constexpr std::string_view reject_proposal_kind = "reject_proposal";
inline constexpr std::string_view approve_breaker_kind = "approve_breaker";
inline constexpr std::string_view split_link_kind = "split_link";
inline constexpr std::array request_kinds{
    pause_kind,
    resume_kind,
    reload_kind,
    prune_kind,
    decide_kind,
    retry_kind,
    skip_kind,
    match_kind,
    decide_deletion_kind,
    reject_proposal_kind,
    approve_breaker_kind,
    split_link_kind};

// The kind if this program knows it, otherwise `unknown`: a text from the inbox is not fit for a log.
[[nodiscard]] std::string_view known_kind(std::string_view kind);

// A maintenance window of an agency begins; if one is open already, it goes on as asked for now.
struct PauseAgency {
    AgencyId agency;
    std::optional<std::chrono::seconds> lasts;  // Empty: until it is resumed.
};

struct ResumeAgency {
    AgencyId agency;
};

// The configuration files are to be read again. Only the shell can do that.
struct ReloadConfiguration {};

// What is older than the retention settings allow is to be let go of. Only the shell can do that.
struct PruneJournal {};

// What follows from the deletion that is held for a record.
struct DecideDeletion {
    RecordId record;
    JournalSeq deletion;  // The one that the person looked at.
    DeletionChoice choice = DeletionChoice::keep;
    // The record's last entry when the person looked. What somebody has written since is not deleted unseen:
    // a removal without it, or with an older one, is refused.
    std::optional<JournalSeq> seen = std::nullopt;
};

// The transaction that the breaker has stopped may be merged.
struct ApproveBreaker {
    AgencyId agency;
    JournalSeq breaker;  // The one that the person looked at.
    ApprovedDeletions deletions = ApprovedDeletions::follow;
};

// A kind that this program does not know, or a payload that is not of its kind.
struct NotUnderstood {
    std::string why;  // For the operator; quotes nothing of the request.
};

using RequestBody = std::variant<
    PauseAgency,
    ResumeAgency,
    ReloadConfiguration,
    PruneJournal,
    DecideValue,
    RetryParked,
    SkipParked,
    DecideMatch,
    DecideDeletion,
    RejectProposal,
    ApproveBreaker,
    SplitLink,
    NotUnderstood>;

struct OperatorRequest {
    RequestNote note;
    RequestBody body;
};

enum class Answered {
    here,
    by_the_shell,  // Nothing was written: the shell carries it out and answers.
};

// What the leader has read for a request, and knows beside the state.
struct Known {
    std::span<const Entry> entries = {};            // Those of request_entries() that can still be read.
    std::span<const RecordHistory> histories = {};  // Those of request_histories().
    const Lanes* lanes = nullptr;                   // Of all agencies; a split needs them. Not owned.
};

// What must be in memory before the request is carried out. To be asked again after every answer, and again
// with the histories.
[[nodiscard]] Demand request_demand(
    const BridgeState& state, const OperatorRequest& request, std::span<const RecordHistory> histories = {}
);

// The entries of the journal that it refers to; its demand is answered.
[[nodiscard]] std::vector<JournalSeq> request_entries(
    const BridgeState& state, const OperatorRequest& request
);

// The records of which it needs all that the journal says.
[[nodiscard]] std::vector<RecordId> request_histories(
    const BridgeState& state, const OperatorRequest& request
);

// Carries a request out: writes the entries of its effect and the answer. `now` is the hub's clock; what is
// due by then is answered `expired`, whatever it asks for.
[[nodiscard]] Answered answer_request(
    const OperatorRequest& request, PgTime now, const Known& known, EntryLog& log
);

// Ends the windows whose end has come.
void resume_due(PgTime now, EntryLog& log);

// When the next window ends; nothing when none has an end.
[[nodiscard]] std::optional<PgTime> next_resume(const BridgeState& state);

}  // namespace casebridge::pipeline
