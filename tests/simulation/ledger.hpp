#pragma once

#include "tests/simulation/rows.hpp"
#include "tests/simulation/standing.hpp"
#include "tests/simulation/violation.hpp"

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// What truly happened, kept by somebody who stands outside: every commit at any agency in true order, what
// the hub knew when each delivery was planned. It sees the journal as anybody may, and uses no decision of
// the project's code. What can be judged at once is judged here; the rest is judged at the end (checkers/).

namespace casebridge::simulation {

struct World;
class LaneSession;
struct WalTransaction;

// A person or a home, by number or code: agencies' keys and the hub's ids differ, this does not.
struct Subject {
    EntityIndex entity;
    std::string key;

    friend auto operator<=>(const Subject&, const Subject&) = default;
    friend bool operator==(const Subject&, const Subject&) = default;
};
[[nodiscard]] std::string show(const Subject& subject);

struct Commit {
    AgencyId agency;
    std::size_t index = 0;  // In that agency's WAL.
};

// What the hub knew when a position was chosen.
struct PlanNote {
    Lsn read_to;                           // Of the agency's WAL.
    std::optional<SourcePosition> inside;  // And of the transaction behind it, up to here.
    std::map<std::pair<Subject, UnitIndex>, Text> golden;
};

// What one of our transactions did to a row.
struct OwnWrite {
    std::map<std::size_t, Text> slots;  // What was sent.
    std::set<UnitIndex> written;
    std::set<UnitIndex> altered;  // By a trigger: the row shows something else than was sent.
    bool erased = false;
};

struct RowState {
    Lsn end_lsn;
    Lsn commit_lsn;
    std::uint32_t ordinal = 0;
    bool ours = false;
    std::optional<Row> content;  // Nothing: gone.
};

class Ledger {
public:
    // Rows that were there before the bridge.
    void begin(const World& world);

    // Checker `flush_not_ahead` (I1).
    void acknowledged(const World& world, const AgencyId& agency, Lsn flushed) const;
    // A position was chosen for a transaction that is about to be sent; its entries are durable.
    void planned(const World& world, const AgencyId& agency, JournalSeq to);
    // A transaction of an agency's own application committed.
    void edited(const World& world, const AgencyId& agency);
    // Ours did. Checkers `position_advances`, `nothing_unread_overwritten`, `only_shared_is_written`.
    void delivered(const World& world, const AgencyId& agency, const LaneSession& session);
    // Entries are durable. Checker `echo_is_silent` (I5).
    void appended(World& world, std::span<const Entry> entries);

    [[nodiscard]] const std::vector<Commit>& commits() const noexcept { return commits_; }
    [[nodiscard]] const PlanNote* plan_of(const AgencyId& agency, JournalSeq to) const;
    // Nothing when that transaction did not write the row.
    [[nodiscard]] const OwnWrite* own_write(const AgencyId& agency, Lsn commit_lsn, const LinkKey& row) const;
    // All states of a row since the beginning, by its key.
    [[nodiscard]] const std::vector<RowState>* history(const LinkKey& row) const;
    // The rows of a table that were there before the bridge.
    [[nodiscard]] std::map<LinkKey, Row> rows_before(MappingIndex table) const;
    // What the row was when the agency's WAL ended there; nothing when it was not there.
    [[nodiscard]] const Row* state_at(const LinkKey& row, Lsn end_lsn) const;

private:
    void remember(const WalTransaction& transaction);
    void check_unread(const World& world, const AgencyId& agency, const LaneSession& session) const;
    static void check_person(const World& world, const LinkKey& row, const Row& before, RecordId record);
    void note_what_may_be_told(const World& world, MappingIndex table, const Row& content);
    void check_shared(const World& world, const AgencyId& agency, const WalTransaction& transaction) const;
    void check_echo(const RowRead& read) const;
    void check_echo(const RowDeleted& deleted) const;
    void check_known(
        const LinkKey& row, const Row& before, std::size_t slot, const PlanNote& plan, const char* what
    ) const;

    std::vector<Commit> commits_;
    std::map<LinkKey, std::vector<RowState>> histories_;
    std::map<std::pair<AgencyId, JournalSeq>, PlanNote> plans_;
    std::map<AgencyId, JournalSeq> position_;
    std::map<std::pair<AgencyId, Lsn>, std::map<LinkKey, OwnWrite>> own_;
    // What applications ever had for a person that may be shown to an agency, of units that not everybody may
    // show it: all that may be written there.
    std::map<std::tuple<AgencyId, UnitIndex, std::string>, std::set<Text>> may_be_told_;
};

}  // namespace casebridge::simulation
