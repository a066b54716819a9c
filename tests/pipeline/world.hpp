#pragma once

#include "pipeline/delivery_planner.hpp"
#include "pipeline/delivery_settlement.hpp"
#include "pipeline/stream_merge.hpp"
#include "tests/pipeline/sample_bridge.hpp"

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

// A deterministic world at transaction level: agencies with rows and a WAL in memory, a hub that is a
// journal, and a daemon whose memory a crash drops. Tables are named `agency.table`. Nothing happens by
// itself: a test says who steps.

namespace casebridge::pipeline {

// Column and text; no text is NULL.
using Column = std::pair<std::string, std::optional<std::string>>;
using Columns = std::vector<Column>;

class World;

// One transaction of an agency's own application.
class Edit {
public:
    Edit(World& world, std::string agency) : world_(&world), agency_(std::move(agency)) {}

    Edit& insert(const std::string& table, const std::string& key, const Columns& columns);
    // `toasted` columns are sent as unchanged, as the server does with large values left alone.
    Edit& update(
        const std::string& table,
        const std::string& key,
        const Columns& columns,
        const std::vector<std::string>& toasted = {}
    );
    // One change that gives the row a new key and may set columns with it.
    Edit& rename(
        const std::string& table,
        const std::string& key,
        const std::string& new_key,
        const Columns& columns = {},
        const std::vector<std::string>& toasted = {}
    );
    Edit& erase(const std::string& table, const std::string& key);
    Edit& truncate(const std::string& table);
    // Commits; the WAL shows it from here on.
    void commit();
    // Changes the rows without the WAL showing it: a disabled trigger, a rewrite.
    void commit_unlogged();

private:
    friend class World;
    World* world_;
    std::string agency_;
    SourceTransaction transaction_;
};

// One agency's database and what the daemon's session to it holds.
struct Agency {
    AgencyId id;
    std::map<LinkKey, Image> rows;
    std::vector<SourceTransaction> wal;
    JournalSeq progress;                    // Of our replication origin.
    std::optional<DeliveryPlan> sent;       // Planned, not executed yet.
    std::optional<DeliveryOutcome> answer;  // Executed, the answer not read yet.
    KeyPool keys;
    std::size_t keys_offered = 100;                         // Fills the pool before each plan.
    std::int64_t skew = 0;                                  // Of its clock, in microseconds.
    std::set<std::pair<MappingIndex, std::size_t>> unique;  // Slots with a unique constraint.
    std::function<void(MappingIndex, Image&)> trigger;      // Before each row that we write.
    std::set<LinkKey> locked;                               // Rows that somebody holds.
    std::set<LinkKey> refusing;                             // Rows whose write fails a check.
};

class World {
public:
    explicit World(BridgeDefinition definition);

    // Every step leaves only the projection and what is not projected yet in memory.
    void keep_nothing_cached() { cold_ = true; }
    // Bound on the records of one delivery.
    void deliver_at_most(std::size_t rows) { rows_max_ = rows; }
    // Time passes at every agency.
    void pass(std::chrono::microseconds time) { clock_ += time.count(); }
    void on_day(std::chrono::year_month_day day) { today_ = day; }

    [[nodiscard]] Edit edit(const std::string& agency) { return Edit{*this, agency}; }
    void insert(const std::string& table, const std::string& key, const Columns& columns);
    void update(const std::string& table, const std::string& key, const Columns& columns);
    void erase(const std::string& table, const std::string& key);

    // Reads the next transactions of the agency's WAL; all of them by default.
    StreamReport read(const std::string& agency, std::size_t count = SIZE_MAX);
    // Plans the next delivery; false when nothing has to be sent.
    bool plan(const std::string& agency);
    // Commits the planned delivery at the agency; its answer is on its way.
    void execute(const std::string& agency);
    // The daemon reads the answer.
    void answer(const std::string& agency);
    // The session breaks: a plan not executed never happens, an answer is lost. A new session attaches.
    void disconnect(const std::string& agency);
    // The server rolled the plan back and said so.
    void roll_back(const std::string& agency);
    // All memory of the daemon is lost; it starts again from the journal.
    void crash();
    // Everything that can step steps until nothing can. Fails the test when that takes too long.
    void settle();
    // Plans, executes, answers and reads back.
    void deliver(const std::string& agency);

    [[nodiscard]] const BridgeDefinition& bridge() const { return *bridge_; }
    [[nodiscard]] BridgeDefinition& bridge() { return *bridge_; }
    [[nodiscard]] BridgeState& state() { return daemon_->state; }
    [[nodiscard]] Lanes& lanes() { return daemon_->lanes; }
    [[nodiscard]] Agency& agency(const std::string& id) { return agencies_.at(AgencyId{id}); }
    [[nodiscard]] StreamMerge& stream(const std::string& id) { return daemon_->streams.at(AgencyId{id}); }
    [[nodiscard]] const std::vector<Entry>& journal() const { return journal_; }
    [[nodiscard]] std::vector<SourceTransaction> unread(const std::string& agency);
    [[nodiscard]] const mapping::TableMapping& table(const std::string& name) const;

    // Text of a column; `(null)` for NULL, `(none)` without such a row.
    [[nodiscard]] std::string show(
        const std::string& table, const std::string& key, const std::string& column
    );
    // Keys of a table's rows.
    [[nodiscard]] std::vector<std::string> keys(const std::string& table);
    [[nodiscard]] bool has_row(const std::string& table, const std::string& key);

    [[nodiscard]] const Record& record_of(const std::string& table, const std::string& key);
    [[nodiscard]] std::vector<RecordId> all_records() const;
    // Loads a record as a step would.
    [[nodiscard]] const Record& load(RecordId id);
    [[nodiscard]] std::vector<ConflictNote> conflicts() const;
    template <class Body>
    [[nodiscard]] std::vector<Body> entries() const
    {
        std::vector<Body> found;
        for (const auto& entry : journal_)
            if (const auto* body = std::get_if<Body>(&entry.body))
                found.push_back(*body);
        return found;
    }

    // Appends what a step journalled, as the hub does, and tells the lanes if `commit_time` says so.
    void append(const EntryLog& log);
    void answer_demand(const Demand& demand);
    // Ends a step: in a cold world everything projected leaves memory.
    void end_step();
    [[nodiscard]] BridgeState replay(std::size_t entries) const;
    [[nodiscard]] PgTime now(const Agency& agency);
    [[nodiscard]] std::string new_key() { return std::to_string(next_key_++); }

    // Called when a delivery commits, before and after, so that a walk can keep its own books.
    std::function<void(const Agency&, const DeliveryPlan&)> on_commit;

private:
    friend class Edit;

    struct Daemon {
        explicit Daemon(const BridgeDefinition& bridge) : state(bridge) {}
        BridgeState state;
        Lanes lanes;
        std::map<AgencyId, StreamMerge> streams;
    };

    void start();
    void attach(Agency& agency);
    void emit_marker(Agency& agency, JournalSeq to);
    void commit(Agency& agency, SourceTransaction transaction);
    [[nodiscard]] RowChange change(const LinkKey& row, const Image& image, RowOperation operation);
    [[nodiscard]] bool step(Agency& agency);
    bool write_insert(
        Agency& agency, const TableWrites& writes, const RowInsert& insert, SourceTransaction& echo
    );
    void write_contended(
        Agency& agency,
        const TableWrites& writes,
        const std::vector<const RowUpdate*>& contended,
        SourceTransaction& echo,
        DeliveryOutcome& outcome
    );
    bool write_update(
        Agency& agency, const TableWrites& writes, const RowUpdate& update, SourceTransaction& echo
    );
    [[nodiscard]] bool pointed_at(const Agency& agency, const LinkKey& row) const;
    bool write_delete(
        Agency& agency, const TableWrites& writes, const RowDelete& deletion, SourceTransaction& echo
    );
    [[nodiscard]] std::vector<Record> load_for(const Demand& demand) const;
    void project();

    std::unique_ptr<BridgeDefinition> bridge_;
    std::vector<std::shared_ptr<const Relation>> relations_;  // By MappingIndex.
    std::map<AgencyId, Agency> agencies_;
    std::vector<Entry> journal_;
    std::map<RecordId, Record> projection_;
    std::unique_ptr<Daemon> daemon_;
    std::chrono::year_month_day today_{std::chrono::year{2026}, std::chrono::month{3}, std::chrono::day{1}};
    std::int64_t clock_ = 1'000'000'000;
    std::uint64_t next_lsn_ = 1000;
    std::uint32_t next_xid_ = 700;
    std::int64_t next_key_ = 500;
    std::size_t rows_max_ = 5'000;
    bool cold_ = false;
};

}  // namespace casebridge::pipeline
