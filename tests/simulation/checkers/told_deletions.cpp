#include "tests/simulation/checkers/told_deletions.hpp"

#include <algorithm>
#include <map>

namespace casebridge::simulation {
namespace {

class Reading {
public:
    void take(const RowRead& read, JournalSeq)
    {
        if (read.returns)
            leaving_.erase(read.record);
    }

    void take(const RowDeleted& deleted, JournalSeq seq)
    {
        if (!deleted.record)
            return;
        ToldDeletion told{seq, deleted};
        if (deleted.effect == DeleteEffect::propagated)
            leaving_[*deleted.record] = seq;
        if (deleted.effect == DeleteEffect::held)
            held_[*deleted.record] = seq;
        if (const auto leaving = leaving_.find(*deleted.record);
            deleted.effect == DeleteEffect::none && leaving != leaving_.end())
            told.part_of = leaving->second;
        told_.push_back(std::move(told));
    }

    void take(const DeletionDecided& decided, JournalSeq)
    {
        if (const auto held = held_.find(decided.record);
            decided.choice == DeletionChoice::remove && held != held_.end())
            leaving_[decided.record] = held->second;
    }

    template <class Other>
    void take(const Other&, JournalSeq)
    {
    }

    [[nodiscard]] std::vector<ToldDeletion> told() && { return std::move(told_); }

private:
    std::vector<ToldDeletion> told_;
    std::map<RecordId, JournalSeq> leaving_;
    std::map<RecordId, JournalSeq> held_;
};

}  // namespace

std::vector<ToldDeletion> told_deletions(const World& world)
{
    Reading reading;
    for (const auto& entry : world.hub.journal())
        std::visit([&](const auto& body) { reading.take(body, entry.seq); }, entry.body);
    return std::move(reading).told();
}

JournalSeq told_before(const World& world, const AgencyId& agency, Lsn at)
{
    JournalSeq told{0};
    for (const auto& transaction : world.sites.at(agency).agency.wal())
        if (transaction.ours && transaction.commit_lsn < at)
            told = std::max(told, *transaction.ours);
    return told;
}

std::optional<std::size_t> commit_at(const World& world, const AgencyId& agency, Lsn commit_lsn)
{
    const auto& commits = world.ledger.commits();
    const auto& wal = world.sites.at(agency).agency.wal();
    for (std::size_t i = 0; i < commits.size(); ++i)
        if (commits[i].agency == agency && wal[commits[i].index].commit_lsn == commit_lsn)
            return i;
    return std::nullopt;
}

}  // namespace casebridge::simulation
