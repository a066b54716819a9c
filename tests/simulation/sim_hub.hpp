#pragma once

#include "hub/entry_codec.hpp"
#include "pipeline/bridge_state.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
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
    [[nodiscard]] bool has_configuration() const noexcept { return has_configuration_; }

    // Everything a projection batch holds, copied inside the daemon's turn.
    struct ProjectedRecord {
        pipeline::Record record;
        pipeline::ProjectionNeed need = pipeline::ProjectionNeed::everything;
    };
    struct Projection {
        JournalSeq to;
        std::vector<ProjectedRecord> records;
        std::map<AgencyId, pipeline::AgencyState> agencies;
        std::vector<pipeline::TableState> tables;
        std::vector<pipeline::ParkedRow> parked;
        std::vector<pipeline::LinkKey> released;
        std::unordered_map<pipeline::LinkKey, pipeline::RowMatches> matches;
    };
    void project(const Projection& projection);

    // A state as the projections tell it, without records but for those that wait for rows.
    [[nodiscard]] std::unique_ptr<pipeline::BridgeState> load_state() const;
    [[nodiscard]] JournalSeq projected_seq() const noexcept { return projected_seq_; }
    [[nodiscard]] std::span<const Entry> entries_behind(JournalSeq seq) const;

    // As hub/records.hpp answers them, from the projections and the journal.
    [[nodiscard]] std::vector<pipeline::Record> load(const pipeline::Demand& demand) const;
    [[nodiscard]] std::vector<RecordId> records_lacking(const AgencyId& agency) const;
    [[nodiscard]] std::set<RecordId> records_changed_since(JournalSeq seq) const;
    [[nodiscard]] std::vector<RecordId> records_without_row(
        const AgencyId& agency, RecordId after, std::size_t limit
    ) const;

private:
    // The rows around the records: written when a record's need says so, as hub/projection_rows.cpp does.
    struct LinkRow {
        RecordId record;
        pipeline::LinkState state = pipeline::LinkState::reserved;
        JournalSeq since;
    };
    // A record as its projection keeps it. Most are written again before anybody reads them.
    struct StoredRecord {
        EntityIndex entity;
        JournalSeq last_seq;
        std::string state;
        mutable std::optional<pipeline::Record> read;  // Once it was read; nobody else holds on to it.
    };
    [[nodiscard]] const pipeline::Record& read(RecordId id, const StoredRecord& stored) const;
    void forget_surroundings(RecordId record);
    void write_surroundings(const pipeline::Record& record);
    void write_links(const std::vector<ProjectedRecord>& records);

    const pipeline::BridgeDefinition* definition_;
    hub::EntryCodec codec_;
    std::vector<hub::EntryRow> rows_;
    std::vector<Entry> decoded_;
    std::unique_ptr<pipeline::BridgeState> replayed_;
    bool has_configuration_ = false;

    JournalSeq projected_seq_;
    std::map<AgencyId, pipeline::AgencyState> agencies_;
    std::vector<pipeline::TableState> tables_;
    std::map<pipeline::LinkKey, pipeline::ParkedRow> parked_;
    std::unordered_map<pipeline::LinkKey, pipeline::RowMatches> matches_;
    std::map<RecordId, StoredRecord> records_;
    std::map<pipeline::LinkKey, LinkRow> links_;
    std::set<std::pair<pipeline::IdentityKey, RecordId>> identities_;
    std::set<std::pair<RecordId, RecordId>> references_;        // Target, record.
    std::set<std::pair<pipeline::LinkKey, RecordId>> waiting_;  // Row that is waited for, record.
};

}  // namespace casebridge::simulation
