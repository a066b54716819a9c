#pragma once

#include "connectors/pgoutput/transaction_assembler.hpp"
#include "pipeline/delivery_planner.hpp"
#include "pipeline/flush_tracker.hpp"
#include "pipeline/stream_lifecycle.hpp"
#include "pipeline/stream_merge.hpp"
#include "tests/simulation/wal_sender.hpp"
#include "tests/simulation/world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace casebridge::simulation {

// The daemon under test: the project's merge, planning, settlement, survey and retry decisions, with the
// shell of daemon/conductor.cpp, daemon/agency_capture.cpp and daemon/agency_lane.cpp around them re-enacted
// in steps so small that anything can happen between two. All of it is memory: destroying it is a crash.
//
// Steps return whether anything was done. While a turn is open (decided, not durable) only finish_append()
// and steps that decide nothing go on, as in the real one.
class SimDaemon {
public:
    // Starts from the hub.
    explicit SimDaemon(World& world);
    ~SimDaemon() = default;
    SimDaemon(const SimDaemon&) = delete;
    SimDaemon& operator=(const SimDaemon&) = delete;

    bool capture_step(const AgencyId& agency);
    bool survey_step(const AgencyId& agency);
    bool lane_step(const AgencyId& agency);
    bool release_deferred(const AgencyId& agency);
    bool sweep(const AgencyId& agency);
    // A person decides one of the deletions that are held; nothing when there is none.
    bool decide_deletion();
    // A person approves what the breaker has stopped; nothing when it has stopped nothing.
    bool approve_breaker(const AgencyId& agency);
    // Asks for a marker although nothing has to be written.
    bool beat(const AgencyId& agency);
    bool begin_projection();
    bool end_projection();

    [[nodiscard]] bool turn_open() const { return turn_.has_value(); }
    bool finish_append();
    // The entries of the open turn become durable, and nobody lives to know it.
    void append_and_die();
    // The same for a projection under way; nothing when there is none.
    bool project_and_die();

    // The process is gone: its sessions lose their client.
    void vanish();
    bool lose_stream(const AgencyId& agency);
    bool lose_lane(const AgencyId& agency);
    // The server rolled the open delivery back and said so.
    bool delivery_fails(const AgencyId& agency);

    [[nodiscard]] const pipeline::BridgeState& state() const { return *state_; }
    [[nodiscard]] bool idle() const;
    // Compares what is in memory with what the journal alone leads to.
    void check_against_replay() const;
    // Everything waits for a time to pass: no step is possible before it.
    void forget_backoff();

private:
    struct Survey {
        enum class Stage { idle, low_sent, queried, high_sent };
        Stage stage = Stage::idle;
        bool begun = false;
        MappingIndex table;
        std::string token;
        std::optional<pipeline::SurveyChunk> chunk;
        std::size_t queried_at = 0;  // In the agency's WAL.
    };
    struct Capture {
        enum class Todo { receive, merge, watermark, confirm };
        pipeline::StreamLifecycle life{{}};
        std::int64_t retry_at_us = 0;
        std::unique_ptr<WalSender> sender;  // None while disconnected.
        std::size_t rows_max = 10'000;      // Of a batch, and of a transaction that is held whole.
        std::optional<pgoutput::TransactionAssembler> assembler;
        std::vector<SourceTransaction> batch;
        bool inside_transaction = false;
        bool merging = false;    // What was received becomes durable.
        bool recording = false;  // A stretch without anything for us does.
        pipeline::FlushLimits flush_limits;
        std::optional<pipeline::FlushTracker> flush;  // Of the connection.
        Todo todo = Todo::receive;
        std::string watermark;
        Survey survey;
        pipeline::SurveyWindow window;
        std::optional<JournalSeq> sweeps_from;  // The sweep looks at projections from here on.
        RecordId swept_to{0};
        bool swept = false;
    };
    struct LaneClient {
        enum class Stage {
            closed,
            opened,
            attaching,
            marker_sent,
            ready,
            planning,
            delivering,
            settling,
            resending
        };
        pipeline::StreamLifecycle life{{}};
        std::int64_t retry_at_us = 0;
        Stage stage = Stage::closed;
        JournalSeq flushed;
        pipeline::KeyPool keys;
        std::size_t rows_max = 500;
    };
    struct Turn {
        std::vector<Entry> entries;
        std::function<void()> then;
    };

    void start();
    void record_configuration();
    void rebuild_lanes();
    void load(const pipeline::Demand& demand);
    template <class Ask>
    void satisfy(Ask&& ask);
    void decide(const pipeline::EntryLog& log, std::function<void()> then);
    void end_turn();
    void keep(std::vector<Entry> entries);
    void spoil(std::vector<Entry>& entries);
    void forget(RowDeleted& deleted);
    void forget_marks(std::vector<Entry>& entries);
    [[nodiscard]] std::vector<AgencyId> further_agencies(const AgencyId& agency) const;
    void keep_parked(std::vector<Entry>& entries);
    void retry_later(pipeline::StreamLifecycle& life, std::int64_t& at_us, const char* code);

    void connect(const AgencyId& agency, Capture& capture);
    bool receive(const AgencyId& agency, Capture& capture);
    void take(const AgencyId& agency, Capture& capture, const std::vector<std::byte>& frame);
    [[nodiscard]] static bool batch_is_full(const Capture& capture);
    bool merge_batch(const AgencyId& agency, Capture& capture);
    void spoil(const AgencyId& agency, Capture& capture);
    void hold(const AgencyId& agency, Capture& capture);
    bool at_watermark(const AgencyId& agency, Capture& capture);
    void record_empty_stretch(const AgencyId& agency, Capture& capture);
    void confirm(const AgencyId& agency, Capture& capture);
    [[nodiscard]] pipeline::FlushTracker::Moment moment() const;
    void emit(const AgencyId& agency, const std::string& content);
    void read_chunk(const AgencyId& agency, Survey& survey);
    void count_truncation(const AgencyId& agency, const Survey& survey);

    bool open_session(const AgencyId& agency, LaneClient& client);
    bool attach(const AgencyId& agency, LaneClient& client);
    bool plan(const AgencyId& agency, LaneClient& client);
    void send(const AgencyId& agency, LaneClient& client, pipeline::Planned planned);
    bool settle(const AgencyId& agency, LaneClient& client);
    void spoil(const AgencyId& agency, pipeline::DeliveryPlan& plan);

    World& world_;
    std::unique_ptr<pipeline::BridgeState> state_;
    pipeline::Lanes lanes_;
    std::map<AgencyId, pipeline::StreamMerge> streams_;
    std::map<AgencyId, Capture> captures_;
    std::map<AgencyId, LaneClient> clients_;
    std::optional<Turn> turn_;
    JournalSeq projected_seq_;
    std::optional<SimHub::Projection> projecting_;
    bool cold_ = false;
    // Of broken cores only.
    pipeline::DeliveryPlan resend_;
    std::unordered_map<LinkKey, pipeline::ParkedRow> parked_before_;
};

[[nodiscard]] std::string origin_of(const AgencyId& agency);

}  // namespace casebridge::simulation
