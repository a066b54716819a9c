#pragma once

#include "tests/simulation/world.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace casebridge::simulation {

// What becomes of deletions, as docs/conflict_resolution.md ("Deletes") words it, a second time. It goes by
// what the applications did, as the agencies' WALs show it, by what persons decided, and by the order in
// which the hub read all that; never by what the journal says that follows.
class Departures {
public:
    explicit Departures(const World& world);

    enum class State {
        asked,      // Whether the other rows go is for a person to say.
        by_rule,    // They go.
        by_person,  // So a person said, who has seen everything.
    };
    struct Departing {
        State state = State::asked;
        JournalSeq since;
        std::set<MappingIndex> tables;  // Of the rows whose deletion this is about.

        [[nodiscard]] bool leaves() const { return state != State::asked; }
        friend bool operator==(const Departing&, const Departing&) = default;
    };

    // What holds of the record when the journal ends there; nothing: it stays.
    [[nodiscard]] std::optional<Departing> at(RecordId record, JournalSeq seq) const;
    [[nodiscard]] std::optional<Departing> at_end(RecordId record) const;

    // Whether the agency's own deletion of its row, when the journal ends there, keeps us from inserting one.
    [[nodiscard]] bool deleted_by_its_agency(RecordId record, MappingIndex table, JournalSeq seq) const;

    // What has to follow from the deletion that this entry tells of.
    [[nodiscard]] DeleteEffect effect_of(JournalSeq deleted) const { return effects_.at(deleted); }

    // Numbers or codes of the rows of the record that applications have deleted.
    [[nodiscard]] bool was_deleted(RecordId record, const std::string& natural_key) const
    {
        return deleted_keys_.contains({record, natural_key});
    }

    // What the agency's database had been told when the row was entered. Of a row that was read later than
    // that, or by a survey, nobody can know it.
    [[nodiscard]] JournalSeq entered_knowing(const RowRead& read) const;
    [[nodiscard]] JournalSeq entered_knowing(const RowParked& parked) const;

private:
    using Place = std::pair<RecordId, MappingIndex>;
    template <class Value>
    using Timeline = std::vector<std::pair<JournalSeq, Value>>;

    struct Row {
        enum class State { reserved, live, ended };
        State state = State::ended;
        JournalSeq since;
        bool entered = false;  // By its agency; otherwise we inserted it.
    };
    // Of one transaction, the changes that were merged together.
    struct Part {
        const WalTransaction* transaction = nullptr;
        std::uint32_t first = 0;
        std::uint32_t last = 0;
    };

    void take(const RowRead& read, JournalSeq seq);
    void take(const RowDeleted& deleted, JournalSeq seq);
    void take(const TableTruncated& table, JournalSeq seq);
    void take(const LinkReserved& link, JournalSeq seq);
    void take(const LinkDissolved& link, JournalSeq seq);
    void take(const DeletionDecided& decided, JournalSeq seq);
    void take(const BreakerTripped& tripped, JournalSeq seq);
    void take(const BreakerApproved& approved, JournalSeq seq);
    template <class Other>
    void take(const Other&, JournalSeq)
    {
    }

    void find_positions();
    [[nodiscard]] Part part_of(const AgencyId& agency, Lsn commit_lsn, JournalSeq seq) const;
    [[nodiscard]] DeleteEffect judge(const RowDeleted& deleted, JournalSeq seq) const;
    [[nodiscard]] bool is_back(const RowDeleted& deleted, JournalSeq seq) const;
    [[nodiscard]] bool anybody_else_has(RecordId record, MappingIndex table) const;
    [[nodiscard]] bool entered_untold(const RowDeleted& deleted) const;
    [[nodiscard]] bool returns(const RowRead& read, const Departing& departing) const;
    [[nodiscard]] JournalSeq entered_knowing(
        const LinkKey& row, const Image& image, RowSource source, Lsn commit_lsn
    ) const;
    [[nodiscard]] const WalTransaction* transaction_at(const AgencyId& agency, Lsn commit_lsn) const;
    [[nodiscard]] std::optional<Departing> now(RecordId record) const;
    void become(RecordId record, JournalSeq seq, std::optional<Departing> departing);
    void join(RecordId record, JournalSeq seq, MappingIndex table, State state);
    void give_back(RecordId record, const Departing& departing, JournalSeq seq);
    void set_deleted(const Place& place, JournalSeq seq, bool deleted);

    const World& world_;
    std::map<std::pair<AgencyId, Lsn>, const WalTransaction*> transactions_;
    std::map<AgencyId, Timeline<std::optional<SourcePosition>>> positions_;  // Where parts end.
    std::map<AgencyId, Lsn> stopped_;
    std::set<std::pair<AgencyId, Lsn>> held_;  // Transactions of which nothing is to follow by rule.
    std::map<Place, Row> rows_;
    std::map<RecordId, Timeline<std::optional<Departing>>> departing_;
    std::map<Place, Timeline<bool>> deleted_;
    std::map<JournalSeq, DeleteEffect> effects_;
    std::set<std::pair<RecordId, std::string>> deleted_keys_;
};

}  // namespace casebridge::simulation
