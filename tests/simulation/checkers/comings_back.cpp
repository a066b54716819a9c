#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/checkers/told_deletions.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace casebridge::simulation {
namespace {

class ComingsBack {
public:
    explicit ComingsBack(const World& world) : world_(world), told_(told_deletions(world))
    {
        for (const auto& entry : world.hub.journal()) {
            if (const auto* link = std::get_if<LinkReserved>(&entry.body))
                reserved_[{link->table, link->key}] = link->record;
            if (const auto* decided = std::get_if<DeletionDecided>(&entry.body);
                decided != nullptr && decided->choice == DeletionChoice::restore)
                restored_.insert(decided->record);
        }
    }

    // In true order: an insert of ours behind an application's deletion needs somebody who entered the row
    // elsewhere since then, or decided.
    void check() const
    {
        std::map<std::pair<AgencyId, Subject>, Gone> deleted;
        std::map<std::pair<AgencyId, Subject>, std::size_t> entered;
        std::map<LinkKey, Subject> subjects;
        for (const auto& agency : world_.definition.agencies)
            for (const auto entity : {home_entity, person_entity})
                if (const auto table = table_of(agency, entity))
                    for (const auto& [row, content] : world_.ledger.rows_before(*table))
                        subjects[row] = {entity, natural_key(row.table, content)};
        const auto& commits = world_.ledger.commits();
        for (std::size_t i = 0; i < commits.size(); ++i) {
            const auto& agency = commits[i].agency;
            const auto& transaction = world_.sites.at(agency).agency.wal()[commits[i].index];
            for (const auto& change : transaction.changes) {
                if (change.operation == RowOperation::truncate) {
                    std::erase_if(deleted, [&](const auto& one) {
                        return one.first.first == agency &&
                               one.first.second.entity == entity_of(change.row.table);
                    });
                    continue;
                }
                if (change.operation == RowOperation::erase) {
                    const auto known = subjects.find(change.row);
                    const auto* told = transaction.ours ? nullptr : told_of(agency, transaction, change);
                    if (known != subjects.end() && told != nullptr)
                        deleted[{agency, known->second}] = {i, commit_of(*told, i)};
                    continue;
                }
                const Subject subject{
                    entity_of(change.row.table), natural_key(change.row.table, change.after)};
                subjects[change.row] = subject;
                if (change.operation != RowOperation::insert)
                    continue;
                const auto gone = deleted.find({agency, subject});
                if (!transaction.ours)
                    entered[{agency, subject}] = i;
                else if (gone != deleted.end() && had_read(agency, *transaction.ours, gone->second.own))
                    check_cause(change.row, gone->second.began, entered, subject);
                deleted.erase({agency, subject});
            }
        }
    }

private:
    // A row of the agency's, by positions in Ledger::commits().
    struct Gone {
        std::size_t own = 0;
        std::size_t began = 0;  // The deletion that this is a part of.
    };

    // Whether the hub knew of the deletion when it planned that delivery.
    [[nodiscard]] bool had_read(const AgencyId& agency, JournalSeq to, std::size_t deleted_at) const
    {
        const auto* plan = world_.ledger.plan_of(agency, to);
        const auto& wal = world_.sites.at(agency).agency.wal();
        return plan == nullptr || plan->read_to >= wal[world_.ledger.commits()[deleted_at].index].end_lsn;
    }

    // Nothing when no record had the row.
    [[nodiscard]] const ToldDeletion* told_of(
        const AgencyId& agency, const WalTransaction& transaction, const WalChange& change
    ) const
    {
        const auto told = std::ranges::find_if(told_, [&](const ToldDeletion& one) {
            return one.entry.agency == agency && one.entry.table == change.row.table &&
                   one.entry.key == change.row.key && one.entry.position.commit_lsn == transaction.commit_lsn;
        });
        return told == told_.end() ? nullptr : &*told;
    }

    // The commit, at whatever agency, of the deletion that it is a part of.
    [[nodiscard]] std::size_t commit_of(const ToldDeletion& told, std::size_t own) const
    {
        const auto began = std::ranges::find(told_, told.began(), &ToldDeletion::seq);
        return std::min(
            own, commit_at(world_, began->entry.agency, began->entry.position.commit_lsn).value_or(own)
        );
    }

    void check_cause(
        const LinkKey& row,
        std::size_t deleted_at,
        const std::map<std::pair<AgencyId, Subject>, std::size_t>& entered,
        const Subject& subject
    ) const
    {
        for (const auto& agency : world_.definition.agencies) {
            const auto again = entered.find({agency, subject});
            // The very transaction that began the deletion may enter the row again, if it was read in parts.
            if (agency != agency_of(row.table) && again != entered.end() && again->second >= deleted_at)
                return;
        }
        if (const auto record = reserved_.find(row);
            record != reserved_.end() && restored_.contains(record->second))
            return;
        throw Violation{"stays_deleted", show(row) + " came back by itself: " + show(subject)};
    }

    const World& world_;
    std::map<LinkKey, RecordId> reserved_;
    std::set<RecordId> restored_;  // By a person's decision.
    std::vector<ToldDeletion> told_;
};

}  // namespace

void check_comings_back(const World& world)
{
    ComingsBack{world}.check();
}

}  // namespace casebridge::simulation
