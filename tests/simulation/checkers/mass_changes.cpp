#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/violation.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace casebridge::simulation {
namespace {

// Goes through the journal with the agencies' true transactions beside it. What it cannot be sure of it
// leaves out: a limit that is passed is passed in any case.
class MassChanges {
public:
    explicit MassChanges(const World& world) : world_(world), most_(*world.rules.mass_change())
    {
        for (const auto& [agency, site] : world.sites)
            for (const auto& transaction : site.agency.wal())
                if (!transaction.ours)
                    local_.emplace(std::pair{agency, transaction.commit_lsn}, &transaction);
    }

    void check()
    {
        for (const auto& entry : world_.hub.journal())
            std::visit([&](const auto& body) { take(body); }, entry.body);
    }

private:
    // Records of one entity that one transaction touched since the stream's position was written last.
    using Place = std::tuple<AgencyId, Lsn, EntityIndex>;
    using Counts = std::map<Place, std::set<RecordId>>;

    void take(const BreakerTripped& tripped) { stopped_[tripped.agency] = tripped.commit_lsn; }

    void take(const BreakerApproved& approved)
    {
        approved_.emplace(approved.agency, stopped_.at(approved.agency));
    }

    void take(const StreamPosition& position)
    {
        read_to_[position.agency] = position.end_lsn;
        const auto of_agency = [&](const auto& known) { return std::get<0>(known.first) == position.agency; };
        std::erase_if(changed_, of_agency);
        std::erase_if(deleted_, of_agency);
    }

    void take(const RowRead& read)
    {
        const bool was_live = !live_.emplace(read.record, read.table).second;
        const auto transaction = local_.find({read.agency, read.position.commit_lsn});
        if (was_live && read.link == LinkChange::none && read.source == RowSource::stream &&
            !read.versions.empty() && transaction != local_.end() &&
            touches(*transaction->second, {read.table, read.key}))
            add(changed_, read.agency, read.position, read.entity, read.record, most_.changed);
    }

    void take(const RowDeleted& deleted)
    {
        if (!deleted.record || live_.erase({*deleted.record, deleted.table}) == 0)
            return;
        const auto transaction = local_.find({deleted.agency, deleted.position.commit_lsn});
        if (transaction != local_.end() && stays_away(*transaction->second, {deleted.table, deleted.key}))
            add(deleted_, deleted.agency, deleted.position, deleted.entity, *deleted.record, most_.deleted);
    }

    void take(const TableTruncated& table)
    {
        const auto emptied = std::erase_if(live_, [&](const auto& row) { return row.second == table.table; });
        if (emptied > 0 && !approved_.contains({table.agency, table.position.commit_lsn}))
            throw Violation{
                "mass_change_approved",
                "a table of " + table.agency.value() + " with linked rows was emptied at " +
                    to_string(table.position.commit_lsn) + ", and nobody was asked"};
    }

    template <class Other>
    void take(const Other&)
    {
    }

    // What waited for a row of the transaction is read at its place, and was changed before.
    static bool touches(const WalTransaction& transaction, const LinkKey& row)
    {
        return std::ranges::any_of(transaction.changes, [&](const WalChange& change) {
            return change.row == row;
        });
    }

    static bool stays_away(const WalTransaction& transaction, const LinkKey& row)
    {
        bool gone = false;
        for (const auto& change : transaction.changes)
            if (change.row == row)
                gone = change.operation == RowOperation::erase;
        return gone;
    }

    void add(
        Counts& counts,
        const AgencyId& agency,
        const SourcePosition& position,
        EntityIndex entity,
        RecordId record,
        std::size_t most
    ) const
    {
        const std::pair commit{agency, position.commit_lsn};
        const auto read_to = read_to_.find(agency);
        const bool earlier = read_to != read_to_.end() && position.commit_lsn < read_to->second;
        if (earlier || approved_.contains(commit) || !local_.contains(commit))
            return;
        auto& records = counts[{agency, position.commit_lsn, entity}];
        records.insert(record);
        if (records.size() > most)
            throw Violation{
                "mass_change_approved",
                "the transaction of " + agency.value() + " at " + to_string(position.commit_lsn) +
                    " touches more than " + std::to_string(most) + " records, and nobody was asked"};
    }

    const World& world_;
    Rules::MassChange most_;
    std::map<std::pair<AgencyId, Lsn>, const WalTransaction*> local_;
    std::map<AgencyId, Lsn> stopped_;
    std::map<AgencyId, Lsn> read_to_;
    std::set<std::pair<AgencyId, Lsn>> approved_;
    std::set<std::pair<RecordId, MappingIndex>> live_;
    Counts changed_;
    Counts deleted_;
};

}  // namespace

void check_mass_changes(const World& world)
{
    if (world.rules.mass_change())
        MassChanges{world}.check();
}

}  // namespace casebridge::simulation
