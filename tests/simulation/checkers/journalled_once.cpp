#include "tests/simulation/checkers/checkers.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace casebridge::simulation {
namespace {

// The net effect of one local transaction on one row.
struct Net {
    std::uint32_t ordinal = 0;  // Of its last change.
    std::optional<Row> after;   // Nothing: gone.
};

std::map<LinkKey, Net> net_rows(const WalTransaction& transaction)
{
    std::map<LinkKey, Net> rows;
    std::uint32_t ordinal = 0;
    for (const auto& change : transaction.changes) {
        if (change.old_key)
            rows.erase({change.row.table, *change.old_key});
        switch (change.operation) {
            case RowOperation::insert:
            case RowOperation::update:
                rows[change.row] = {ordinal, change.after};
                break;
            case RowOperation::erase:
                rows[change.row] = {ordinal, std::nullopt};
                break;
            case RowOperation::truncate:
                std::erase_if(rows, [&](const auto& row) { return row.first.table == change.row.table; });
                break;
        }
        ++ordinal;
    }
    return rows;
}

// Where an entry says that it read or parked a row.
using Source = std::tuple<AgencyId, Lsn, std::uint32_t, LinkKey>;

class Once {
public:
    explicit Once(const World& world) : world_(world)
    {
        for (const auto& entry : world.hub.journal()) {
            if (const auto* read = std::get_if<RowRead>(&entry.body)) {
                const LinkKey row{read->table, read->key};
                images_[{read->agency, read->position.commit_lsn, read->position.ordinal, row}].push_back(
                    read->image
                );
                read_[row].push_back({read->position, read->image});
                shown_[{read->record, read->table}] = read->image;
            }
            if (const auto* parked = std::get_if<RowParked>(&entry.body)) {
                if (const auto shown =
                        parked->record ? shown_.find({*parked->record, parked->table}) : shown_.end();
                    shown != shown_.end())
                    read_[{parked->table, parked->key}].push_back({parked->position, shown->second});
                images_[{
                            parked->agency,
                            parked->position.commit_lsn,
                            parked->position.ordinal,
                            {parked->table, parked->key}
                }]
                    .push_back(parked->image);
            }
        }
    }

    void check() const
    {
        for (const auto& [agency, site] : world_.sites)
            for (const auto& transaction : site.agency.wal())
                if (!transaction.ours)
                    check(agency, transaction);
    }

private:
    void check(const AgencyId& agency, const WalTransaction& transaction) const
    {
        for (const auto& [row, net] : net_rows(transaction)) {
            if (!net.after)
                continue;
            const auto found = images_.find({agency, transaction.commit_lsn, net.ordinal, row});
            const auto times = found == images_.end() ? 0 : found->second.size();
            const auto image = image_of(*net.after);
            if (times > 1)
                throw Violation{"journalled_once", place(row, transaction) + " is in the journal twice"};
            if (times == 1 && found->second.front() && *found->second.front() != image)
                throw Violation{
                    "journalled_once", place(row, transaction) + " is in the journal as another row"};
            if (times == 0 && !changed_nothing(row, transaction, net))
                throw Violation{"journalled_once", place(row, transaction) + " is not in the journal"};
        }
    }

    // The row's mapped columns were the same before, or what they were when it was last read: perhaps in an
    // earlier part of the same transaction.
    [[nodiscard]] bool changed_nothing(const LinkKey& row, const WalTransaction& transaction, const Net& net)
        const
    {
        const auto image = image_of(*net.after);
        const auto* last = last_read(row, {transaction.commit_lsn, net.ordinal});
        const bool in_parts = last != nullptr && last->position.commit_lsn == transaction.commit_lsn;
        std::uint32_t ordinal = 0;
        for (const auto& change : transaction.changes) {
            const bool merged_before = in_parts && ordinal <= last->position.ordinal;
            ++ordinal;
            if (!merged_before && change.row == row &&
                (change.old_key || change.operation == RowOperation::insert))
                return false;
        }
        const auto* before = world_.ledger.state_at(row, transaction.commit_lsn);
        if (!in_parts && before != nullptr && image_of(*before) == image)
            return true;
        return last != nullptr && last->image == image;
    }

    struct Reading {
        SourcePosition position;
        Image image;
    };

    [[nodiscard]] static bool is_before(SourcePosition left, SourcePosition right)
    {
        return std::pair{left.commit_lsn, left.ordinal} < std::pair{right.commit_lsn, right.ordinal};
    }

    [[nodiscard]] const Reading* last_read(const LinkKey& row, SourcePosition before) const
    {
        const Reading* last = nullptr;
        if (const auto read = read_.find(row); read != read_.end())
            for (const auto& reading : read->second)
                if (is_before(reading.position, before) &&
                    (last == nullptr || !is_before(reading.position, last->position)))
                    last = &reading;
        return last;
    }

    [[nodiscard]] static std::string place(const LinkKey& row, const WalTransaction& transaction)
    {
        return "the change of " + show(row) + " committed at " + to_string(transaction.commit_lsn);
    }

    const World& world_;
    // Nothing for a row that was parked because not even its image could be read.
    std::map<Source, std::vector<std::optional<Image>>> images_;
    // A row that was renamed while it was parked takes along what was read of it.
    std::map<LinkKey, std::vector<Reading>> read_;
    std::map<std::pair<RecordId, MappingIndex>, Image> shown_;
};

}  // namespace

void check_journalled_once(const World& world)
{
    Once{world}.check();
}

}  // namespace casebridge::simulation
