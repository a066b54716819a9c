#pragma once

#include "conflict/field_rule.hpp"
#include "model/version.hpp"

#include <optional>
#include <span>

// The bookkeeping of `sum`: what a version contributes, and what all of them make.
//
// Every edit adds to the unit what it added to its author's own database, once, whoever had seen what. A
// version carries what its edit added and what was carried by the versions that it supersedes, so that the
// open versions together carry everything that ever happened, each edit in exactly one of them. Their total
// is therefore the same whatever the order in which they were read.

namespace casebridge::conflict {

// What the author's database held before the edit; nothing when that is not known, so that the value is a
// total that stands for itself.
using TallyBase = std::optional<FieldValue>;

// What a new version carries. `superseded` are the open versions that it supersedes; `supersedes_all` says
// that there is no other. Where all had agreed on one value although they began from different totals, or
// from what no tally explains, the first edit that had all of it is a new ground.
[[nodiscard]] Tally tally_of(
    const FieldValue& value, const TallyBase& base, std::span<const Version> superseded, bool supersedes_all
);

// The total that open versions make, or nothing where the rule abstains. Two of them at least.
[[nodiscard]] FieldValue total_of(std::span<const Version> open, const Sum& rule);

}  // namespace casebridge::conflict
