#pragma once

#include "hub/record_story.hpp"

#include <span>
#include <vector>

// Whether and when the agencies' rows showed the versions of a unit, by the images that the journal keeps. Of
// this room only.

namespace casebridge::hub {

// Fills `shown_at` of every version, for each agency that maps the unit and did not write the version itself.
// `story` and `versions` are ascending by seq. Under `sum` nothing is filled: what is written there is the
// total, not a version.
void find_showings(
    const RecordView& view,
    UnitIndex unit,
    std::span<const StoryEntry> story,
    std::vector<ExplainedVersion>& versions
);

}  // namespace casebridge::hub
