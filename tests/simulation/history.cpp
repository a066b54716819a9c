#include "tests/simulation/history.hpp"

#include "tests/simulation/actions.hpp"
#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/edits.hpp"
#include "tests/simulation/sim_daemon.hpp"
#include "tests/simulation/workload.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace casebridge::simulation {
namespace {

constexpr std::size_t steps_min = 100;
constexpr std::size_t steps_for_each_further_agency = 60;
constexpr std::size_t rounds_to_rest_max = 2'000;

class History {
public:
    History(std::uint64_t seed, BrokenCore broken, Trace::Mode mode, std::optional<std::size_t> agencies)
        : world_(seed, broken, mode, agencies), deck_(world_.dice)
    {
        const std::int64_t spread = world_.dice.one_in(2) ? 300'000 : 8'000'000;
        for (const auto& agency : world_.definition.agencies) {
            const auto offset =
                static_cast<std::int64_t>(world_.dice.below(static_cast<std::size_t>(2 * spread))) - spread;
            const auto drift = static_cast<std::int64_t>(world_.dice.below(401)) - 200;
            world_.sites.emplace(
                agency,
                AgencySite(SimAgency{
                    agency, AgencyClock{offset, drift}
            })
            );
        }
        population_.people = 1 + world_.dice.below(3);
        population_.homes = 1 + world_.dice.below(2);
        population_.poison_one_in = world_.dice.one_in(2) ? 30 : 6;
    }

    void live(HistoryResult& result)
    {
        try {
            begin();
            const auto more = world_.definition.agencies.size() - 2;
            const auto steps = steps_min + world_.dice.below(150) + more * steps_for_each_further_agency;
            while (step_ < steps)
                step(deck_.draw(world_.dice));
            for (int times = 0; times < 2; ++times) {
                heal();
                rest();
                judge();
                fall();
                work_on();
            }
            rest();
            judge();
        } catch (const Violation& violation) {
            result.violation = HistoryResult::Found{violation.checker(), violation.what(), step_};
            world_.trace("CHECKER", [&] { return violation.checker() + ": " + violation.what(); });
        }
        result.steps = step_;
        result.occurrences = std::move(world_.occurrences);
    }

private:
    void begin()
    {
        world_.occurrences.count("agencies " + std::to_string(world_.definition.agencies.size()));
        const bool surveyed = world_.dice.one_in(3);
        if (surveyed)
            settle_before(world_, population_);
        else
            journal_surveys();
        world_.ledger.begin(world_);
        daemon_ = std::make_unique<SimDaemon>(world_);
    }

    // A bridge whose surveys were done long ago.
    void journal_surveys()
    {
        std::vector<Entry> entries;
        const auto add = [&](EntryBody body) {
            entries.push_back({JournalSeq{static_cast<std::int64_t>(entries.size()) + 1}, std::move(body)});
        };
        for (const auto& table : world_.definition.tables)
            add(SurveyProgress{table.agency, table.index, std::nullopt, SurveyState::complete});
        for (const auto& agency : world_.definition.agencies)
            add(AgencySwept{agency});
        world_.hub.append(entries);
    }

    const AgencyId& some_agency() { return world_.dice.pick(world_.definition.agencies); }

    void step(Action action)
    {
        world_.time.now_us += static_cast<std::int64_t>(world_.dice.below(400'000));
        world_.trace.at(step_ + 1, world_.time.now_us);
        const auto& agency = some_agency();
        if (perform(action, agency))
            ++step_;
        // Histories in which nothing is possible for long go on with time.
        if (++tried_ > 100'000)
            throw Violation{"falls_silent", "nothing can be done any more"};
    }

    bool perform(Action action, const AgencyId& agency)
    {
        switch (action) {
            case Action::edit:
                return edit_something(world_, agency, population_);
            case Action::capture:
                return daemon_->capture_step(agency);
            case Action::lane:
                return daemon_->lane_step(agency);
            case Action::server:
                return serve(agency);
            case Action::survey:
                return daemon_->survey_step(agency);
            case Action::append:
                return daemon_->finish_append();
            case Action::project:
                return daemon_->end_projection() || daemon_->begin_projection();
            case Action::sweep:
                return daemon_->sweep(agency);
            case Action::release:
                return daemon_->release_deferred(agency);
            case Action::beat:
                return daemon_->beat(agency);
            case Action::correct:
                return correct_poison(world_, agency);
            case Action::decide:
                return daemon_->approve_breaker(agency) || daemon_->decide_deletion();
            case Action::approve:
                return daemon_->approve_breaker(agency);
            case Action::lock:
                return lock_a_row(world_, agency);
            case Action::unlock:
                return unlock_rows(world_, agency);
            case Action::crash:
                crash();
                return true;
            case Action::lose_stream:
                return daemon_->lose_stream(agency);
            case Action::lose_lane:
                return daemon_->lose_lane(agency);
            case Action::fail_delivery:
                return daemon_->delivery_fails(agency);
            case Action::restart_agency:
                return restart(agency);
            case Action::set_clock:
                return set_clock(agency);
        }
        return false;
    }

    // The agency's server goes on with our session.
    bool serve(const AgencyId& agency)
    {
        auto& site = world_.sites.at(agency);
        if (!site.session)
            return false;
        if (site.session->phase() == LaneSession::Phase::asked && !resting_ && world_.dice.one_in(3)) {
            world_.occurrences.count("fault slow_target");
            return false;
        }
        auto& session = *site.session;
        switch (session.phase()) {
            case LaneSession::Phase::idle:
            case LaneSession::Phase::answered:
            case LaneSession::Phase::written:
                if (!session.client_gone())
                    return false;
                break;
            case LaneSession::Phase::asked:
                if (session.client_gone())
                    break;
                session.execute();
                world_.trace(agency.value().c_str(), [&] {
                    return "executes delivery " + std::to_string(session.plan().to.value());
                });
                return true;
            case LaneSession::Phase::committing:
                if (session.client_gone() && world_.dice.one_in(2))
                    break;
                commit(agency, session);
                return true;
        }
        end_session(agency);
        return true;
    }

    void commit(const AgencyId& agency, LaneSession& session)
    {
        const bool gone = session.client_gone();
        const auto& transaction = session.commit(world_.time);
        if (gone)
            world_.occurrences.count("fault commit_of_a_lost_session");
        world_.trace(agency.value().c_str(), [&] {
            std::string text = "commits our transaction " + std::to_string(session.plan().to.value()) +
                               " at " + to_string(transaction.commit_lsn) +
                               (gone ? ", whose client is gone:" : ":");
            for (const auto& change : transaction.changes)
                text += " " + show(change.row) + " " + show(change.after);
            return text;
        });
        world_.ledger.delivered(world_, agency, session);
        if (gone)
            world_.sites.at(agency).session.reset();
    }

    void end_session(const AgencyId& agency)
    {
        auto& site = world_.sites.at(agency);
        site.session->abort();
        site.session.reset();
        world_.trace(agency.value().c_str(), [] { return std::string{"ends an old session of ours"}; });
    }

    void crash()
    {
        if (!daemon_->turn_open()) {
            world_.occurrences.count("fault crash_between_turns");
            daemon_->check_against_replay();
        } else if (world_.dice.one_in(2)) {
            world_.occurrences.count("fault crash_before_append");
        } else {
            world_.occurrences.count("fault crash_after_append");
            daemon_->append_and_die();
        }
        if (world_.dice.one_in(2) && daemon_->project_and_die())
            world_.occurrences.count("fault crash_after_projection");
        for (const auto& [agency, known] : world_.hub.replayed().agencies)
            if (known.inside)
                world_.occurrences.count("fault crash_between_parts");
        world_.trace("fault", [] { return std::string{"the daemon falls"}; });
        daemon_->vanish();
        daemon_ = std::make_unique<SimDaemon>(world_);
    }

    void fall()
    {
        world_.trace("fault", [] { return std::string{"the daemon falls once more, at rest"}; });
        daemon_->vanish();
        daemon_ = std::make_unique<SimDaemon>(world_);
    }

    // The server restarts: connections are gone, and its slot may have forgotten what was acknowledged last.
    bool restart(const AgencyId& agency)
    {
        if (daemon_->turn_open())
            return false;
        world_.occurrences.count("fault agency_restarted");
        world_.trace("fault", [&] { return "the server of " + agency.value() + " restarts"; });
        daemon_->lose_stream(agency);
        daemon_->lose_lane(agency);
        auto& site = world_.sites.at(agency);
        if (site.session) {
            if (site.session->phase() == LaneSession::Phase::committing && world_.dice.one_in(2))
                commit(agency, *site.session);
            if (site.session)
                end_session(agency);
        }
        site.agency.locked.clear();
        if (world_.dice.one_in(2))
            site.agency.confirmed = Lsn{};
        return true;
    }

    bool set_clock(const AgencyId& agency)
    {
        const auto by = static_cast<std::int64_t>(world_.dice.below(6'000'000)) - 3'000'000;
        world_.sites.at(agency).agency.clock().jump(by);
        world_.occurrences.count("edit clock_set");
        world_.trace("fault", [&] { return "the clock of " + agency.value() + " is set"; });
        return true;
    }

    void heal()
    {
        for (const auto& agency : world_.definition.agencies) {
            unlock_rows(world_, agency);
            if (!world_.dice.one_in(5))
                correct_poison(world_, agency);
        }
    }

    // People go on with what is on their screens, between deliveries.
    void work_on()
    {
        resting_ = false;
        for (auto edits = world_.dice.below(6); edits > 0; --edits) {
            step(Action::edit);
            if (world_.dice.one_in(2))
                rest();
        }
    }

    // Everything that can step steps until nothing can.
    void rest()
    {
        resting_ = true;
        constexpr std::array work{
            Action::append,
            Action::capture,
            Action::survey,
            Action::lane,
            Action::server,
            Action::project,
            Action::sweep,
            Action::release,
            Action::approve,
        };
        for (std::size_t round = 0; round < rounds_to_rest_max; ++round) {
            daemon_->forget_backoff();
            bool done = false;
            for (const auto action : work)
                for (const auto& agency : world_.definition.agencies) {
                    world_.time.now_us += 50'000;
                    world_.trace.at(step_ + 1, world_.time.now_us);
                    if (perform(action, agency)) {
                        done = true;
                        ++step_;
                    }
                }
            if (!done)
                return check_silence();
        }
        throw Violation{"falls_silent", "the bridge goes on although nobody edits"};
    }

    void check_silence() const
    {
        if (!daemon_->idle())
            throw Violation{"falls_silent", "work is left and nothing is done about it"};
        for (const auto& [agency, site] : world_.sites)
            if (!site.agency.wal().empty() &&
                world_.hub.replayed().agencies.at(agency).end_lsn < site.agency.wal().back().end_lsn)
                throw Violation{"falls_silent", "the WAL of " + agency.value() + " is not read to its end"};
    }

    void judge()
    {
        daemon_->check_against_replay();
        check_journalled_once(world_);
        const Edits edits{world_};
        check_no_edit_lost(world_, edits);
        check_converged(world_);
        check_everything_counted(world_, edits);
        check_stale_forms(world_, edits);
        check_deletions(world_);
        check_comings_back(world_);
        check_mass_changes(world_);
    }

    World world_;
    Population population_;
    ActionDeck deck_;
    std::unique_ptr<SimDaemon> daemon_;
    std::size_t step_ = 0;
    std::size_t tried_ = 0;
    bool resting_ = false;
};

}  // namespace

HistoryResult live_history(
    std::uint64_t seed, BrokenCore broken, Trace::Mode trace, std::optional<std::size_t> agencies
)
{
    HistoryResult result;
    History{seed, broken, trace, agencies}.live(result);
    return result;
}

}  // namespace casebridge::simulation
