#pragma once

#include "pipeline/bridge_definition.hpp"
#include "pipeline/change_window.hpp"
#include "pipeline/demand.hpp"
#include "pipeline/record.hpp"
#include "pipeline/record_cache.hpp"

#include <map>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace casebridge::pipeline {

// Code of an insert that the agency's server would not take twice, although nobody's change is on its way
// that would explain it: another row, which cannot be read, has a value that must be unique.
inline constexpr std::string_view insert_blocked = "insert_blocked";

// Code of an update that the agency's server refused because another row has a value that must be unique.
inline constexpr std::string_view taken_by_another = "23505";

// Code of a deletion that the agency's server refused because another row points at the row.
inline constexpr std::string_view pointed_at = "23503";

// Whether a refusal with this code may end because another row of the table gives a value up.
[[nodiscard]] bool blocked_by_a_value(std::string_view code);
// Whether it may end because another row changes, of this table or another.
[[nodiscard]] bool blocked_by_a_row(std::string_view code);

// What an agency's own transactions did lately to the records of an entity: what the breaker looks at. Not in
// the projections: a daemon begins with what the entries behind them tell.
struct RecentChanges {
    ChangeWindow changed;
    ChangeWindow deleted;
};

// Everything the journal's entries add up to, as far as it is in memory. Changed by apply() only.
struct BridgeState {
    explicit BridgeState(const BridgeDefinition& bridge);

    const BridgeDefinition* definition;  // Not owned; outlives the state.
    RecordCache records;
    std::map<AgencyId, AgencyState> agencies;
    std::vector<TableState> tables;  // By MappingIndex.
    std::unordered_map<LinkKey, ParkedRow> parked;
    // Rows that wait for a row: its link would resolve a reference of theirs.
    std::unordered_map<LinkKey, std::vector<LinkKey>> waiting;
    std::unordered_map<LinkKey, RowMatches> matches;
    std::set<LinkKey> matches_changed;  // Since they were last taken for projection; the taker empties it.
    // How many parked rows of a table might be the record: until that is decided it gets no other row there.
    std::map<std::pair<MappingIndex, RecordId>, std::size_t> in_doubt;
    // Deliveries to a table that another row stands in the way of, also those that an operator has set aside.
    std::set<std::pair<MappingIndex, RecordId>> blocked;
    std::map<std::pair<AgencyId, EntityIndex>, RecentChanges> recent;
    std::vector<std::size_t> linked_rows;  // Live links of each table, by MappingIndex.
    JournalSeq last_seq;

    // Live, unless the table was truncated since: then ended.
    [[nodiscard]] LinkState state_of(const Link& link) const;
    [[nodiscard]] bool surveyed(const AgencyId& agency) const;
    // Whether the agency that an authority rule names decides on a change in `table` of the record, which is
    // null while it is new: because it makes the change, or has a row of the record.
    [[nodiscard]] bool authority_linked(
        const conflict::FieldRule& rule, const mapping::TableMapping& table, const Record* record
    ) const;
    // Takes a parked row out of the hub's projection, with what waits for it.
    void restore_parked(ParkedRow row);
};

// Applies one entry: the only way in which the state changes, live and in a replay alike. Entries come in seq
// order without gaps; the records they name are in memory (pipeline/entry_demand.hpp).
void apply(BridgeState& state, const Entry& entry);

}  // namespace casebridge::pipeline
