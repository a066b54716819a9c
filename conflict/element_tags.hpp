#pragma once

#include "conflict/unit_history.hpp"
#include "model/text_set.hpp"

#include <functional>
#include <optional>
#include <span>
#include <vector>

// The bookkeeping of `union`: who put which element into a set, and who took it out having seen that.
//
// Every edit tags the elements that it adds. A removal takes the tags away that its author had, no others. An
// element is in the set as long as it has a tag. Which tags there are is thus a function of what each edit
// did and of what its author had, not of the order in which the edits were read.

namespace casebridge::conflict {

// What an edit did to the set that its author had.
struct SetEdit {
    TextSet added;
    TextSet removed;
};

[[nodiscard]] SetEdit difference(const TextSet& before, const TextSet& after);

// Whether the author of an edit had the one that made the tag.
using HadTag = std::function<bool(const ElementTags::Tag&)>;

// What the version of an edit carries; `superseded` are the open versions that it supersedes.
[[nodiscard]] ElementTags tags_of(
    const UnitHistory& history, SetEdit edit, std::span<const JournalSeq> superseded, const HadTag& had
);

// The set that versions make of which none supersedes another; nothing when one of them is no set.
[[nodiscard]] std::optional<TextSet> union_of(std::span<const Version> open);

}  // namespace casebridge::conflict
