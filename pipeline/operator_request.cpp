#include "pipeline/operator_request.hpp"

#include "model/assert.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::pipeline {

namespace {

constexpr auto no_such_agency = "the bridge has no agency of that name";

// Carries out one request, each kind in its own way.
class Executor {
public:
    Executor(const RequestNote& note, PgTime now, const Known& known, EntryLog& log)
        : note_(note), now_(now), known_(known), log_(log)
    {
    }

    Answered operator()(const PauseAgency& request)
    {
        const auto* agency = find(request.agency);
        if (agency == nullptr)
            return answer(RequestOutcome::refused, no_such_agency);
        std::string text = request.agency.value() + " is paused";
        AgencyPaused paused{request.agency, note_.id, note_.requested_by, note_.reason, std::nullopt};
        if (request.lasts) {
            const std::chrono::microseconds lasts = *request.lasts;
            paused.until = PgTime{now_.value() + lasts.count()};
            text += " until " + to_utc_text(*paused.until);
        }
        if (agency->pause)
            text += " (it was, by " + agency->pause->requested_by + "; now it is yours)";
        text +=
            "; its connections close when the delivery under way is answered; its server keeps WAL for us "
            "until it "
            "is resumed";
        log_.write(std::move(paused));
        return answer(RequestOutcome::done, std::move(text));
    }

    Answered operator()(const ResumeAgency& request)
    {
        const auto* agency = find(request.agency);
        if (agency == nullptr)
            return answer(RequestOutcome::refused, no_such_agency);
        if (!agency->pause)
            return answer(
                RequestOutcome::done, request.agency.value() + " was not paused; nothing has changed"
            );
        log_.write(AgencyResumed{request.agency, note_.id});
        return answer(RequestOutcome::done, request.agency.value() + " is read and written to again");
    }

    Answered operator()(const ReloadConfiguration&) { return Answered::by_the_shell; }

    Answered operator()(const PruneJournal&) { return Answered::by_the_shell; }

    Answered operator()(const DecideValue& request)
    {
        auto decision = decide_value(request, note_.id, now_, known_.entries, log_);
        return answer(decision.outcome, std::move(decision.text));
    }

    Answered operator()(const RetryParked& request)
    {
        auto retried = retry_parked(request, log_);
        return answer(retried.outcome, std::move(retried.text));
    }

    Answered operator()(const SkipParked& request)
    {
        auto skipped = skip_parked(request, note_.id, log_);
        return answer(skipped.outcome, std::move(skipped.text));
    }

    Answered operator()(const DecideMatch& request)
    {
        auto decision = decide_match(request, note_.id, log_);
        return answer(decision.outcome, std::move(decision.text));
    }

    Answered operator()(const DecideDeletion& request)
    {
        const auto* record = std::as_const(log_).state().records.find(request.record);
        if (record == nullptr)
            return answer(RequestOutcome::refused, "there is no record of that number");
        const auto& departure = record->departure;
        if (!departure || departure->state != DepartureState::held || departure->since != request.deletion)
            return answer(
                RequestOutcome::refused, "no deletion of that number is held for the record; look again"
            );
        if (request.choice == DeletionChoice::remove && written_behind(*record, request.seen))
            return answer(
                RequestOutcome::refused,
                "somebody has edited the record since you looked, or it is not said when you did; look again"
            );
        log_.write(DeletionDecided{note_.id, record->entity, request.record, request.deletion, request.choice}
        );
        return answer(RequestOutcome::done, std::string{consequence(request.choice)});
    }

    Answered operator()(const RejectProposal& request)
    {
        auto decision = reject_proposal(request, note_.id, log_);
        return answer(decision.outcome, std::move(decision.text));
    }

    Answered operator()(const ApproveBreaker& request)
    {
        const auto* agency = find(request.agency);
        if (agency == nullptr)
            return answer(RequestOutcome::refused, no_such_agency);
        if (!agency->held() || agency->breaker->since != request.breaker)
            return answer(
                RequestOutcome::refused,
                "no transaction of that number waits for an approval at the agency; look again"
            );
        log_.write(BreakerApproved{note_.id, request.agency, request.breaker, request.deletions});
        return answer(RequestOutcome::done, request.agency.value() + consequence(request.deletions));
    }

    Answered operator()(const SplitLink& request)
    {
        CASEBRIDGE_ASSERT(known_.lanes != nullptr);
        auto split = split_link(request, note_.id, now_, known_.histories, *known_.lanes, log_);
        return answer(split.outcome, std::move(split.text));
    }

    Answered operator()(const NotUnderstood& request) { return answer(RequestOutcome::refused, request.why); }

    Answered answer(RequestOutcome outcome, std::string text)
    {
        log_.write(RequestAnswered{note_, outcome, std::move(text)});
        return Answered::here;
    }

private:
    static bool written_behind(const Record& record, std::optional<JournalSeq> seen)
    {
        return std::ranges::any_of(record.units, [&](const conflict::UnitHistory& unit) {
            return std::ranges::any_of(unit.open, [&](const Version& version) {
                return !seen || version.seq > *seen;
            });
        });
    }

    static std::string_view consequence(DeletionChoice choice)
    {
        switch (choice) {
            case DeletionChoice::keep:
                return "the other agencies keep their rows";
            case DeletionChoice::remove:
                return "the rows of the other agencies are deleted, where mapping and agreement permit it";
            case DeletionChoice::restore:
                return "who has deleted the row gets one again, where the mapping creates one";
        }
        return {};
    }

    static std::string consequence(ApprovedDeletions deletions)
    {
        switch (deletions) {
            case ApprovedDeletions::follow:
                return " is read again, from that transaction on";
            case ApprovedDeletions::hold:
                return " is read again, from that transaction on; each of its deletions is held for a person";
        }
        return {};
    }

    [[nodiscard]] const AgencyState* find(const AgencyId& agency) const
    {
        const auto& agencies = std::as_const(log_).state().agencies;
        const auto found = agencies.find(agency);
        return found == agencies.end() ? nullptr : &found->second;
    }

    const RequestNote& note_;
    PgTime now_;
    const Known& known_;
    EntryLog& log_;
};

}  // namespace

std::string_view known_kind(std::string_view kind)
{
    return std::ranges::find(request_kinds, kind) == request_kinds.end() ? "unknown" : kind;
}

Demand request_demand(
    const BridgeState& state, const OperatorRequest& request, std::span<const RecordHistory> histories
)
{
    if (const auto* split = std::get_if<SplitLink>(&request.body))
        return split_demand(state, *split, histories);
    if (const auto* match = std::get_if<DecideMatch>(&request.body))
        return match_demand(state, *match);
    if (const auto* decision = std::get_if<DecideValue>(&request.body))
        return decision_demand(state, *decision);
    if (const auto* rejection = std::get_if<RejectProposal>(&request.body))
        return proposal_demand(state, *rejection);
    if (const auto* retry = std::get_if<RetryParked>(&request.body))
        return parked_demand(state, retry->names);
    if (const auto* skip = std::get_if<SkipParked>(&request.body))
        return parked_demand(state, skip->names);
    Demand demand;
    if (const auto* deletion = std::get_if<DecideDeletion>(&request.body);
        deletion != nullptr && !state.records.knows(deletion->record))
        demand.records.push_back(deletion->record);
    return demand;
}

std::vector<JournalSeq> request_entries(const BridgeState& state, const OperatorRequest& request)
{
    const auto* decision = std::get_if<DecideValue>(&request.body);
    return decision == nullptr ? std::vector<JournalSeq>{} : decision_entries(state, *decision);
}

std::vector<RecordId> request_histories(const BridgeState& state, const OperatorRequest& request)
{
    const auto* split = std::get_if<SplitLink>(&request.body);
    const bool known = split != nullptr && state.records.find(split->record) != nullptr;
    return known ? std::vector{split->record} : std::vector<RecordId>{};
}

Answered answer_request(const OperatorRequest& request, PgTime now, const Known& known, EntryLog& log)
{
    Executor executor{request.note, now, known, log};
    if (request.note.deadline <= now)
        return executor.answer(RequestOutcome::expired, "no leader has carried it out before the deadline");
    return std::visit(executor, request.body);
}

void resume_due(PgTime now, EntryLog& log)
{
    std::vector<AgencyId> due;
    for (const auto& [agency, state] : std::as_const(log).state().agencies)
        if (state.pause && state.pause->until && *state.pause->until <= now)
            due.push_back(agency);
    for (const auto& agency : due)
        log.write(AgencyResumed{agency, std::nullopt});
}

std::optional<PgTime> next_resume(const BridgeState& state)
{
    std::optional<PgTime> next;
    for (const auto& [agency, known] : state.agencies)
        if (known.pause && known.pause->until && (!next || *known.pause->until < *next))
            next = known.pause->until;
    return next;
}

}  // namespace casebridge::pipeline
