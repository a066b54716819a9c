#pragma once

#include "mapping/translate.hpp"
#include "model/error.hpp"
#include "model/source_transaction.hpp"
#include "pipeline/bridge_definition.hpp"
#include "pipeline/record.hpp"

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

// The net effect of one source transaction on each mapped row: what the row was called before and what it is
// after. Intermediate states inside a transaction are nobody's business (1 → 3 → 1 is no change).

namespace casebridge::pipeline {

// For each table its rank in an order in which the tables of required references come first.
[[nodiscard]] std::vector<std::size_t> parents_first(const BridgeDefinition& definition);

// How a relation of one agency's stream is mapped. `mapping` is null for a table that no mapping names.
struct MappedRelation {
    std::shared_ptr<const Relation> relation;
    const mapping::TableMapping* mapping = nullptr;
    mapping::ColumnPositions positions;
};

// Remembers which relations are mapped, per relation object: a schema change brings a new object.
class RelationMap {
public:
    RelationMap(const BridgeDefinition& definition, AgencyId agency);

    // Errors are permanent: the table no longer has what its mapping names (`schema_drift`).
    [[nodiscard]] Result<const MappedRelation*> find(const std::shared_ptr<const Relation>& relation);

    // parents_first() of the definition.
    [[nodiscard]] const std::vector<std::size_t>& ranks() const noexcept { return ranks_; }

private:
    const BridgeDefinition* definition_;
    AgencyId agency_;
    std::vector<std::size_t> ranks_;
    std::unordered_map<const Relation*, MappedRelation> known_;
};

struct NetRow {
    const MappedRelation* relation = nullptr;
    LinkKey row;
    std::optional<LocalKey> previous_key;  // Set when the transaction changed the key.
    std::optional<Tuple> tuple;            // Empty: deleted.
    bool erased = false;                   // The last change deleted it.
    bool born = false;                     // Its key was another row's when the transaction began.
    bool replaced = false;                 // Deleted and inserted again inside the transaction.
    std::uint32_t ordinal = 0;             // Of the last change.
};

struct NetEffect {
    // Referenced tables first. Within a table the deleted rows, then those with a new key, then the others:
    // whoever takes a key comes behind the row that left it. Otherwise in the order of their first change.
    std::vector<NetRow> rows;
    std::vector<std::pair<const mapping::TableMapping*, std::uint32_t>> truncated;
};

// Computes it of the changes from `first_ordinal` on. Errors: permanent from RelationMap, and `key_missing`
// for a row whose key the stream does not show.
[[nodiscard]] Result<NetEffect> net_effect(
    RelationMap& relations, const SourceTransaction& transaction, std::uint32_t first_ordinal
);

}  // namespace casebridge::pipeline
