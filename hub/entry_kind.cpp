#include "hub/entry_kind.hpp"

#include <cstddef>
#include <type_traits>
#include <variant>

namespace casebridge::hub {

namespace {

constexpr auto last_kind = EntryKind::link_split;
static_assert(
    std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(last_kind), EntryBody>, LinkSplit> &&
    std::variant_size_v<EntryBody> == static_cast<std::size_t>(last_kind) + 1
);

}  // namespace

EntryKind kind_of(const EntryBody& body) noexcept
{
    return static_cast<EntryKind>(body.index());
}

std::optional<EntryKind> find_kind(std::string_view text) noexcept
{
    for (std::size_t i = 0; i <= static_cast<std::size_t>(last_kind); ++i)
        if (to_text(static_cast<EntryKind>(i)) == text)
            return static_cast<EntryKind>(i);
    return std::nullopt;
}

bool has_payload(EntryKind kind) noexcept
{
    switch (kind) {
        case EntryKind::row_read:
        case EntryKind::row_deleted:
        case EntryKind::row_parked:
        case EntryKind::parked_released:
        case EntryKind::link_reserved:
        case EntryKind::link_dissolved:
        case EntryKind::survey_progress:
        case EntryKind::request_answered:
        case EntryKind::agency_paused:
        case EntryKind::value_decided:
        case EntryKind::parked_skipped:
        case EntryKind::match_decided:
        case EntryKind::link_split:
            return true;
        case EntryKind::table_truncated:
        case EntryKind::marks_moved:
        case EntryKind::stream_position:
        case EntryKind::delivery_refused:
        case EntryKind::delivery_released:
        case EntryKind::lane_reason:
        case EntryKind::agency_swept:
        case EntryKind::journal_pruned:
        case EntryKind::configuration_applied:
        case EntryKind::agency_resumed:
        case EntryKind::delivery_skipped:
        case EntryKind::doubt_settled:
        case EntryKind::deletion_decided:
        case EntryKind::proposal_rejected:
        case EntryKind::breaker_tripped:
        case EntryKind::breaker_approved:
            return false;
    }
    return false;
}

std::string_view to_text(EntryKind kind) noexcept
{
    switch (kind) {
        case EntryKind::row_read:
            return "row_read";
        case EntryKind::row_deleted:
            return "row_deleted";
        case EntryKind::table_truncated:
            return "table_truncated";
        case EntryKind::row_parked:
            return "row_parked";
        case EntryKind::parked_released:
            return "parked_released";
        case EntryKind::marks_moved:
            return "marks_moved";
        case EntryKind::stream_position:
            return "stream_position";
        case EntryKind::link_reserved:
            return "link_reserved";
        case EntryKind::link_dissolved:
            return "link_dissolved";
        case EntryKind::delivery_refused:
            return "delivery_refused";
        case EntryKind::delivery_released:
            return "delivery_released";
        case EntryKind::lane_reason:
            return "lane_reason";
        case EntryKind::survey_progress:
            return "survey_progress";
        case EntryKind::agency_swept:
            return "agency_swept";
        case EntryKind::journal_pruned:
            return "journal_pruned";
        case EntryKind::configuration_applied:
            return "configuration_applied";
        case EntryKind::request_answered:
            return "request_answered";
        case EntryKind::agency_paused:
            return "agency_paused";
        case EntryKind::agency_resumed:
            return "agency_resumed";
        case EntryKind::value_decided:
            return "value_decided";
        case EntryKind::parked_skipped:
            return "parked_skipped";
        case EntryKind::delivery_skipped:
            return "delivery_skipped";
        case EntryKind::match_decided:
            return "match_decided";
        case EntryKind::doubt_settled:
            return "doubt_settled";
        case EntryKind::deletion_decided:
            return "deletion_decided";
        case EntryKind::proposal_rejected:
            return "proposal_rejected";
        case EntryKind::breaker_tripped:
            return "breaker_tripped";
        case EntryKind::breaker_approved:
            return "breaker_approved";
        case EntryKind::link_split:
            return "link_split";
    }
    return {};
}

}  // namespace casebridge::hub
