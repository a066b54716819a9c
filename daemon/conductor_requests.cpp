#include "connectors/libpq/task_scope.hpp"
#include "daemon/conductor.hpp"
#include "hub/record_history.hpp"
#include "pipeline/lane_informer.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <span>
#include <utility>

// What operators ask for, and the pauses that follow from it.

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

constexpr std::size_t requests_at_once = 100;

awaitable<void> notified(libpq::Connection& connection)
{
    static_cast<void>(co_await connection.next_notification());
}

}  // namespace

awaitable<std::vector<pipeline::OperatorRequest>> Conductor::answer_requests(
    std::optional<RequestId> under_way
)
{
    co_return co_await uninterrupted(answer_requests_now(under_way));
}

awaitable<hub::Standing> Conductor::standing_requests()
{
    asking_hub_since_ = std::chrono::steady_clock::now();
    try {
        auto standing = co_await hub::standing_requests(*reading_, requests_at_once);
        asking_hub_since_.reset();
        co_return standing;
    } catch (const libpq::DatabaseError& error) {
        lost_ = error.error();
        throw;
    }
}

// Before anything is written: what is being decided must not be loaded over.
awaitable<void> Conductor::load_records_for(
    const std::vector<pipeline::OperatorRequest>& requests,
    const std::vector<pipeline::RecordHistory>& histories
)
{
    for (;;) {
        pipeline::Demand demand;
        for (const auto& request : requests) {
            auto wanted = pipeline::request_demand(*state_, request, histories);
            std::ranges::move(wanted.records, std::back_inserter(demand.records));
            std::ranges::move(wanted.links, std::back_inserter(demand.links));
            std::ranges::move(wanted.identities, std::back_inserter(demand.identities));
            std::ranges::move(wanted.referrers_of, std::back_inserter(demand.referrers_of));
        }
        if (demand.empty())
            co_return;
        co_await load(std::move(demand));
    }
}

awaitable<Conductor::LookedUp> Conductor::load_for(const std::vector<pipeline::OperatorRequest>& requests)
{
    LookedUp found;
    co_await load_records_for(requests, found.histories);
    std::set<RecordId> records;
    std::vector<JournalSeq> seqs;
    for (const auto& request : requests) {
        std::ranges::copy(
            pipeline::request_histories(*state_, request), std::inserter(records, records.end())
        );
        std::ranges::copy(pipeline::request_entries(*state_, request), std::back_inserter(seqs));
    }
    asking_hub_since_ = std::chrono::steady_clock::now();
    try {
        found.entries = co_await hub::find_entries(*reading_, codec_, std::move(seqs));
        for (const auto record : records)
            found.histories.push_back(co_await hub::read_history(*reading_, codec_.names(), record));
        asking_hub_since_.reset();
    } catch (const libpq::DatabaseError& error) {
        lost_ = error.error();
        throw;
    }
    co_await load_records_for(requests, found.histories);
    co_return found;
}

awaitable<std::vector<pipeline::OperatorRequest>> Conductor::answer_requests_now(
    std::optional<RequestId> under_way
)
{
    const auto turn = co_await take_turn();
    std::vector<pipeline::OperatorRequest> left;
    for (bool more = true; more;) {
        const auto standing = co_await standing_requests();
        const auto looked_up = co_await load_for(standing.requests);
        pipeline::EntryLog log{*state_};
        pipeline::resume_due(standing.now, log);
        left.clear();
        for (const auto& request : standing.requests) {
            if (request.note.id == under_way)
                continue;
            const auto before = log.entries().size();
            const pipeline::Known known{looked_up.entries, looked_up.histories, &lanes_};
            if (pipeline::answer_request(request, standing.now, known, log) ==
                pipeline::Answered::by_the_shell)
                left.push_back(request);
            pipeline::inform_lanes(*state_, lanes_, std::span{log.entries()}.subspan(before), std::nullopt);
        }
        co_await append(log);
        state_->records.forget_questions();
        next_resume_.reset();
        if (const auto next = pipeline::next_resume(*state_))
            next_resume_ = std::chrono::steady_clock::now() +
                           std::chrono::microseconds{next->value() - standing.now.value()};
        more = standing.requests.size() == requests_at_once && left.size() < requests_at_once;
    }
    pause_changed_.notify();
    co_return left;
}

awaitable<void> Conductor::answer_request(RequestAnswered answer)
{
    co_await uninterrupted(write_alone(std::move(answer)));
}

awaitable<void> Conductor::write_alone(EntryBody body)
{
    const auto turn = co_await take_turn();
    pipeline::EntryLog log{*state_};
    log.write(std::move(body));
    co_await append(log);
}

awaitable<void> Conductor::announce(JournalPruned pruning)
{
    co_await uninterrupted(write_alone(pruning));
}

awaitable<void> Conductor::request_arrived()
{
    // Beyond this clocks are compared anew.
    constexpr std::chrono::milliseconds wait_max = std::chrono::hours{1};
    constexpr std::chrono::milliseconds wait_min{1};
    std::optional<Error> failure;
    try {
        auto arrived = notified(*listening_);
        if (!next_resume_) {
            co_await std::move(arrived);
            co_return;
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(*next_resume_ - std::chrono::steady_clock::now());
        co_await libpq::within(std::clamp(left, wait_min, wait_max), "waiting", std::move(arrived));
    } catch (const libpq::Timeout&) {
        co_return;  // A pause is over.
    } catch (const libpq::DatabaseError& error) {
        failure = error.error();
    }
    if (failure)
        throw HubLost{*failure};
}

awaitable<void> Conductor::until_paused(AgencyId agency)
{
    while (!paused(agency))
        co_await pause_changed_.wait();
}

awaitable<void> Conductor::while_held(AgencyId agency)
{
    while (held(agency) && !paused(agency))
        co_await pause_changed_.wait();
}

awaitable<void> Conductor::until_resumed(AgencyId agency)
{
    while (paused(agency))
        co_await pause_changed_.wait();
}

}  // namespace casebridge::daemon
