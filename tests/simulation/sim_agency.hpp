#pragma once

#include "model/lsn.hpp"
#include "pipeline/delivery_planner.hpp"
#include "tests/simulation/rows.hpp"
#include "tests/simulation/sim_clock.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

// One agency's PostgreSQL server: tables, a WAL of committed transactions, a replication slot, the progress
// of our replication origin, rows that somebody holds locked.

namespace casebridge::simulation {

// One row of one transaction as the WAL keeps it.
struct WalChange {
    LinkKey row;
    std::optional<LocalKey> old_key;  // The update changed the key.
    RowOperation operation = RowOperation::insert;
    Row after;                     // Empty for erase and truncate.
    std::set<std::size_t> unsent;  // Large values left alone: the server does not send them.
};

struct WalTransaction {
    Xid xid;
    Lsn commit_lsn;
    Lsn end_lsn;
    PgTime commit_time;
    std::optional<JournalSeq> ours;  // Under our origin, at this position.
    std::vector<WalChange> changes;
    std::vector<LogicalMessage> messages;  // Ordinals behind those of the changes.
};

class SimAgency {
public:
    SimAgency(AgencyId id, AgencyClock clock) : id_(std::move(id)), clock_(clock) {}

    [[nodiscard]] const AgencyId& id() const noexcept { return id_; }
    [[nodiscard]] AgencyClock& clock() noexcept { return clock_; }

    // Commits: the changes become visible and the WAL shows them. Positions and times are set here.
    const WalTransaction& commit(WalTransaction transaction, const VirtualTime& time);

    [[nodiscard]] const std::map<LinkKey, Row>& rows() const noexcept { return rows_; }
    [[nodiscard]] const Row* find(const LinkKey& row) const;
    // The row with this number or code.
    [[nodiscard]] std::optional<LinkKey> find_natural(MappingIndex table, const std::string& key) const;
    [[nodiscard]] const std::vector<WalTransaction>& wal() const noexcept { return wal_; }
    [[nodiscard]] Lsn wal_end() const noexcept { return Lsn{next_lsn_}; }
    [[nodiscard]] std::string new_key() { return std::to_string(next_key_++); }
    // A snapshot that sees everything committed so far.
    [[nodiscard]] std::string snapshot() const;

    // Rows before the bridge: they are in no WAL that anybody will read.
    void put_silently(const LinkKey& row, Row content) { rows_.insert_or_assign(row, std::move(content)); }

    std::set<LinkKey> locked;   // By an open form.
    std::set<LinkKey> writing;  // By our own open transaction.
    std::set<LinkKey> erasing;  // Those of them that it deletes: no foreign key may point at them any more.
    // Natural keys that our open transaction is about to insert: another insert would wait for it.
    std::set<std::pair<MappingIndex, std::string>> inserting;
    JournalSeq progress;  // Of our origin, durable.
    Lsn confirmed;        // Of our slot.

private:
    AgencyId id_;
    AgencyClock clock_;
    std::map<LinkKey, Row> rows_;
    std::vector<WalTransaction> wal_;
    std::uint64_t next_lsn_ = 1000;
    std::uint32_t next_xid_ = 700;
    std::int64_t next_key_ = 1;
};

}  // namespace casebridge::simulation
