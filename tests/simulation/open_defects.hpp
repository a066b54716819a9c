#pragma once

namespace casebridge::simulation {

// Defects of the core that histories have found and that are not mended yet. While one is `avoided`, the
// workload leaves out what leads to it, so that other defects are still seen; each has a test of its own in
// regressions/. Whoever mends one sets it to `met` here and enables its test.
enum class Defect { avoided, met };

// A row whose first sight is an update that left a large value alone is parked for good: the survey, which
// could read the value, skips parked rows.
inline constexpr Defect unsent_value_before_survey = Defect::avoided;

// A parked row changes its key: what was parked under the old key stays there, and the image under the new
// key is made from the link's image instead of the parked one. A row that changes its key and becomes
// unreadable in one transaction is a stranger once it can be read: parked for good as a duplicate of itself.
inline constexpr Defect key_change_of_a_parked_row = Defect::avoided;

// The conflict of a change that also releases a parked row names that change by the seq of the release.
inline constexpr Defect conflict_named_by_the_release = Defect::avoided;

// A reservation is dissolved by a local row, that row goes, and our insert, still under way, is executed
// after all: its echo is read as a new row of the agency's own. It cannot be left out: a history that it
// struck is not judged.
inline constexpr Defect insert_behind_a_dissolved_reservation = Defect::avoided;

// A refusal is journalled although the record got a new value since the delivery was sent: the new value
// waits behind a refusal that it would have lifted.
inline constexpr Defect refusal_older_than_the_value = Defect::avoided;

// A trigger turns what we write back into what the row showed before: the echo's unit is taken for a receipt,
// and the difference is neither judged nor sent again.
inline constexpr Defect trigger_restores_the_old_value = Defect::avoided;

// A child whose insert was missed twice because its parent collided is refused; the refusal outlives the
// cause.
inline constexpr Defect refusal_of_a_child_outlives_its_cause = Defect::avoided;

// A start rebuilds the lanes from marks as the projections have them; a mark in the journal's tail that lies
// below the agency's `seen` is found by nothing. Of the shell (daemon/conductor_start.cpp).
inline constexpr Defect marks_behind_the_projections = Defect::avoided;

// A value that the agency itself wrote is written back to it (an authority's standing value, or into a row
// that came back), and the process that did so falls: the echo is recorded as one more edit of the agency.
inline constexpr Defect echo_of_a_restored_value = Defect::avoided;

// A reservation that is older than a TRUNCATE counts as a row that was truncated: the record never gets its
// row.
inline constexpr Defect reservation_before_a_truncate = Defect::avoided;

}  // namespace casebridge::simulation
