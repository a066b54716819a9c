#include "hub/enum_texts.hpp"

#include <cstddef>

namespace casebridge::hub {
namespace {

// The number of enumerators, by the last of each enumeration.
template <class Enum>
constexpr Enum last;
template <>
constexpr auto last<ConflictType> = ConflictType::multiple_unique_conflicts;
template <>
constexpr auto last<Verdict> = Verdict::deleted;
template <>
constexpr auto last<RowSource> = RowSource::echo;
template <>
constexpr auto last<LinkChange> = LinkChange::reopened;
template <>
constexpr auto last<SurveyState> = SurveyState::complete;
template <>
constexpr auto last<Tally::Ground> = Tally::Ground::settled;
template <>
constexpr auto last<RequestOutcome> = RequestOutcome::expired;
template <>
constexpr auto last<MatchVerdict> = MatchVerdict::never;
template <>
constexpr auto last<pipeline::LinkState> = pipeline::LinkState::ended;
template <>
constexpr auto last<pipeline::DepartureState> = pipeline::DepartureState::decided;
template <>
constexpr auto last<pipeline::LinkOrigin> = pipeline::LinkOrigin::us;
template <>
constexpr auto last<DeleteEffect> = DeleteEffect::confirmed;
template <>
constexpr auto last<DeletionChoice> = DeletionChoice::restore;
template <>
constexpr auto last<BreakerReason> = BreakerReason::truncated;
template <>
constexpr auto last<BreakerExtent> = BreakerExtent::part;
template <>
constexpr auto last<ApprovedDeletions> = ApprovedDeletions::hold;

}  // namespace

std::string_view to_text(ConflictType type) noexcept
{
    switch (type) {
        case ConflictType::insert_exists:
            return "insert_exists";
        case ConflictType::update_origin_differs:
            return "update_origin_differs";
        case ConflictType::update_exists:
            return "update_exists";
        case ConflictType::update_missing:
            return "update_missing";
        case ConflictType::update_deleted:
            return "update_deleted";
        case ConflictType::delete_origin_differs:
            return "delete_origin_differs";
        case ConflictType::delete_missing:
            return "delete_missing";
        case ConflictType::multiple_unique_conflicts:
            return "multiple_unique_conflicts";
    }
    return {};
}

std::string_view to_text(Verdict verdict) noexcept
{
    switch (verdict) {
        case Verdict::stands:
            return "stands";
        case Verdict::held:
            return "held";
        case Verdict::reverted:
            return "reverted";
        case Verdict::proposed:
            return "proposed";
        case Verdict::deleted:
            return "deleted";
    }
    return {};
}

std::string_view to_text(RowSource source) noexcept
{
    switch (source) {
        case RowSource::stream:
            return "stream";
        case RowSource::survey:
            return "survey";
        case RowSource::echo:
            return "echo";
    }
    return {};
}

std::string_view to_text(LinkChange change) noexcept
{
    switch (change) {
        case LinkChange::none:
            return "none";
        case LinkChange::created:
            return "created";
        case LinkChange::matched:
            return "matched";
        case LinkChange::confirmed:
            return "confirmed";
        case LinkChange::reopened:
            return "reopened";
    }
    return {};
}

std::string_view to_text(DeleteEffect effect) noexcept
{
    switch (effect) {
        case DeleteEffect::none:
            return "none";
        case DeleteEffect::held:
            return "held";
        case DeleteEffect::detached:
            return "detached";
        case DeleteEffect::archived:
            return "archived";
        case DeleteEffect::propagated:
            return "propagated";
        case DeleteEffect::confirmed:
            return "confirmed";
    }
    return {};
}

std::string_view to_text(DeletionChoice choice) noexcept
{
    switch (choice) {
        case DeletionChoice::keep:
            return "keep";
        case DeletionChoice::remove:
            return "remove";
        case DeletionChoice::restore:
            return "restore";
    }
    return {};
}

std::string_view to_text(SurveyState state) noexcept
{
    switch (state) {
        case SurveyState::running:
            return "running";
        case SurveyState::complete:
            return "complete";
    }
    return {};
}

std::string_view to_text(Tally::Ground ground) noexcept
{
    switch (ground) {
        case Tally::Ground::read:
            return "read";
        case Tally::Ground::settled:
            return "settled";
    }
    return {};
}

std::string_view to_text(RequestOutcome outcome) noexcept
{
    switch (outcome) {
        case RequestOutcome::done:
            return "done";
        case RequestOutcome::refused:
            return "refused";
        case RequestOutcome::expired:
            return "expired";
    }
    return {};
}

std::string_view to_text(MatchVerdict verdict) noexcept
{
    switch (verdict) {
        case MatchVerdict::same:
            return "same";
        case MatchVerdict::never:
            return "never";
    }
    return {};
}

std::string_view to_text(pipeline::LinkState state) noexcept
{
    switch (state) {
        case pipeline::LinkState::reserved:
            return "reserved";
        case pipeline::LinkState::live:
            return "live";
        case pipeline::LinkState::ended:
            return "ended";
    }
    return {};
}

std::string_view to_text(pipeline::DepartureState state) noexcept
{
    switch (state) {
        case pipeline::DepartureState::held:
            return "held";
        case pipeline::DepartureState::ruled:
            return "ruled";
        case pipeline::DepartureState::decided:
            return "decided";
    }
    return {};
}

std::string_view to_text(pipeline::LinkOrigin origin) noexcept
{
    switch (origin) {
        case pipeline::LinkOrigin::agency:
            return "agency";
        case pipeline::LinkOrigin::us:
            return "us";
    }
    return {};
}

std::string_view to_text(BreakerReason reason) noexcept
{
    switch (reason) {
        case BreakerReason::changed:
            return "changed";
        case BreakerReason::deleted:
            return "deleted";
        case BreakerReason::truncated:
            return "truncated";
    }
    return {};
}

std::string_view to_text(BreakerExtent extent) noexcept
{
    switch (extent) {
        case BreakerExtent::whole:
            return "whole";
        case BreakerExtent::part:
            return "part";
    }
    return {};
}

std::string_view to_text(ApprovedDeletions deletions) noexcept
{
    switch (deletions) {
        case ApprovedDeletions::follow:
            return "follow";
        case ApprovedDeletions::hold:
            return "hold";
    }
    return {};
}

template <class Enum>
std::optional<Enum> from_text(std::string_view text) noexcept
{
    for (std::size_t i = 0; i <= static_cast<std::size_t>(last<Enum>); ++i)
        if (to_text(static_cast<Enum>(i)) == text)
            return static_cast<Enum>(i);
    return std::nullopt;
}

template std::optional<ConflictType> from_text(std::string_view) noexcept;
template std::optional<Verdict> from_text(std::string_view) noexcept;
template std::optional<RowSource> from_text(std::string_view) noexcept;
template std::optional<LinkChange> from_text(std::string_view) noexcept;
template std::optional<SurveyState> from_text(std::string_view) noexcept;
template std::optional<Tally::Ground> from_text(std::string_view) noexcept;
template std::optional<RequestOutcome> from_text(std::string_view) noexcept;
template std::optional<MatchVerdict> from_text(std::string_view) noexcept;
template std::optional<pipeline::LinkState> from_text(std::string_view) noexcept;
template std::optional<pipeline::DepartureState> from_text(std::string_view) noexcept;
template std::optional<pipeline::LinkOrigin> from_text(std::string_view) noexcept;
template std::optional<DeleteEffect> from_text(std::string_view) noexcept;
template std::optional<DeletionChoice> from_text(std::string_view) noexcept;
template std::optional<BreakerReason> from_text(std::string_view) noexcept;
template std::optional<BreakerExtent> from_text(std::string_view) noexcept;
template std::optional<ApprovedDeletions> from_text(std::string_view) noexcept;

}  // namespace casebridge::hub
