#pragma once

namespace casebridge::simulation {

class Edits;
struct World;

// What is judged when a history has fallen silent. Each throws a Violation under the names given. `edits` are
// the world's, worked out once for all.

// I2. `journalled_once`: for each row that a local transaction changed there is exactly one entry that read
// or parked it, with the image that the row really had, and a version for each unit that means something new.
void check_journalled_once(const World& world);

// I3. `converged`: rows show the golden values that they may show, all agencies the same, and rows that
// should be there are there. `one_record_each`: nobody has two records. `parked_with_reason`,
// `refused_with_reason`: what is left out is left out for a cause that the ledger knows.
void check_everything_counted(World& world, const Edits& edits);
void check_converged(const World& world);

// I4. `no_edit_lost`: an edit is golden, or held, or named by a conflict, or a later edit's database had it.
void check_no_edit_lost(const World& world, const Edits& edits);

// `stale_forms_recognised`: the versions that a form put back over a delivery, and no others, are suspect.
void check_stale_forms(const World& world, const Edits& edits);

// `deletion_followed`: a deletion leads to what the rule or a person says, or is refused for a cause.
// `no_edit_lost`: what a deletion took along and its agency lacked is named by a conflict.
void check_deletions(const World& world);

// `stays_deleted`: no row comes back unless somebody entered it again or decided so.
void check_comings_back(const World& world);

// `mass_change_approved`: of a transaction that deletes or changes more of an entity than it may, or empties
// a table with linked rows, nothing is in the journal before a person has approved it. Nothing reaches
// another agency but from there.
void check_mass_changes(const World& world);

}  // namespace casebridge::simulation
