#pragma once

#include "pipeline/bridge_definition.hpp"
#include "pipeline/record.hpp"
#include "pipeline/row_merge.hpp"

#include <vector>

// The stale form guard. Applications save whole forms: one that was opened before a delivery of ours and is
// saved after it puts the old values back, although nobody ever saw the new ones. Causally the agency's
// database had them.

namespace casebridge::pipeline {

// What a change by an agency owes to a form that was opened too early; nothing for an ordinary edit.
struct StaleForm {
    struct Unit {
        UnitIndex unit;
        JournalSeq unseen_from;  // The form did not show versions of others from here on.
    };
    std::vector<Unit> units;  // Those whose new value nobody may have meant.
    Image shown;              // The row as the form showed it; empty without units.

    [[nodiscard]] const Unit* find(UnitIndex unit) const;
};

// Judges a reading of a live row against what its link remembers. Only a change that the agency's own
// transaction made, at a known time within the agency's window, is ever taken for a stale form's.
[[nodiscard]] StaleForm find_stale_form(
    const BridgeDefinition& definition, const Link& link, const RowInput& input
);

// What the link remembers once it shows `image`, which `input` has read: deliveries inside the window,
// without what the agency has changed since. `record` and `link` are as before the reading, the link is live.
[[nodiscard]] std::vector<Delivered> delivered_after(
    const BridgeDefinition& definition,
    const Record& record,
    const Link& link,
    const RowInput& input,
    const Image& image
);

}  // namespace casebridge::pipeline
