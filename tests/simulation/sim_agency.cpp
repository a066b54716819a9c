#include "tests/simulation/sim_agency.hpp"

#include "model/assert.hpp"

namespace casebridge::simulation {

const WalTransaction& SimAgency::commit(WalTransaction transaction, const VirtualTime& time)
{
    transaction.xid = Xid{next_xid_++};
    transaction.commit_lsn = Lsn{next_lsn_ + 24};
    transaction.end_lsn = Lsn{next_lsn_ + 32};
    next_lsn_ += 32;
    transaction.commit_time = clock_.read(time);
    for (const auto& change : transaction.changes) {
        if (change.old_key)
            rows_.erase({change.row.table, *change.old_key});
        switch (change.operation) {
            case RowOperation::insert:
            case RowOperation::update:
                rows_.insert_or_assign(change.row, change.after);
                break;
            case RowOperation::erase:
                rows_.erase(change.row);
                break;
            case RowOperation::truncate:
                std::erase_if(rows_, [&](const auto& row) { return row.first.table == change.row.table; });
                break;
        }
    }
    if (transaction.ours) {
        progress = *transaction.ours;
    }
    wal_.push_back(std::move(transaction));
    return wal_.back();
}

const Row* SimAgency::find(const LinkKey& row) const
{
    const auto found = rows_.find(row);
    return found == rows_.end() ? nullptr : &found->second;
}

std::optional<LinkKey> SimAgency::find_natural(MappingIndex table, const std::string& key) const
{
    for (const auto& [row, content] : rows_)
        if (row.table == table && content[natural_key_slot(table)] == key)
            return row;
    return std::nullopt;
}

std::string SimAgency::snapshot() const
{
    const auto next = std::to_string(next_xid_);
    return next + ":" + next + ":";
}

}  // namespace casebridge::simulation
