#pragma once

#include "daemon/turn.hpp"
#include "daemon/work_queue.hpp"
#include "hub/inbox.hpp"
#include "hub/journal.hpp"
#include "hub/overview.hpp"
#include "hub/projector.hpp"
#include "hub/records.hpp"
#include "pipeline/delivery_planner.hpp"
#include "pipeline/delivery_settlement.hpp"
#include "pipeline/stream_merge.hpp"
#include "pipeline/survey.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

// The one owner of the bridge's state. Everything that changes it takes its turn here: what it needs is
// loaded from the hub, the pure pipeline decides, and the entries are durable before the turn ends. So
// whatever is seen between two turns is durable, and may be delivered, projected and acknowledged.
//
// What has begun to change the state runs to its end even if the caller is cancelled. Every failure of the
// hub is thrown as HubLost; after it, or any other exception, the conductor is void.

namespace casebridge::daemon {

// The hub failed, or another daemon leads: everything in memory is void. Start again from the hub.
class HubLost : public std::runtime_error {
public:
    explicit HubLost(Error error)
        : std::runtime_error(error.code + ": " + error.message), error_(std::move(error))
    {
    }

    [[nodiscard]] const Error& error() const noexcept { return error_; }

private:
    Error error_;
};

struct ConductorSettings {
    std::string hub_connection;
    std::string holder;  // Shown to operators: host and process.
    std::string configuration_text;
    std::string configuration_hash;
    std::size_t unprojected_max = 10'000;  // Entries; above it merging waits for the projector.
    std::size_t records_cached_max = 20'000;
    std::size_t delivery_rows_max = 500;
    // The answer to the request that brought this configuration; journalled with it, unless it has been.
    std::optional<RequestAnswered> answer = std::nullopt;
};

// What happens is told to these; they must not throw. Used for metrics and the log.
struct ConductorObserver {
    std::function<void(const AgencyId&, const pipeline::StreamReport&)> merged = {};
    std::function<void(const AgencyId&, const pipeline::SurveyReport&, MappingIndex)> surveyed = {};
    std::function<void(std::span<const Entry>)> appended = {};  // Durable now.
    std::function<void(JournalSeq, double seconds)> append_time = {};
    std::function<void(std::size_t entries)> projection_lag = {};
    // Records that each agency refuses, as projected; agencies without any may be left out.
    std::function<void(const std::map<AgencyId, std::uint64_t>&)> refusals = {};
    std::function<void(const hub::WaitingCounts&)> waiting_for_persons = {};
    // Reading the agency pauses: the projections are so many entries behind the journal.
    std::function<void(const AgencyId&, std::size_t entries)> waiting_for_projection = {};
    std::function<void()> waiting_for_leader = {};  // Another daemon leads.
    std::function<void(const hub::Leadership&)> leading = {};
};

enum class Merged {
    all,
    held,  // A transaction waits for a person; the stream begins anew before it.
};

class Conductor {
public:
    // `definition` and `today` live as long as the conductor.
    Conductor(
        boost::asio::any_io_executor executor,
        const pipeline::BridgeDefinition& definition,
        ConductorSettings settings,
        ConductorObserver observer,
        std::function<std::chrono::year_month_day()> today
    );

    // Takes the lead of the hub, loads its state, replays what the projections lack and rebuilds the lanes'
    // work. Throws libpq's DatabaseError; after any exception from here or from the other operations the
    // conductor is void.
    [[nodiscard]] boost::asio::awaitable<void> start();

    // Instead of start(): takes the lead, resets the projections and builds them again from the journal.
    // Returns the number of entries.
    [[nodiscard]] boost::asio::awaitable<std::size_t> rebuild();

    // Writes projections behind the journal until it is cancelled.
    [[nodiscard]] boost::asio::awaitable<void> project();

    // Carries out, until it is cancelled, what the streams hand over: the four operations marked so. They can
    // be cancelled, and go on then.
    [[nodiscard]] boost::asio::awaitable<void> serve_streams();

    // Waits until nothing of what the agency's stream has handed over is left: only then is it known from
    // where to read on. Can be cancelled.
    [[nodiscard]] boost::asio::awaitable<void> stream_settled(AgencyId agency);

    // Merges a batch of an agency's stream. When it returns what is merged is durable: all of it, or what
    // stands before a transaction that the breaker has stopped. Handed over.
    [[nodiscard]] boost::asio::awaitable<Result<Merged>> merge(
        AgencyId agency, std::vector<SourceTransaction> batch
    );

    // Journals what is about to be erased from the hub.
    [[nodiscard]] boost::asio::awaitable<void> announce(JournalPruned pruning);

    // Everything of the agency's WAL up to `end` was received, and what of it concerns us is merged. Handed
    // over.
    [[nodiscard]] boost::asio::awaitable<void> record_position(AgencyId agency, Lsn end);

    // Merges a survey's chunk; call it at the chunk's high watermark. Handed over.
    [[nodiscard]] boost::asio::awaitable<void> merge_chunk(AgencyId agency, pipeline::SurveyChunk chunk);

    // A survey of the agency begins: from here on its stream is watched.
    void begin_survey(const AgencyId& agency);
    void low_watermark(const AgencyId& agency);
    void end_survey(const AgencyId& agency);

    // Considers every record that has no row at the agency for one: after its surveys, and after each start,
    // because a lane that was lost with its process is the only one that knew what it was about to insert.
    // Handed over.
    [[nodiscard]] boost::asio::awaitable<void> sweep(AgencyId agency);

    // The lane's session holds the origin; `flushed` is its progress. Gives the position of the marker to
    // send.
    [[nodiscard]] boost::asio::awaitable<Result<JournalSeq>> attach_lane(AgencyId agency, JournalSeq flushed);
    void detach_lane(const AgencyId& agency);

    [[nodiscard]] boost::asio::awaitable<pipeline::Planned> plan(AgencyId agency, pipeline::KeyPool& keys);
    [[nodiscard]] boost::asio::awaitable<void> settle(AgencyId agency, pipeline::DeliveryOutcome outcome);
    [[nodiscard]] boost::asio::awaitable<void> withdraw(AgencyId agency, pipeline::DeliveryPlan plan);
    void release_deferred(const AgencyId& agency);
    // The agency's lane sends a marker although nothing has to be written.
    void ask_for_marker(const AgencyId& agency);

    // Answers the requests in the operators' inbox, and ends the pauses that are over. Returns those that
    // only the caller can carry out; it answers them by answer_request(), or they are returned again. The one
    // that is `under_way` is left alone: it has begun before its deadline.
    [[nodiscard]] boost::asio::awaitable<std::vector<pipeline::OperatorRequest>> answer_requests(
        std::optional<RequestId> under_way
    );
    [[nodiscard]] boost::asio::awaitable<void> answer_request(RequestAnswered answer);

    // Returns when there may be something for answer_requests(). Can be cancelled.
    [[nodiscard]] boost::asio::awaitable<void> request_arrived();

    // Whether an operator has paused the agency; nothing is planned for it then.
    [[nodiscard]] bool paused(const AgencyId& agency) const
    {
        return state_->agencies.at(agency).pause.has_value();
    }
    // Both can be cancelled.
    [[nodiscard]] boost::asio::awaitable<void> until_paused(AgencyId agency);
    [[nodiscard]] boost::asio::awaitable<void> until_resumed(AgencyId agency);

    // Whether the breaker has stopped the agency's stream; nothing of it is merged then.
    [[nodiscard]] bool held(const AgencyId& agency) const { return state_->agencies.at(agency).held(); }
    // Returns when it has not, or the agency is paused. Can be cancelled.
    [[nodiscard]] boost::asio::awaitable<void> while_held(AgencyId agency);

    // Rings when the agency's lane may have something to do.
    [[nodiscard]] Wakeup& lane_work(const AgencyId& agency) { return *wakeups_.at(agency); }
    [[nodiscard]] const pipeline::Lane& lane(const AgencyId& agency) const { return lanes_.at(agency); }
    [[nodiscard]] const pipeline::BridgeState& state() const { return *state_; }
    [[nodiscard]] const std::string& incarnation() const { return leadership_.incarnation; }
    [[nodiscard]] std::string origin_of(const AgencyId& agency) const;
    [[nodiscard]] std::size_t unprojected() const { return unprojected_entries_.size(); }

    // How long the hub has not answered what the present turn waits for; nothing while nobody waits.
    [[nodiscard]] std::optional<std::chrono::steady_clock::duration> hub_silent_for() const;

    // How long the present turn lasts; nothing while nobody has it. A turn that does not end is a stuck
    // daemon.
    [[nodiscard]] std::optional<std::chrono::steady_clock::duration> turn_lasts() const
    {
        return turn_.lasts();
    }

    // Waits until nothing is being decided or written to the journal, and keeps it so while held.
    [[nodiscard]] boost::asio::awaitable<Turn::Held> quiet() { return turn_.take(); }

private:
    template <class T>
    boost::asio::awaitable<T> uninterrupted(boost::asio::awaitable<T> operation);

    boost::asio::awaitable<Result<Merged>> merge_now(AgencyId agency, std::vector<SourceTransaction> batch);
    boost::asio::awaitable<void> record_position_now(AgencyId agency, Lsn end);
    boost::asio::awaitable<void> merge_chunk_now(AgencyId agency, pipeline::SurveyChunk chunk);
    boost::asio::awaitable<std::optional<RecordId>> sweep_some(
        AgencyId agency, std::vector<std::string> entities, RecordId after
    );
    boost::asio::awaitable<Result<JournalSeq>> attach_lane_now(AgencyId agency, JournalSeq flushed);
    boost::asio::awaitable<pipeline::Planned> plan_now(AgencyId agency, pipeline::KeyPool& keys);
    boost::asio::awaitable<void> settle_now(AgencyId agency, pipeline::DeliveryOutcome outcome);
    boost::asio::awaitable<void> withdraw_now(AgencyId agency, pipeline::DeliveryPlan plan);
    boost::asio::awaitable<std::vector<pipeline::OperatorRequest>> answer_requests_now(
        std::optional<RequestId> under_way
    );
    // What was read of the journal for requests.
    struct LookedUp {
        std::vector<Entry> entries;
        std::vector<pipeline::RecordHistory> histories;
    };
    boost::asio::awaitable<LookedUp> load_for(const std::vector<pipeline::OperatorRequest>& requests);
    boost::asio::awaitable<void> load_records_for(
        const std::vector<pipeline::OperatorRequest>& requests,
        const std::vector<pipeline::RecordHistory>& histories
    );
    boost::asio::awaitable<void> write_alone(EntryBody body);
    boost::asio::awaitable<hub::Standing> standing_requests();
    boost::asio::awaitable<void> project_once(hub::Projector& projector);
    boost::asio::awaitable<void> start_now();
    boost::asio::awaitable<std::size_t> rebuild_now();
    boost::asio::awaitable<void> apply_stored(std::vector<Entry> entries);
    boost::asio::awaitable<std::vector<Entry>> stored_entries(JournalSeq after);

    [[nodiscard]] boost::asio::awaitable<Turn::Held> take_turn();
    boost::asio::awaitable<void> connect();
    boost::asio::awaitable<void> load_state();
    boost::asio::awaitable<void> replay_tail();
    boost::asio::awaitable<void> rebuild_lanes();
    boost::asio::awaitable<void> record_configuration();
    boost::asio::awaitable<void> load(pipeline::Demand demand);
    boost::asio::awaitable<void> append(pipeline::EntryLog& log);
    boost::asio::awaitable<void> room_for_projection(AgencyId agency);
    boost::asio::awaitable<void> gather_entries();
    // As many entries are projected without waiting for more.
    [[nodiscard]] std::size_t gathered_max() const { return settings_.unprojected_max / 4; }
    void wake_lanes();
    [[nodiscard]] hub::ProjectionBatch projection_batch(
        const std::vector<Entry>& entries, const std::vector<pipeline::Record>& records
    );

    boost::asio::any_io_executor executor_;
    const pipeline::BridgeDefinition* definition_;
    ConductorSettings settings_;
    ConductorObserver observer_;
    std::function<std::chrono::year_month_day()> today_;

    hub::EntryCodec codec_;
    std::optional<hub::Journal> journal_;
    std::optional<libpq::Connection> reading_;
    std::optional<libpq::Connection> projecting_;
    std::optional<libpq::Connection> listening_;  // To the inbox, nothing else.
    hub::Leadership leadership_;

    Turn turn_;
    // Set by the first failure of the hub: whoever gets the turn afterwards must not decide on what was not
    // kept.
    std::optional<Error> lost_;
    std::optional<std::chrono::steady_clock::time_point> asking_hub_since_;
    std::unique_ptr<pipeline::BridgeState> state_;
    pipeline::Lanes lanes_;
    std::map<AgencyId, pipeline::StreamMerge> streams_;
    std::map<AgencyId, std::unique_ptr<Wakeup>> wakeups_;
    std::map<AgencyId, pipeline::SurveyWindow> windows_;
    Broadcast pause_changed_;
    std::optional<std::chrono::steady_clock::time_point> next_resume_;  // By our clock.

    JournalSeq projected_seq_;
    std::vector<Entry> unprojected_entries_;  // Durable, in seq order, behind projected_seq_.
    Wakeup something_to_project_;
    boost::asio::steady_timer gathering_;
    Wakeup projected_;
    WorkQueue handed_over_;  // Behind everything that the work in it refers to.
};

// Runs an operation apart from the caller's cancellation: half a decision must not be left behind in memory.
template <class T>
boost::asio::awaitable<T> Conductor::uninterrupted(boost::asio::awaitable<T> operation)
{
    std::optional<Error> failure;
    try {
        co_return co_await boost::asio::co_spawn(
            executor_,
            std::move(operation),
            boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot{}, boost::asio::use_awaitable)
        );
    } catch (const libpq::DatabaseError& error) {
        failure = error.error();
    }
    lost_ = failure;
    throw HubLost{*failure};
}

}  // namespace casebridge::daemon
