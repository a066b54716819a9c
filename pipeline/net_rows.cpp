#include "pipeline/net_rows.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

namespace casebridge::pipeline {

RelationMap::RelationMap(const BridgeDefinition& definition, AgencyId agency)
    : definition_(&definition), agency_(std::move(agency)), ranks_(parents_first(definition))
{
}

Result<const MappedRelation*> RelationMap::find(const std::shared_ptr<const Relation>& relation)
{
    if (const auto known = known_.find(relation.get()); known != known_.end())
        return &known->second;
    MappedRelation mapped{relation, definition_->find_table(agency_, relation->schema, relation->table), {}};
    if (mapped.mapping != nullptr) {
        auto positions = mapping::locate(*mapped.mapping, *relation);
        if (!positions)
            return positions.error();
        mapped.positions = std::move(*positions);
    }
    return &known_.emplace(relation.get(), std::move(mapped)).first->second;
}

namespace {

// Folds the changes of one transaction row by row.
class Fold {
public:
    explicit Fold(RelationMap& relations) : relations_(relations) {}

    Result<void> add(const RowChange& change)
    {
        const auto found = relations_.find(change.relation);
        if (!found)
            return found.error();
        const MappedRelation& relation = **found;
        if (relation.mapping == nullptr)
            return {};
        switch (change.operation) {
            case RowOperation::insert:
            case RowOperation::update:
                return write(relation, change);
            case RowOperation::erase:
                return erase(relation, change);
            case RowOperation::truncate:
                truncate(relation, change.ordinal);
                return {};
        }
        return {};
    }

    NetEffect take(const std::vector<std::size_t>& ranks)
    {
        // What came and went under a key that another row had left is nobody's business.
        std::erase_if(effect_.rows, [](const NetRow& row) { return row.born && !row.tuple; });
        std::ranges::stable_sort(effect_.rows, {}, [&](const NetRow& row) {
            const int turn = !row.tuple ? 0 : row.previous_key ? 1 : 2;
            return std::pair{ranks[row.row.table.value()], turn};
        });
        return std::move(effect_);
    }

private:
    Result<void> write(const MappedRelation& relation, const RowChange& change)
    {
        auto key = mapping::read_key(relation.positions, change.new_row);
        if (!key)
            return key.error();
        std::optional<LocalKey> old_key;
        if (change.old_row) {
            auto old = mapping::read_key(relation.positions, *change.old_row);
            if (!old)
                return old.error();
            if (*old != *key)
                old_key = std::move(*old);
        }
        const auto table = relation.mapping->index;
        NetRow& row = old_key ? rename(relation, *old_key, *key) : at(relation, {table, *key});
        fill_unchanged(row, change);
        if (row.erased)
            row.replaced = true;
        row.erased = false;
        row.tuple = std::move(filled_);
        row.ordinal = change.ordinal;
        return {};
    }

    Result<void> erase(const MappedRelation& relation, const RowChange& change)
    {
        auto key = mapping::read_key(relation.positions, change.old_row.value_or(Tuple{}));
        if (!key)
            return key.error();
        NetRow& row = at(relation, {relation.mapping->index, *key});
        row.tuple.reset();
        row.erased = true;
        row.ordinal = change.ordinal;
        return {};
    }

    void truncate(const MappedRelation& relation, std::uint32_t ordinal)
    {
        std::erase_if(effect_.rows, [&](const NetRow& row) {
            return row.row.table == relation.mapping->index;
        });
        index_.clear();
        for (std::size_t i = 0; i < effect_.rows.size(); ++i)
            index_.emplace(effect_.rows[i].row, i);
        effect_.truncated.emplace_back(relation.mapping, ordinal);
    }

    NetRow& at(const MappedRelation& relation, const LinkKey& key)
    {
        const auto [found, is_new] = index_.try_emplace(key, effect_.rows.size());
        if (is_new) {
            NetRow row;
            row.relation = &relation;
            row.row = key;
            row.born = left_.contains(key);
            effect_.rows.push_back(std::move(row));
        }
        NetRow& row = effect_.rows[found->second];
        row.relation = &relation;
        return row;
    }

    NetRow& rename(const MappedRelation& relation, const LocalKey& from, const LocalKey& to)
    {
        const auto table = relation.mapping->index;
        const LinkKey old_row{table, from};
        left_.insert(old_row);
        if (const auto found = index_.find(old_row); found != index_.end()) {
            const auto position = found->second;
            index_.erase(found);
            NetRow& row = effect_.rows[position];
            if (!row.previous_key)
                row.previous_key = from;
            row.row.key = to;
            index_[row.row] = position;
            return row;
        }
        // A row that was deleted under the key is another one.
        index_.erase({table, to});
        NetRow& row = at(relation, {table, to});
        row.born = false;
        row.previous_key = from;
        return row;
    }

    // A column that the server did not send keeps what an earlier change of this transaction wrote.
    void fill_unchanged(const NetRow& row, const RowChange& change)
    {
        filled_ = change.new_row;
        if (!row.tuple || row.tuple->size() != filled_.size())
            return;
        for (std::size_t i = 0; i < filled_.size(); ++i)
            if (filled_[i].state == Cell::State::unchanged)
                filled_[i] = (*row.tuple)[i];
    }

    RelationMap& relations_;
    NetEffect effect_;
    std::unordered_map<LinkKey, std::size_t> index_;
    std::unordered_set<LinkKey> left_;  // Keys that rows had before they got others.
    Tuple filled_;
};

}  // namespace

Result<NetEffect> net_effect(
    RelationMap& relations, const SourceTransaction& transaction, std::uint32_t first_ordinal
)
{
    Fold fold{relations};
    const auto from = std::ranges::lower_bound(transaction.changes, first_ordinal, {}, &RowChange::ordinal);
    for (const auto& change : std::ranges::subrange{from, transaction.changes.end()})
        if (auto added = fold.add(change); !added)
            return added.error();
    return fold.take(relations.ranks());
}

std::vector<std::size_t> parents_first(const BridgeDefinition& definition)
{
    std::vector<std::size_t> ranks(definition.tables.size(), 0);
    // Longest path over required references. A cycle of required ones cannot be inserted into anyway; the
    // bound on the rounds keeps it finite.
    for (std::size_t round = 0; round < definition.tables.size(); ++round)
        for (const auto& table : definition.tables)
            for (const auto& unit : table.units)
                for (const auto& binding : unit.bindings) {
                    const auto* reference = std::get_if<mapping::ReferenceCodec>(&binding.codec);
                    if (reference == nullptr || !reference->required || reference->table == table.index)
                        continue;
                    auto& rank = ranks[table.index.value()];
                    rank = std::max(rank, ranks[reference->table.value()] + 1);
                }
    return ranks;
}

}  // namespace casebridge::pipeline
