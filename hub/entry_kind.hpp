#pragma once

#include "model/journal_entry.hpp"

#include <optional>
#include <string_view>

// The kinds of entries as the journal names them. docs/hub.md says what each of them is.

namespace casebridge::hub {

// In the order of EntryBody's alternatives.
enum class EntryKind {
    row_read,
    row_deleted,
    table_truncated,
    row_parked,
    parked_released,
    marks_moved,
    stream_position,
    link_reserved,
    link_dissolved,
    delivery_refused,
    delivery_released,
    lane_reason,
    survey_progress,
    agency_swept,
    journal_pruned,
    configuration_applied,
    request_answered,
    agency_paused,
    agency_resumed,
    value_decided,
    parked_skipped,
    delivery_skipped,
    match_decided,
    doubt_settled,
    deletion_decided,
    proposal_rejected,
    breaker_tripped,
    breaker_approved,
    link_split,
};

[[nodiscard]] EntryKind kind_of(const EntryBody& body) noexcept;

// The word in the column `kind`, and the kind of a word if there is one.
[[nodiscard]] std::string_view to_text(EntryKind kind) noexcept;
[[nodiscard]] std::optional<EntryKind> find_kind(std::string_view text) noexcept;

// Whether every entry of the kind has a payload: one without it was erased.
[[nodiscard]] bool has_payload(EntryKind kind) noexcept;

}  // namespace casebridge::hub
