#pragma once

#include "model/ids.hpp"
#include "model/pg_time.hpp"
#include "pipeline/record.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

// The lane of one agency: what has to be compared with its database, what is on its way there, and what its
// next echo proves. In memory only; after a start it is rebuilt from the journal and by one marker.

namespace casebridge::pipeline {

// The refusals that have lost their cause, perhaps. Each includes those before it.
enum class Lifts : std::uint8_t {
    none,
    of_values,  // Another row of the table had a value that must be unique.
    all,        // What the record points at got a row, or nobody knows what has happened.
};

// A record that may have to be written at the agency.
struct LaneWork {
    RecordId record;
    JournalSeq seq;    // Of the entry that made it work.
    JournalSeq group;  // Last entry of the same source transaction: they are delivered together.
    std::optional<PgTime> commit_time;  // Of the source transaction, by the source's clock.
    bool foreign = false;               // A version of another agency: passing it must be proven by an echo.
    Lifts lifts = Lifts::none;          // Of its refusal here.
};

struct SlotWrite {
    std::size_t slot = 0;
    FieldValue value;
};

// One row that was sent and whose echo has not been read.
struct PendingRow {
    LinkKey row;
    bool insert = false;
    Image inserted;                 // The whole row when insert.
    std::vector<SlotWrite> writes;  // The written slots otherwise.
    std::vector<UnitIndex> units;   // Units that these belong to.
    std::optional<PgTime> commit_time;
    bool missed = false;  // The server did not write it: somebody's change is on its way to us.
    bool deletion = false;
};

struct PendingTransaction {
    JournalSeq to;
    std::unordered_map<RecordId, PendingRow> rows;
    std::unordered_map<LinkKey, RecordId> inserts;  // Of the rows, by key; filled by Lane::sending().
};

// What made a delivery necessary: the row as read, and the values that it should show. Personal.
struct Difference {
    Image image;
    std::vector<FieldValue> golden;

    friend bool operator==(const Difference&, const Difference&) = default;
};

class Lane {
public:
    enum class Phase {
        unattached,       // No session holds the origin.
        awaiting_marker,  // Nothing else is written until capture has read the marker.
        ready,
    };

    [[nodiscard]] Phase phase() const noexcept { return phase_; }
    // The session holds the origin; its progress is `flushed`. A marker `to` is about to be sent.
    void attached(JournalSeq flushed, JournalSeq marker_to);
    // The session is gone: what it had sent may or may not have committed.
    void detached() { phase_ = Phase::unattached; }

    // The highest position ever given to a transaction of this lane.
    [[nodiscard]] JournalSeq last_to() const noexcept { return last_to_; }

    // A record that is queued already keeps its place and belongs to both groups from then on. The works of a
    // group are enqueued one after another, with nothing taken in between.
    void enqueue(const LaneWork& work);
    [[nodiscard]] const std::deque<LaneWork>& queue() const noexcept { return queue_; }
    // The last place of the queue that a group of the work at `place` reaches, seen from the group's first
    // work; `place` itself when it is not the first.
    [[nodiscard]] std::size_t reach(std::size_t place) const { return reach_[place] - taken_; }
    // Takes the first `count` works off the queue.
    std::vector<LaneWork> take(std::size_t count);

    // A record whose marks the first echo of `seq` or later decides.
    void expect_check(RecordId record, JournalSeq seq);
    [[nodiscard]] std::vector<RecordId> checks_up_to(JournalSeq to) const;
    void checked_up_to(JournalSeq to);

    // A transaction is about to be sent. Its rows overlay the image until its echo is read.
    void sending(PendingTransaction transaction);
    // It was rolled back for certain. Its records are for the caller to enqueue again.
    std::vector<RecordId> not_sent(JournalSeq to);
    // These rows were not written by it.
    void missed(JournalSeq to, RecordId record);

    // An echo that shows the rows of these records was read: everything sent up to `to` has been read or
    // never happened. Records whose rows were sent and not shown come back for comparison; nobody needs to
    // have read the answer that would name them.
    std::vector<RecordId> echo_read(JournalSeq to, const std::unordered_set<RecordId>& shown);

    // What is pending for the record, oldest first.
    [[nodiscard]] std::vector<const PendingRow*> pending(RecordId record) const;
    [[nodiscard]] const PendingRow* pending_at(JournalSeq to, RecordId record) const;
    // The record whose insert under this key was sent with `to` and has not been read.
    [[nodiscard]] std::optional<RecordId> inserted_as(JournalSeq to, const LinkKey& row) const;
    [[nodiscard]] bool sent_by_this_process(JournalSeq to) const;
    [[nodiscard]] bool idle() const noexcept { return queue_.empty() && pending_.empty(); }
    [[nodiscard]] std::size_t pending_count() const noexcept { return pending_.size(); }

    // The next transaction is sent even when nothing has to be written: its echo proves that session, agency
    // and stream are alive.
    void ask_for_marker() noexcept { marker_asked_ = true; }
    [[nodiscard]] bool marker_asked() const noexcept { return marker_asked_; }
    [[nodiscard]] bool take_marker_request() noexcept { return std::exchange(marker_asked_, false); }

    // Records that got a row at the agency: what points at them may be written now.
    std::vector<RecordId> newly_linked;

    // The record's row was locked by somebody: it is left alone until release_deferred().
    void defer(RecordId record) { deferred_.insert(record); }
    [[nodiscard]] bool deferred(RecordId record) const { return deferred_.contains(record); }
    [[nodiscard]] bool has_deferred() const noexcept { return !deferred_.empty(); }
    [[nodiscard]] std::vector<RecordId> release_deferred();

    // How often in a row a record was missed with the same difference. A row of it that is read in between
    // explains the misses before: forget_misses().
    [[nodiscard]] int count_miss(RecordId record, Difference difference);
    void forget_misses(RecordId record);
    // Whether such a row was read after the transaction `to` was sent and before its answer: then a miss that
    // the answer tells of says nothing new.
    [[nodiscard]] bool is_explained(JournalSeq to, RecordId record) const;

    // By the entry `seq` a row of the table gave up what it had. Returns whether the deliveries that this may
    // unblock have to be enqueued: not when all of them still are since the last time.
    [[nodiscard]] bool gave_up(MappingIndex table, JournalSeq seq);
    // The same of a row that pointed at the row of `record`, which is to be deleted.
    void let_go(RecordId record, JournalSeq seq) { let_go_[record] = seq; }
    // Whether that was read after a delivery up to `to` was planned: its refusal may have lost its cause
    // before it was known. Of a row that was let go, until a later delivery is answered.
    [[nodiscard]] bool gave_up_after(MappingIndex table, JournalSeq to) const;
    [[nodiscard]] bool let_go_after(RecordId record, JournalSeq to) const;
    // The refusal of the record was lifted for the plan that is being made. Until the next plan is begun.
    void begin_plan() { retried_.clear(); }
    void retry(RecordId record) { retried_.insert(record); }
    [[nodiscard]] bool is_retry(RecordId record) const { return retried_.contains(record); }
    // A delivery up to `to` was answered.
    void answered(JournalSeq to);

private:
    void join(JournalSeq group, std::uint64_t place);

    struct Check {
        JournalSeq seq;
        RecordId record;
    };
    struct Misses {
        Difference difference;
        int count = 0;
    };
    struct GaveUp {
        JournalSeq seq;
        std::uint64_t taken = 0;  // Works taken until then.
    };

    Phase phase_ = Phase::unattached;
    JournalSeq last_to_;
    JournalSeq marker_to_;
    bool marker_asked_ = false;
    std::deque<LaneWork> queue_;
    std::unordered_map<RecordId, std::uint64_t>
        queued_;                       // Number of its place, counted since the lane began.
    std::deque<std::uint64_t> reach_;  // By place: the last place, counted in the same way.
    std::uint64_t taken_ = 0;
    struct Joining {
        JournalSeq group;
        std::uint64_t first = 0;
        std::uint64_t last = 0;
    };
    Joining joining_;           // The group that is being enqueued, and its places so far.
    std::deque<Check> checks_;  // Ascending by seq.
    std::deque<PendingTransaction> pending_;
    std::unordered_map<RecordId, Misses> misses_;
    std::unordered_map<RecordId, JournalSeq>
        explained_;  // Position of what was on its way; until its answer.
    std::unordered_set<RecordId> deferred_;
    std::map<MappingIndex, GaveUp> gave_up_;
    std::unordered_map<RecordId, JournalSeq> let_go_;
    std::unordered_set<RecordId> retried_;
};

}  // namespace casebridge::pipeline
