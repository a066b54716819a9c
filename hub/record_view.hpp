#pragma once

#include "connectors/libpq/connection.hpp"
#include "pipeline/bridge_state.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// One record as the projections have it, looked at with the pipeline's own eyes: what each agency's row shows
// of it, what would be written, and why not. What the daemon has sent and not read back yet is not known
// here.

namespace casebridge::hub {

// What is parked of a row of the record.
struct ParkedNow {
    JournalSeq since;
    std::string code;
    std::string place;
    std::optional<std::int64_t> skipped;  // The request that has set it aside.
};

struct RecordView {
    std::unique_ptr<pipeline::BridgeState> state;  // Holds the record and what it points at.
    RecordId id;
    std::map<MappingIndex, ParkedNow> parked;  // By the table of the row.
    std::chrono::year_month_day today;         // By which agreements and ages are judged.

    [[nodiscard]] const pipeline::Record& record() const { return *state->records.find(id); }
};

// Nothing when there is no such record. Throws libpq's DatabaseError; HubFailure for what the configuration
// cannot read. `definition` outlives the view.
[[nodiscard]] boost::asio::awaitable<std::optional<RecordView>> view_record(
    libpq::Connection& connection,
    const pipeline::BridgeDefinition& definition,
    RecordId id,
    std::chrono::year_month_day today
);

enum class UnitState {
    shown,         // The agency's row shows what stands.
    due,           // It is to be written; `writes` says what.
    on_hold,       // A person decides what stands.
    no_value,      // Nothing stands yet.
    not_mapped,    // The agency's mapping has no place for it.
    no_row,        // The agency has no row, and its mapping creates none for such a record.
    unsurveyed,    // The agency has no row, and gets none before its tables are surveyed.
    row_reserved,  // A row was reserved; it has not been read back yet.
    row_ended,     // The row was deleted.
    parked,        // The row cannot be translated; nothing is written to it meanwhile.
    refused,       // The agency's server refuses what would be written, or it cannot be written in its terms.
    no_agreement,  // No agreement lets the agency have it.
    waits_for_row  // It points at a record that has no row at the agency yet.
};

[[nodiscard]] std::string_view to_text(UnitState state) noexcept;

// A place of a row: `column`, or `column/part` inside a document.
struct SlotChange {
    std::string slot;
    std::optional<std::string> from;
    std::optional<std::string> to;

    friend bool operator==(const SlotChange&, const SlotChange&) = default;
};

// One unit of the record at one agency. Personal: `writes`.
struct UnitAtAgency {
    AgencyId agency;
    UnitState state = UnitState::not_mapped;
    std::string table;               // Empty: the agency keeps no such entity.
    std::vector<std::string> slots;  // Of the unit, by the present mapping.
    std::string code;                // Where it is parked or refused.
    std::string place;
    std::vector<SlotChange> writes;  // Where it is due, refused or parked: what would be written.
};

[[nodiscard]] UnitAtAgency unit_at(const RecordView& view, UnitIndex unit, const AgencyId& agency);

// Whether the image means the value, by the agency's present mapping; nothing when it cannot be put so.
[[nodiscard]] std::optional<bool> image_shows(
    const RecordView& view,
    const mapping::TableMapping& table,
    UnitIndex unit,
    const Image& image,
    const UnitValue& value
);

}  // namespace casebridge::hub
