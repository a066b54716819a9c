#pragma once

#include "pipeline/delivery_plan.hpp"
#include "tests/simulation/occurrences.hpp"
#include "tests/simulation/sim_agency.hpp"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace casebridge::simulation {

// The server's side of the one session that holds our origin at an agency. A delivery takes two round trips,
// statements and COMMIT, and the client may vanish between any two of these phases; a COMMIT that was sent
// may still be executed by a session whose client is gone.
class LaneSession {
public:
    enum class Phase {
        idle,
        asked,       // Statements were sent.
        written,     // Executed: rows are changed and locked, nothing is visible.
        committing,  // COMMIT was sent.
        answered,    // Committed; the answer is under way.
    };

    LaneSession(SimAgency& agency, Occurrences& occurrences) : agency_(&agency), occurrences_(&occurrences) {}

    // Client's side.
    void ask(pipeline::DeliveryPlan plan);
    void ask_marker(JournalSeq to);
    void send_commit();
    [[nodiscard]] pipeline::DeliveryOutcome take_answer();
    void client_vanishes() noexcept { client_gone_ = true; }

    // Server's side.
    void execute();
    const WalTransaction& commit(const VirtualTime& time);
    void abort();

    [[nodiscard]] Phase phase() const noexcept { return phase_; }
    [[nodiscard]] bool client_gone() const noexcept { return client_gone_; }
    [[nodiscard]] const pipeline::DeliveryPlan& plan() const noexcept { return plan_; }
    // The rows that this transaction wrote, as they are and as they were. For the ledger.
    [[nodiscard]] const std::map<LinkKey, Row>& before() const noexcept { return before_; }

private:
    enum class Fate { written, missed, refused, deferred };

    Fate insert(const pipeline::TableWrites& writes, const pipeline::RowInsert& insert);
    Fate update(const pipeline::TableWrites& writes, const pipeline::RowUpdate& update);
    Fate erase(const pipeline::TableWrites& writes, const pipeline::RowDelete& deletion);
    void note(Fate fate, MappingIndex table, RecordId record);
    [[nodiscard]] const Row* see(const LinkKey& row) const;
    [[nodiscard]] const char* violated_check(MappingIndex table, const Row& row) const;
    [[nodiscard]] bool parent_missing(MappingIndex table, const Row& row) const;
    [[nodiscard]] bool pointed_at(const LinkKey& row) const;
    [[nodiscard]] bool taken(MappingIndex table, const LinkKey& self, const Row& row) const;
    void stage(WalChange change);

    SimAgency* agency_;
    Occurrences* occurrences_;
    Phase phase_ = Phase::idle;
    bool client_gone_ = false;
    pipeline::DeliveryPlan plan_;
    pipeline::DeliveryOutcome outcome_;
    const char* refusal_ = "";
    std::vector<WalChange> staged_;
    std::map<LinkKey, Row> after_;
    std::set<LinkKey> erased_;
    std::map<LinkKey, Row> before_;
};

}  // namespace casebridge::simulation
