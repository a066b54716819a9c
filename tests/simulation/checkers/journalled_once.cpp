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

// The rows that were there before the transaction and are gone behind it, by the key that they had then, with
// all keys that it gave them. Those of a table that it emptied are that entry's.
std::map<LinkKey, std::set<LinkKey>> gone_rows(const World& world, const WalTransaction& transaction)
{
    std::map<LinkKey, LinkKey> first;  // By the key that a row has meanwhile: the one that it had.
    std::map<LinkKey, std::set<LinkKey>> keys;
    std::set<LinkKey> gone;
    std::set<MappingIndex> emptied_tables;
    for (const auto& change : transaction.changes) {
        if (change.operation == RowOperation::truncate) {
            emptied_tables.insert(change.row.table);
            const auto emptied = [&](const LinkKey& row) { return row.table == change.row.table; };
            std::erase_if(first, [&](const auto& row) { return emptied(row.first); });
            std::erase_if(gone, emptied);
            continue;
        }
        LinkKey known = change.row;
        if (change.old_key) {
            const LinkKey old{change.row.table, *change.old_key};
            const auto before = first.extract(old);
            known = before.empty() ? old : before.mapped();
        } else if (const auto before = first.find(change.row); before != first.end()) {
            known = before->second;
        }
        first.insert_or_assign(change.row, known);
        keys[known].insert({known, change.row});
        if (change.operation != RowOperation::erase)
            gone.erase(known);
        else if (!emptied_tables.contains(known.table))
            gone.insert(known);
    }
    std::erase_if(keys, [&](const auto& row) {
        return !gone.contains(row.first) ||
               world.ledger.state_at(row.first, transaction.commit_lsn) == nullptr;
    });
    return keys;
}

// Where an entry says that it read or parked a row.
using Source = std::tuple<AgencyId, Lsn, std::uint32_t, LinkKey>;

class Once {
public:
    explicit Once(const World& world) : world_(world)
    {
        std::map<LinkKey, Lsn> waits;
        for (const auto& entry : world.hub.journal()) {
            if (const auto* deleted = std::get_if<RowDeleted>(&entry.body))
                ++deleted_[{
                    deleted->agency, deleted->position.commit_lsn, {deleted->table, deleted->key}
                }];
            if (const auto* table = std::get_if<TableTruncated>(&entry.body))
                ++truncated_[{table->agency, table->position.commit_lsn, table->table}];
            if (const auto* parked = std::get_if<RowParked>(&entry.body))
                waits[{parked->table, parked->key}] = parked->position.commit_lsn;
            if (const auto* released = std::get_if<ParkedReleased>(&entry.body))
                waited_[{released->table, released->key}].push_back(waits[{released->table, released->key}]);
            if (const auto* position = std::get_if<StreamPosition>(&entry.body);
                position != nullptr && position->inside)
                in_parts_.emplace(position->agency, position->inside->commit_lsn);
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
            for (const auto& transaction : site.agency.wal()) {
                check_gone(agency, transaction);
                if (transaction.ours)
                    continue;
                check(agency, transaction);
                check_truncated(agency, transaction);
            }
        for (const auto& [source, times] : deleted_)
            check_erased(source);
    }

private:
    using Erased = std::tuple<AgencyId, Lsn, LinkKey>;

    // One that is merged in parts may delete a row, insert it and delete it again, and calls it what it was
    // called when the part began.
    void check_gone(const AgencyId& agency, const WalTransaction& transaction) const
    {
        for (const auto& [row, keys] : gone_rows(world_, transaction)) {
            std::size_t times = 0;
            for (const auto& key : keys)
                if (const auto found = deleted_.find({agency, transaction.commit_lsn, key});
                    found != deleted_.end())
                    times += found->second;
            if (times == 0 && !was_parked(row, transaction.commit_lsn))
                throw Violation{
                    "journalled_once",
                    "the deletion of " + show(row) + " committed at " + to_string(transaction.commit_lsn) +
                        " is not in the journal"};
            if (times > 1 && !in_parts_.contains({agency, transaction.commit_lsn}))
                throw Violation{
                    "journalled_once",
                    "the deletion of " + show(row) + " committed at " + to_string(transaction.commit_lsn) +
                        " is in the journal twice"};
        }
    }

    // Behind a TRUNCATE nobody knows whose row it was that came back and could never be read: that it waits
    // is over.
    [[nodiscard]] bool was_parked(const LinkKey& row, Lsn gone) const
    {
        const auto parked = waited_.find(row);
        const auto* last = last_read(row, {gone, 0});
        return parked != waited_.end() && std::ranges::any_of(parked->second, [&](Lsn since) {
                   return since < gone && (last == nullptr || last->position.commit_lsn <= since);
               });
    }

    void check_truncated(const AgencyId& agency, const WalTransaction& transaction) const
    {
        std::map<MappingIndex, std::size_t> emptied;
        for (const auto& change : transaction.changes)
            if (change.operation == RowOperation::truncate)
                ++emptied[change.row.table];
        for (const auto& [table, times] : emptied) {
            const auto found = truncated_.find({agency, transaction.commit_lsn, table});
            if (found == truncated_.end() || found->second != times)
                throw Violation{
                    "journalled_once",
                    "a TRUNCATE of " + agency.value() + " committed at " + to_string(transaction.commit_lsn) +
                        " is not in the journal, or twice"};
        }
    }

    // What the journal calls deleted somebody has deleted: no TRUNCATE, and no row that is there.
    void check_erased(const Erased& source) const
    {
        const auto& [agency, commit_lsn, row] = source;
        LinkKey known = row;
        bool erased = false;
        for (const auto& transaction : world_.sites.at(agency).agency.wal()) {
            if (transaction.commit_lsn != commit_lsn)
                continue;
            for (const auto& change : transaction.changes) {
                if (change.old_key && change.row.table == known.table && *change.old_key == known.key)
                    known = change.row;
                erased = erased || (change.row == known && change.operation == RowOperation::erase);
            }
        }
        if (!erased)
            throw Violation{"journalled_once", show(row) + " is called deleted and nobody has deleted it"};
    }

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
    std::map<Erased, std::size_t> deleted_;
    std::map<std::tuple<AgencyId, Lsn, MappingIndex>, std::size_t> truncated_;
    std::set<std::pair<AgencyId, Lsn>> in_parts_;
    std::map<LinkKey, std::vector<Lsn>> waited_;  // Rows that were parked for a while, and at which commit.
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
