#pragma once

#include "hub/json_text.hpp"
#include "hub/names.hpp"
#include "model/journal_entry.hpp"
#include "model/version.hpp"

#include <span>

// The lists of versions and conflicts of an entry, as members of its open envelope object; their values,
// which may be erased later, stand in its open payload object at the same positions. Of this room only.

namespace casebridge::hub {

// `units`; `values`, and `tallies` and `tags` where there are any.
void write_versions(
    const Names& names,
    EntityIndex entity,
    std::span<const VersionAdded> added,
    JsonText& envelope,
    JsonText& payload
);

// `conflicts`
void write_conflicts(
    const Names& names,
    EntityIndex entity,
    std::span<const ConflictNote> notes,
    JsonText& envelope,
    JsonText& payload
);

// `versions`: some that stand in the journal already; nothing for an empty list.
void write_stored_versions(
    const Layout& fields, std::span<const Version> versions, JsonText& envelope, JsonText& payload
);

}  // namespace casebridge::hub
