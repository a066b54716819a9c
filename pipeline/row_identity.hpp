#pragma once

#include "pipeline/bridge_state.hpp"
#include "pipeline/row_translation.hpp"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// Which record a row without a link is: by the identity rules, in their order, and by what persons decided of
// the row. docs/identity.md has it by example.

namespace casebridge::pipeline {

// The codes under which a row is parked because its record is in doubt.
inline constexpr std::string_view ambiguous_identity =
    "ambiguous_identity";                                             // One rule finds several records.
inline constexpr std::string_view rules_disagree = "rules_disagree";  // Rules find different records.
// A rule finds a record of which a rule before it says that it is another.
inline constexpr std::string_view identifier_contradicts = "identifier_contradicts";
inline constexpr std::string_view local_duplicate = "local_duplicate";  // The record has a row here already.
// The record is being deleted everywhere, and the row's agency did not know that when it entered the row.
inline constexpr std::string_view record_deleted = "record_deleted";

// No record is the row: it begins one.
struct NewRecord {};

struct Doubt {
    std::string code;
    std::vector<MatchCandidate> candidates;  // At least one; as the rules found them.
};

using Identified = std::variant<NewRecord, RecordId, Doubt>;

// The keys that a row shows under the identity rules of its entity, in the rules' order.
[[nodiscard]] std::vector<IdentityKey> shown_identities(
    const BridgeDefinition& definition, EntityIndex entity, std::span<const UnitReading> units
);

struct RowToIdentify {
    LinkKey row;
    std::optional<LocalKey> previous_key;  // Of the same row, if the change renames it.
    std::optional<RecordId> former;        // Whose row had ended under this key.
    std::span<const IdentityKey> shown;
    JournalSeq seen;                               // What the agency had been told when it entered the row.
    std::optional<RecordId> never = std::nullopt;  // Is not looked at: a person is about to say that.
};

// Nothing is guessed: what is found is one record, found by every rule that finds any, contradicted by no
// rule before the first that finds it, without a live row in the row's table, and not about to be deleted by
// a deletion that the agency did not know of when it entered the row. Of several that every rule finds it is
// `former`; it is `former` too if no rule finds any and nothing tells the two apart. Records that the row may
// never be are not looked at. A person's decision that the row is a record goes before all rules. The records
// that the keys identify, `former`, and the one that a person named, are in memory.
[[nodiscard]] Identified identify_row(const BridgeState& state, const RowToIdentify& row);

// Whether a row that a transaction deleted and inserted again is still the record `former`, as far as anybody
// can tell: not if it begins a record or is another one. To be asked before the deletion is merged. The same
// records are in memory.
[[nodiscard]] bool comes_back(
    const BridgeState& state,
    const LinkKey& row,
    const std::optional<LocalKey>& previous_key,
    const Image& image,
    RecordId former
);

}  // namespace casebridge::pipeline
