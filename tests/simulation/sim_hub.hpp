#pragma once

#include "hub/entry_codec.hpp"
#include "pipeline/bridge_state.hpp"

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace casebridge::simulation {

// The hub in memory: the journal as encoded rows, the projections behind it as encoded records, and beside
// them a state that has applied every durable entry and was never restarted: what a replay must lead to.
class SimHub {
public:
    explicit SimHub(const pipeline::BridgeDefinition& definition);

    // Durable from here on. Entries pass through the codec; what it gives back is applied to replayed().
    void append(std::span<const Entry> entries);

    [[nodiscard]] const std::vector<Entry>& journal() const noexcept { return decoded_; }
    [[nodiscard]] const pipeline::BridgeState& replayed() const noexcept { return *replayed_; }
    [[nodiscard]] JournalSeq last_seq() const { return replayed_->last_seq; }

    // Everything a projection batch holds, copied inside the daemon's turn.
    struct Projection {
        JournalSeq to;
        std::vector<pipeline::Record> records;
        std::map<AgencyId, pipeline::AgencyState> agencies;
        std::vector<pipeline::TableState> tables;
        std::unordered_map<pipeline::LinkKey, pipeline::ParkedRow> parked;
    };
    void project(const Projection& projection);

    // A state as the projections tell it, without records but for those that rows wait for.
    [[nodiscard]] std::unique_ptr<pipeline::BridgeState> load_state() const;
    [[nodiscard]] JournalSeq projected_seq() const noexcept { return projected_.to; }
    [[nodiscard]] std::vector<Entry> entries_behind(JournalSeq seq) const;

    // As hub/records.hpp answers them, from the projections and the journal.
    [[nodiscard]] std::vector<pipeline::Record> load(const pipeline::Demand& demand) const;
    [[nodiscard]] std::vector<RecordId> records_lacking(const AgencyId& agency) const;
    [[nodiscard]] std::set<RecordId> records_changed_since(JournalSeq seq) const;
    [[nodiscard]] std::vector<RecordId> records_without_row(const AgencyId& agency) const;

private:
    struct Stored {
        pipeline::Record record;
        pipeline::RecordKeys keys;
    };

    const pipeline::BridgeDefinition* definition_;
    hub::EntryCodec codec_;
    std::vector<hub::EntryRow> rows_;
    std::vector<Entry> decoded_;
    std::unique_ptr<pipeline::BridgeState> replayed_;
    Projection projected_;
    std::map<RecordId, Stored> records_;
};

}  // namespace casebridge::simulation
