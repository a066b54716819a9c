#include "pipeline/delivery_settlement.hpp"
#include "tests/simulation/sim_daemon.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>
#include <utility>

// The life of one agency's lane, as daemon/agency_lane.cpp leads it.

namespace casebridge::simulation {
namespace {

// Fewer than the real one allows, so that the bound is reached.
constexpr std::size_t pending_max = 4;

const std::chrono::year_month_day today{std::chrono::year{2026}, std::chrono::month{3}, std::chrono::day{1}};

}  // namespace

bool SimDaemon::lane_step(const AgencyId& agency)
{
    auto& client = clients_.at(agency);
    auto& session = world_.sites.at(agency).session;
    using Phase = LaneSession::Phase;
    switch (client.stage) {
        case LaneClient::Stage::closed:
            return world_.time.now_us >= client.retry_at_us && open_session(agency, client);
        case LaneClient::Stage::opened:
            return !turn_ && attach(agency, client);
        case LaneClient::Stage::marker_sent:
            if (session->phase() != Phase::answered)
                return false;
            (void)session->take_answer();
            client.stage = LaneClient::Stage::ready;
            client.life.progress_made();
            return true;
        case LaneClient::Stage::ready:
            return !turn_ && plan(agency, client);
        case LaneClient::Stage::delivering:
            if (session->phase() == Phase::written) {
                session->send_commit();
                return true;
            }
            return session->phase() == Phase::answered && !turn_ && settle(agency, client);
        case LaneClient::Stage::resending:
            if (session)
                return false;
            return open_session(agency, client);
        case LaneClient::Stage::attaching:
        case LaneClient::Stage::planning:
        case LaneClient::Stage::settling:
            return false;  // Until its turn has ended.
    }
    return false;
}

bool SimDaemon::open_session(const AgencyId& agency, LaneClient& client)
{
    auto& site = world_.sites.at(agency);
    lanes_.at(agency).detached();
    client.keys.clear();
    if (site.session) {
        world_.occurrences.count("fault origin_in_use");
        world_.trace("lane", [&] { return agency.value() + " finds its origin held by an old session"; });
        retry_later(client.life, client.retry_at_us, "55006");
        return true;
    }
    const auto resent = client.stage == LaneClient::Stage::resending;
    site.session = std::make_unique<LaneSession>(site.agency, world_.occurrences);
    client.flushed = site.agency.progress;
    client.stage = LaneClient::Stage::opened;
    if (resent && !resend_.tables.empty()) {
        site.session->ask(resend_);
        client.stage = LaneClient::Stage::delivering;
    }
    return true;
}

bool SimDaemon::attach(const AgencyId& agency, LaneClient& client)
{
    auto& lane = lanes_.at(agency);
    if (client.flushed > state_->last_seq)
        throw Violation{"position_advances", agency.value() + " was written to from a later journal"};
    pipeline::EntryLog log{*state_};
    if (state_->last_seq <= std::max(client.flushed, lane.last_to()))
        log.write(LaneReason{agency});
    client.stage = LaneClient::Stage::attaching;
    decide(log, [this, agency] {
        auto& attached = clients_.at(agency);
        lanes_.at(agency).attached(attached.flushed, state_->last_seq);
        world_.sites.at(agency).session->ask_marker(state_->last_seq);
        world_.ledger.planned(world_, agency, state_->last_seq);
        attached.stage = LaneClient::Stage::marker_sent;
        world_.trace("lane", [&] {
            return agency.value() + " sends marker " + std::to_string(state_->last_seq.value());
        });
    });
    return true;
}

bool SimDaemon::plan(const AgencyId& agency, LaneClient& client)
{
    auto& lane = lanes_.at(agency);
    const bool something = !lane.queue().empty() || !lane.newly_linked.empty() || lane.marker_asked();
    const bool may = lane.phase() == pipeline::Lane::Phase::ready && lane.pending_count() < pending_max;
    if (!something || !may)
        return false;
    const pipeline::PlanRequest request{agency, client.rows_max, today};
    for (int round = 0;; ++round) {
        const auto demand = pipeline::plan_demand(*state_, lane, request);
        if (demand.empty())
            break;
        if (round > 20)
            throw Violation{"falls_silent", "demands without end"};
        load(demand);
    }
    pipeline::EntryLog log{*state_};
    auto planned = pipeline::plan_delivery(lane, request, client.keys, log);
    if (planned.without_agreement > 0)
        world_.occurrences.count("delivery without_agreement");
    client.stage = LaneClient::Stage::planning;
    decide(log, [this, agency, planned = std::move(planned)] { send(agency, clients_.at(agency), planned); });
    return true;
}

void SimDaemon::send(const AgencyId& agency, LaneClient& client, pipeline::Planned planned)
{
    client.stage = LaneClient::Stage::ready;
    auto& site = world_.sites.at(agency);
    for (const auto& [table, count] : planned.wanted) {
        world_.occurrences.count("delivery keys_fetched");
        for (std::size_t i = 0; i < count + world_.dice.below(2); ++i)
            client.keys[table].emplace_back(site.agency.new_key());
    }
    if (!planned.plan)
        return;
    auto& plan = *planned.plan;
    spoil(agency, plan);
    world_.trace("lane", [&] {
        return agency.value() + (plan.marker_only ? " sends marker " : " sends delivery ") +
               std::to_string(plan.to.value()) + " with " + std::to_string(plan.row_count()) + " rows";
    });
    world_.occurrences.count(plan.marker_only ? "delivery marker" : "delivery rows");
    world_.ledger.planned(world_, agency, plan.to);
    client.stage = LaneClient::Stage::delivering;
    if (plan.marker_only)
        site.session->ask_marker(plan.to);
    else
        site.session->ask(std::move(plan));
}

void SimDaemon::spoil(const AgencyId& agency, pipeline::DeliveryPlan& plan)
{
    switch (world_.broken) {
        case BrokenCore::strips_expectations:
            for (auto& writes : plan.tables)
                for (auto& update : writes.updates)
                    update.expectations.clear();
            return;
        case BrokenCore::deletes_without_looking:
            for (auto& writes : plan.tables)
                for (auto& deletion : writes.deletes)
                    deletion.expectations.clear();
            return;
        case BrokenCore::positions_too_high:
            if (world_.dice.one_in(3))
                plan.to = JournalSeq{std::max(plan.to.value(), state_->last_seq.value()) + 4};
            return;
        case BrokenCore::writes_half_a_group:
            for (auto& writes : plan.tables)
                if (writes.table == north_people)
                    for (auto& update : writes.updates)
                        std::erase_if(update.writes, [&](const pipeline::SlotWrite& write) {
                            return write.slot == north_person::family && update.writes.size() > 1;
                        });
            return;
        case BrokenCore::forgets_pending:
            for (const auto record : lanes_.at(agency).not_sent(plan.to))
                lanes_.at(agency).enqueue({record, state_->last_seq, state_->last_seq, std::nullopt, true});
            return;
        default:
            return;
    }
}

bool SimDaemon::settle(const AgencyId& agency, LaneClient& client)
{
    auto& site = world_.sites.at(agency);
    const auto plan = site.session->plan();
    const auto outcome = site.session->take_answer();
    client.stage = LaneClient::Stage::ready;
    client.life.progress_made();
    if (world_.broken == BrokenCore::image_by_sending)
        for (const auto& writes : plan.tables)
            for (const auto& update : writes.updates)
                if (state_->records.find(update.record) != nullptr)
                    state_->records.change(update.record, [&](pipeline::Record& record) {
                        for (const auto& write : update.writes)
                            record.find_link(writes.table)->image[write.slot] = write.value;
                    });
    if (outcome.missed.empty() && outcome.refused.empty() && outcome.deferred.empty())
        return true;
    pipeline::Demand demand;
    for (const auto record : outcome.missed)
        if (!state_->records.knows(record))
            demand.records.push_back(record);
    for (const auto& refusal : outcome.refused)
        if (!state_->records.knows(refusal.record))
            demand.records.push_back(refusal.record);
    load(demand);
    world_.trace("lane", [&] {
        return agency.value() + " is told of " + std::to_string(outcome.missed.size()) + " misses, " +
               std::to_string(outcome.refused.size()) + " refusals, " +
               std::to_string(outcome.deferred.size()) + " deferrals";
    });
    pipeline::EntryLog log{*state_};
    pipeline::settle_delivery(lanes_.at(agency), agency, outcome, log);
    client.stage = LaneClient::Stage::settling;
    decide(log, [this, agency] { clients_.at(agency).stage = LaneClient::Stage::ready; });
    return true;
}

bool SimDaemon::beat(const AgencyId& agency)
{
    auto& lane = lanes_.at(agency);
    if (clients_.at(agency).stage != LaneClient::Stage::ready ||
        lane.phase() != pipeline::Lane::Phase::ready || !lane.idle() || lane.marker_asked())
        return false;
    lane.ask_for_marker();
    world_.occurrences.count("delivery heartbeat");
    world_.trace("lane", [&] { return agency.value() + " is due a heartbeat"; });
    return true;
}

// Not a turn: it may come while another decision becomes durable.
bool SimDaemon::release_deferred(const AgencyId& agency)
{
    auto& lane = lanes_.at(agency);
    if (!lane.has_deferred() || world_.broken == BrokenCore::never_releases_deferred)
        return false;
    for (const auto record : lane.release_deferred())
        lane.enqueue({record, state_->last_seq, state_->last_seq, std::nullopt, true});
    world_.trace("lane", [&] { return agency.value() + " compares deferred rows again"; });
    return true;
}

bool SimDaemon::delivery_fails(const AgencyId& agency)
{
    auto& client = clients_.at(agency);
    auto& site = world_.sites.at(agency);
    if (turn_ || client.stage != LaneClient::Stage::delivering || !site.session ||
        (site.session->phase() != LaneSession::Phase::asked &&
         site.session->phase() != LaneSession::Phase::written))
        return false;
    world_.trace("fault", [&] { return "the delivery to " + agency.value() + " is rolled back"; });
    world_.occurrences.count("fault delivery_rolled_back");
    const auto plan = site.session->plan();
    site.session->abort();
    site.session.reset();
    pipeline::withdraw_delivery(lanes_.at(agency), plan, *state_);
    client.stage = LaneClient::Stage::closed;
    retry_later(client.life, client.retry_at_us, "40001");
    return true;
}

bool SimDaemon::lose_lane(const AgencyId& agency)
{
    auto& client = clients_.at(agency);
    auto& site = world_.sites.at(agency);
    using Stage = LaneClient::Stage;
    const bool in_turn = client.stage == Stage::attaching || client.stage == Stage::planning ||
                         client.stage == Stage::settling;
    if (turn_ || in_turn || client.stage == Stage::closed || client.stage == Stage::resending ||
        !site.session)
        return false;
    const auto phase = site.session->phase();
    const bool delivering = client.stage == Stage::delivering;
    site.session->client_vanishes();
    client.stage = Stage::closed;
    retry_later(client.life, client.retry_at_us, "connection_lost");
    world_.trace("fault", [&] { return "the lane session of " + agency.value() + " is lost"; });
    switch (phase) {
        case LaneSession::Phase::idle:
            world_.occurrences.count("fault lane_lost");
            return true;
        case LaneSession::Phase::asked:
        case LaneSession::Phase::written:
            world_.occurrences.count("fault lane_lost_before_commit");
            pipeline::withdraw_delivery(lanes_.at(agency), site.session->plan(), *state_);
            return true;
        case LaneSession::Phase::committing:
        case LaneSession::Phase::answered:
            world_.occurrences.count("fault answer_to_commit_lost");
            if (world_.broken == BrokenCore::sends_again_after_lost_answers && delivering) {
                resend_ = site.session->plan();
                client.stage = Stage::resending;
            }
            return true;
    }
    return true;
}

}  // namespace casebridge::simulation
