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

// What an edit's database showed.
enum class Showed {
    what_it_had,  // It lacked something, or its row was not what stood.
    what_stood,   // It had every open version, and its row was their golden value.
};

// What a new version carries; `superseded` are the open versions that it supersedes. An edit of a database
// that showed what stood, where that is not what the tallies make (all agreed on one value although they had
// begun from different ones), is the ground of a new count.
[[nodiscard]] Tally tally_of(
    const FieldValue& value, const TallyBase& base, std::span<const Version> superseded, Showed showed
);

// The total that open versions make, or nothing where the rule abstains.
[[nodiscard]] FieldValue total_of(std::span<const Version> open, const Sum& rule);

}  // namespace casebridge::conflict
