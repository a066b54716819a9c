#include "pipeline/lane_informer.hpp"
#include "pipeline/operator_request.hpp"
#include "tests/simulation/sim_daemon.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

// A person who looks at what the hub shows of deletions and of what the breaker has stopped, and decides one
// now and then.

namespace casebridge::simulation {

bool SimDaemon::decide_deletion()
{
    if (turn_)
        return false;
    const auto& shown = world_.hub.replayed().records;
    auto ids = shown.unprojected();
    std::erase_if(ids, [&](RecordId id) {
        const auto& departure = shown.find(id)->departure;
        return !departure || departure->state != pipeline::DepartureState::held;
    });
    if (ids.empty())
        return false;
    std::ranges::sort(ids);
    const auto record = world_.dice.pick(ids);
    const std::vector choices{
        DeletionChoice::keep, DeletionChoice::remove, DeletionChoice::remove, DeletionChoice::restore};
    pipeline::OperatorRequest request;
    request.note.id = RequestId{state_->last_seq.value() + 1};
    request.note.kind = pipeline::decide_deletion_kind;
    request.note.deadline = PgTime{std::numeric_limits<std::int64_t>::max()};
    const auto& looked_at = *shown.find(record);
    request.body = pipeline::DecideDeletion{
        record, looked_at.departure->since, world_.dice.pick(choices), looked_at.last_seq};
    load(pipeline::request_demand(*state_, request));
    pipeline::EntryLog log{*state_};
    (void)pipeline::answer_request(request, PgTime{0}, {}, log);
    pipeline::inform_lanes(*state_, lanes_, log.entries(), std::nullopt);
    decide(log, [] {});
    return true;
}

bool SimDaemon::approve_breaker(const AgencyId& agency)
{
    const auto& shown = world_.hub.replayed().agencies.at(agency);
    if (turn_ || !shown.held())
        return false;
    pipeline::OperatorRequest request;
    request.note.id = RequestId{state_->last_seq.value() + 1};
    request.note.kind = pipeline::approve_breaker_kind;
    request.note.deadline = PgTime{std::numeric_limits<std::int64_t>::max()};
    const auto deletions = world_.dice.one_in(4) ? ApprovedDeletions::hold : ApprovedDeletions::follow;
    request.body = pipeline::ApproveBreaker{agency, shown.breaker->since, deletions};
    pipeline::EntryLog log{*state_};
    (void)pipeline::answer_request(request, PgTime{0}, {}, log);
    decide(log, [] {});
    return true;
}

}  // namespace casebridge::simulation
