#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/bridge_state.hpp"
#include "pipeline/record_history.hpp"

#include <optional>
#include <vector>

// What a record and a row are worth when the row never was the record: what its people entered leaves the
// record, and what they did not enter leaves the row. From the record as it is and what the journal says of
// it; nothing is decided here.

namespace casebridge::pipeline {

// A version that counts again. Personal.
struct GivenBack {
    AgencyId author;  // As Version has it.
    UnitValue value;
    std::optional<PgTime> stamp;
    std::optional<JournalSeq> taken;  // The version that it was.
    std::optional<Tally> tally = std::nullopt;
    bool suspect = false;
};

struct SplitPlan {
    // A unit of the record that changes, and the versions that are open in it from then on. None: nobody else
    // has said anything, and it becomes empty.
    struct Left {
        UnitIndex unit;
        std::vector<GivenBack> versions;
    };
    // What the row's people entered last.
    struct Own {
        UnitIndex unit;
        GivenBack version;
    };

    std::vector<Left> left;
    std::vector<Own> own;
    std::vector<UnitIndex> foreign;  // Units that the row shows and its people never entered.
    // Units of which a value that is needed is no longer kept; the rest is not whole then.
    std::vector<UnitIndex> lost_left;  // Of the record,
    std::vector<UnitIndex> lost_own;   // of the row.
    std::vector<UnitIndex> summed;  // Units that add up or join what both have entered: nobody can tell them apart.
};

// `link` is one of the record's, live. Versions of an agency that had another row of the record before are
// told from those of this row by when the row came to the record.
[[nodiscard]] SplitPlan plan_split(
    const BridgeState& state, const Record& record, const Link& link, const RecordHistory& history
);

}  // namespace casebridge::pipeline
