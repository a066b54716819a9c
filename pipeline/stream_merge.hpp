#pragma once

#include "pipeline/entry_log.hpp"
#include "pipeline/lane_informer.hpp"
#include "pipeline/merged_to.hpp"
#include "pipeline/net_rows.hpp"
#include "pipeline/renamed_rows.hpp"
#include "pipeline/row_merge.hpp"
#include "pipeline/survey.hpp"

#include <map>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

// Merges the source transactions of one agency's stream, in WAL order: local changes and the echoes of its
// lane.

namespace casebridge::pipeline {

// A confirmed delivery: how long the change took from its commit at the source to the reading of its echo is
// for the caller's clock to say.
struct Confirmation {
    PgTime source_commit_time;
};

struct StreamReport {
    std::size_t transactions = 0;            // Local ones.
    std::size_t parts = 0;                   // Parts of local ones that further parts follow.
    std::size_t changes = 0;                 // Net changes of mapped rows in local transactions.
    std::size_t bytes = 0;                   // Received for them.
    std::optional<PgTime> last_commit_time;  // Of the last of them.
    std::size_t echoes = 0;
    std::optional<Lsn> inside;  // Commit position of the transaction of which further parts are to come.
    std::size_t repeated = 0;   // Dropped because they were merged before.
    std::vector<Confirmation> confirmations;
    bool held = false;  // The breaker has stopped a transaction: it and all behind it are not merged.
};

class StreamMerge {
public:
    // `origin` is the name under which our lane writes at this agency. References outlive the object.
    StreamMerge(BridgeState& state, Lanes& lanes, AgencyId agency, std::string origin);

    // While a survey of this agency runs, its window is told what the stream touches. Null ends that. Not
    // owned.
    void observe(SurveyWindow* window) { survey_ = window; }

    // What must be in memory before merge() of these transactions. Ask again after every answer until it is
    // empty. Errors are permanent for this stream.
    [[nodiscard]] Result<Demand> demand(std::span<const SourceTransaction> batch);

    // Merges a batch and ends it with its stream position. All that demand() asked for is in memory. Ends
    // before a transaction that the breaker stops, and merges nothing while one waits for a person.
    [[nodiscard]] Result<StreamReport> merge(std::span<const SourceTransaction> batch, EntryLog& log);

private:
    [[nodiscard]] MergedTo merged_to() const;
    [[nodiscard]] bool is_echo(const SourceTransaction& transaction) const;
    [[nodiscard]] Lane& lane() { return lanes_->at(agency_); }
    void merge_local(const NetEffect& effect, const SourceTransaction& transaction, EntryLog& log);
    void merge_echo(
        const NetEffect& effect, const SourceTransaction& transaction, EntryLog& log, StreamReport& report
    );
    void merge_row_of(
        const NetRow& row,
        const RenamedRows& renamed,
        const SourceTransaction& transaction,
        EntryLog& log,
        std::optional<JournalSeq> echo
    );
    void move_marks(
        JournalSeq to,
        JournalSeq old_seen,
        JournalSeq first_entry,
        const std::map<RecordId, std::vector<UnitIndex>>& written,
        EntryLog& log
    );
    // Rows that an earlier transaction of the batch gives another key, by that key: their keys before the
    // batch.
    using KeysBefore = std::map<LinkKey, LinkKey>;

    void demand_net_row(const NetRow& row, KeysBefore& keys_before, Demand& demand) const;
    [[nodiscard]] const Image* previous_image(const NetRow& row) const;

    BridgeState* state_;
    Lanes* lanes_;
    AgencyId agency_;
    std::string origin_;
    RelationMap relations_;
    SurveyWindow* survey_ = nullptr;
    std::unordered_set<LinkKey> coming_;  // Of the transaction in hand: RowInput::coming.
    JournalSeq
        seen_;  // While a batch is merged: moves with each echo; the state follows with the position entry.
    JournalSeq seen_before_;  // The same before the echo in hand.
};

}  // namespace casebridge::pipeline
