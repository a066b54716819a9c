#pragma once

#include "model/journal_entry.hpp"
#include "pipeline/record.hpp"

#include <optional>
#include <string_view>

// The words under which the hub stores enumerators. They are stored for ever: never change one, never reuse
// one.

namespace casebridge::hub {

[[nodiscard]] std::string_view to_text(ConflictType type) noexcept;
[[nodiscard]] std::string_view to_text(Verdict verdict) noexcept;
[[nodiscard]] std::string_view to_text(RowSource source) noexcept;
[[nodiscard]] std::string_view to_text(LinkChange change) noexcept;
[[nodiscard]] std::string_view to_text(DeleteEffect effect) noexcept;
[[nodiscard]] std::string_view to_text(DeletionChoice choice) noexcept;
[[nodiscard]] std::string_view to_text(SurveyState state) noexcept;
[[nodiscard]] std::string_view to_text(Tally::Ground ground) noexcept;
[[nodiscard]] std::string_view to_text(RequestOutcome outcome) noexcept;
[[nodiscard]] std::string_view to_text(MatchVerdict verdict) noexcept;
[[nodiscard]] std::string_view to_text(BreakerReason reason) noexcept;
[[nodiscard]] std::string_view to_text(BreakerExtent extent) noexcept;
[[nodiscard]] std::string_view to_text(ApprovedDeletions deletions) noexcept;
[[nodiscard]] std::string_view to_text(pipeline::LinkState state) noexcept;
[[nodiscard]] std::string_view to_text(pipeline::DepartureState state) noexcept;
[[nodiscard]] std::string_view to_text(pipeline::LinkOrigin origin) noexcept;

// The enumerator of a word; nothing for any other text. Defined for the enumerations above.
template <class Enum>
[[nodiscard]] std::optional<Enum> from_text(std::string_view text) noexcept;

}  // namespace casebridge::hub
