#pragma once

#include "mapping/translate.hpp"
#include "pipeline/bridge_state.hpp"

#include <unordered_set>

namespace casebridge::pipeline {

// Resolves references over the links in memory. The caller has demanded the records in question.
class StateResolver : public mapping::ReferenceResolver {
public:
    explicit StateResolver(const BridgeState& state) : state_(&state) {}

    [[nodiscard]] std::optional<RecordId> record_of(MappingIndex table, const LocalKey& key) const override
    {
        return state_->records.linked({table, key});
    }

    // A row that the same delivery inserts before counts as there.
    [[nodiscard]] std::optional<LocalKey> key_of(MappingIndex table, RecordId record) const override
    {
        const auto* found = state_->records.find(record);
        const auto* link = found == nullptr ? nullptr : found->find_link(table);
        if (link == nullptr)
            return std::nullopt;
        const bool usable =
            state_->state_of(*link) == LinkState::live || inserted_.contains({table, link->key});
        return usable ? std::optional{link->key} : std::nullopt;
    }

    void will_insert(LinkKey row) { inserted_.insert(std::move(row)); }

private:
    const BridgeState* state_;
    std::unordered_set<LinkKey> inserted_;
};

}  // namespace casebridge::pipeline
