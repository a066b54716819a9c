#pragma once

#include <array>
#include <cstddef>
#include <string_view>

// The closed sets that label values come from, and the words that events use for them. Nothing else may
// become a label: no key, no name of a person's row, no error text. So the number of series is known before
// the start.

namespace casebridge::telemetry {

// What an agency's stream is doing. One of them is 1 in `casebridge_stream_state`, the others are 0.
enum class StreamState {
    connecting,
    surveying,  // Initial load or repair of a gap; changes are streamed meanwhile.
    streaming,
    waiting,      // Capture waits: a bound of memory or of the projection was reached.
    paused,       // By an operator, for a maintenance window.
    held,         // The breaker has stopped a transaction; waits for a person to approve it.
    backing_off,  // Waits to try again after a transient failure.
    gap,          // The server cannot continue where we stopped; waits for a survey or a person.
    stopped,      // For good, until a person acts.
};
inline constexpr std::array stream_states{
    StreamState::connecting,
    StreamState::surveying,
    StreamState::streaming,
    StreamState::waiting,
    StreamState::paused,
    StreamState::held,
    StreamState::backing_off,
    StreamState::gap,
    StreamState::stopped};

// What an agency's lane, the writing half, is doing. One of them is 1 in `casebridge_lane_state`, the others
// are 0.
enum class LaneState {
    connecting,
    ready,        // Changes can be delivered to the agency.
    paused,       // By an operator, for a maintenance window.
    backing_off,  // Waits to try again after a transient failure.
    stopped,      // For good, until a person acts.
};
inline constexpr std::array lane_states{
    LaneState::connecting, LaneState::ready, LaneState::paused, LaneState::backing_off, LaneState::stopped};

// The two halves of an agency: on which way a change is parked, a step has failed.
enum class Side {
    capture,   // From the agency: read from its stream, mapped, merged.
    delivery,  // To the agency: written by its lane.
};
inline constexpr std::array sides{Side::capture, Side::delivery};

// Why the breaker has stopped a transaction.
enum class MassChange {
    changed,    // Too many records of an entity changed within the window.
    deleted,    // Too many deleted.
    truncated,  // A table with linked rows emptied.
};
inline constexpr std::array mass_changes{MassChange::changed, MassChange::deleted, MassChange::truncated};

// What became of one captured change of a field or group.
enum class Verdict {
    causal,          // Its database had seen every version that it replaces.
    concurrent,      // It had not: a conflict.
    equal,           // Concurrent, with the same value: no conflict.
    reverted,        // Another agency has the authority.
    proposed,        // The same, and the authority is asked.
    without_effect,  // No mapped field changed.
};
inline constexpr std::array verdicts{
    Verdict::causal,
    Verdict::concurrent,
    Verdict::equal,
    Verdict::reverted,
    Verdict::proposed,
    Verdict::without_effect};

// PostgreSQL's names, so that operators can search for them.
enum class ConflictType {
    insert_exists,
    update_origin_differs,
    update_exists,
    update_missing,
    update_deleted,
    delete_origin_differs,
    delete_missing,
    multiple_unique_conflicts,
};
inline constexpr std::array conflict_types{
    ConflictType::insert_exists,
    ConflictType::update_origin_differs,
    ConflictType::update_exists,
    ConflictType::update_missing,
    ConflictType::update_deleted,
    ConflictType::delete_origin_differs,
    ConflictType::delete_missing,
    ConflictType::multiple_unique_conflicts};

// The rule that decided a conflict: a field rule, a delete rule, or the guard against stale forms.
enum class Rule {
    authority,
    latest,
    union_,  // Written `union`, which C++ keeps for itself.
    sum,
    max,
    min,
    rank,
    filled,
    hold,
    propagate,
    detach,
    archive,
    stale_form,
};
inline constexpr std::array rules{
    Rule::authority,
    Rule::latest,
    Rule::union_,
    Rule::sum,
    Rule::max,
    Rule::min,
    Rule::rank,
    Rule::filled,
    Rule::hold,
    Rule::propagate,
    Rule::detach,
    Rule::archive,
    Rule::stale_form};

// What a label is called. These are all there are; `version` is that of the program and has one value.
inline constexpr std::array<std::string_view, 9> label_names{
    "agency", "type", "rule", "state", "verdict", "side", "class", "version", "reason"};

[[nodiscard]] constexpr std::string_view to_string(StreamState state) noexcept
{
    switch (state) {
        case StreamState::connecting:
            return "connecting";
        case StreamState::surveying:
            return "surveying";
        case StreamState::streaming:
            return "streaming";
        case StreamState::waiting:
            return "waiting";
        case StreamState::paused:
            return "paused";
        case StreamState::held:
            return "held";
        case StreamState::backing_off:
            return "backing_off";
        case StreamState::gap:
            return "gap";
        case StreamState::stopped:
            return "stopped";
    }
    return "stopped";
}

[[nodiscard]] constexpr std::string_view to_string(LaneState state) noexcept
{
    switch (state) {
        case LaneState::connecting:
            return "connecting";
        case LaneState::ready:
            return "ready";
        case LaneState::paused:
            return "paused";
        case LaneState::backing_off:
            return "backing_off";
        case LaneState::stopped:
            return "stopped";
    }
    return "stopped";
}

[[nodiscard]] constexpr std::string_view to_string(MassChange change) noexcept
{
    switch (change) {
        case MassChange::changed:
            return "changed";
        case MassChange::deleted:
            return "deleted";
        case MassChange::truncated:
            return "truncated";
    }
    return "truncated";
}

[[nodiscard]] constexpr std::string_view to_string(Side side) noexcept
{
    switch (side) {
        case Side::capture:
            return "capture";
        case Side::delivery:
            return "delivery";
    }
    return "delivery";
}

[[nodiscard]] constexpr std::string_view to_string(Verdict verdict) noexcept
{
    switch (verdict) {
        case Verdict::causal:
            return "causal";
        case Verdict::concurrent:
            return "concurrent";
        case Verdict::equal:
            return "equal";
        case Verdict::reverted:
            return "reverted";
        case Verdict::proposed:
            return "proposed";
        case Verdict::without_effect:
            return "without_effect";
    }
    return "without_effect";
}

[[nodiscard]] constexpr std::string_view to_string(ConflictType type) noexcept
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
    return "multiple_unique_conflicts";
}

[[nodiscard]] constexpr std::string_view to_string(Rule rule) noexcept
{
    switch (rule) {
        case Rule::authority:
            return "authority";
        case Rule::latest:
            return "latest";
        case Rule::union_:
            return "union";
        case Rule::sum:
            return "sum";
        case Rule::max:
            return "max";
        case Rule::min:
            return "min";
        case Rule::rank:
            return "rank";
        case Rule::filled:
            return "filled";
        case Rule::hold:
            return "hold";
        case Rule::propagate:
            return "propagate";
        case Rule::detach:
            return "detach";
        case Rule::archive:
            return "archive";
        case Rule::stale_form:
            return "stale_form";
    }
    return "stale_form";
}

}  // namespace casebridge::telemetry
