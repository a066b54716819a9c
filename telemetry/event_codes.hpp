#pragma once

#include <array>
#include <cstddef>
#include <string_view>

// Every event that the daemon can tell of. Codes are an interface: alerts and scripts search for them, so a
// code keeps its name and its meaning. docs/operate.md lists them all; a test holds that true.

namespace casebridge::telemetry {

enum class Level { debug, info, warning, error };

enum class EventCode {
    started,
    stopping,
    stopped,
    leader_acquired,
    waiting_for_leader,
    agency_connected,
    agency_disconnected,
    stream_started,
    transaction_in_parts,
    stream_stopped,
    retry_scheduled,
    lane_ready,
    survey_started,
    survey_chunk,
    survey_finished,
    change_parked,
    parked_released,
    conflict_recorded,
    hold_opened,
    stale_form,
    value_decided,
    proposal_rejected,
    delivery_refused,
    unexplained_difference,
    hop_guard,
    delivery_altered,
    truncate_held,
    delete_held,
    delete_detached,
    delete_archived,
    delete_propagated,
    delete_confirmed,
    deletion_decided,
    breaker_tripped,
    breaker_approved,
    projection_lagging,
    configuration_applied,
    configuration_unchanged,
    configuration_refused,
    request_answered,
    agency_paused,
    agency_resumed,
    journal_pruned,
    agreement_missing,
    hub_lost,
    http_listening,
    http_not_listening,
    drain_started,
    drain_timed_out,
    drain_finished,
};

struct EventMeaning {
    EventCode code;
    std::string_view name;  // As in logs and metrics: the enumerator's own name.
    Level level;            // What an event of this code has unless its author says otherwise.
    std::string_view says;  // One lower-case sentence for an operator, without a full stop.
};

// In the order of the enumerators, so that a code is an index. Not formatted: a table is read by rows.
// clang-format off
inline constexpr std::array event_meanings{
    EventMeaning{EventCode::started, "started", Level::info,
        "the daemon has started"},
    EventMeaning{EventCode::stopping, "stopping", Level::info,
        "the daemon was asked to stop"},
    EventMeaning{EventCode::stopped, "stopped", Level::info,
        "the daemon has stopped"},
    EventMeaning{EventCode::leader_acquired, "leader_acquired", Level::info,
        "this daemon leads now"},
    EventMeaning{EventCode::waiting_for_leader, "waiting_for_leader", Level::info,
        "another daemon leads, this one stands by"},
    EventMeaning{EventCode::agency_connected, "agency_connected", Level::info,
        "connected to the agency's server"},
    EventMeaning{EventCode::agency_disconnected, "agency_disconnected", Level::warning,
        "the connection to the agency's server ended"},
    EventMeaning{EventCode::stream_started, "stream_started", Level::info,
        "changes of the agency are being read"},
    EventMeaning{EventCode::transaction_in_parts, "transaction_in_parts", Level::info,
        "a transaction is too large to be processed as a whole; other agencies may see it half done for a while"},
    EventMeaning{EventCode::stream_stopped, "stream_stopped", Level::error,
        "the agency's stream cannot go on until somebody acts on the remedy"},
    EventMeaning{EventCode::retry_scheduled, "retry_scheduled", Level::warning,
        "the step failed and will be tried again"},
    EventMeaning{EventCode::lane_ready, "lane_ready", Level::info,
        "changes can be delivered to the agency"},
    EventMeaning{EventCode::survey_started, "survey_started", Level::info,
        "a survey of a table has started"},
    EventMeaning{EventCode::survey_chunk, "survey_chunk", Level::debug,
        "one chunk of a survey is done"},
    EventMeaning{EventCode::survey_finished, "survey_finished", Level::info,
        "a survey of a table is complete"},
    EventMeaning{EventCode::change_parked, "change_parked", Level::error,
        "a change cannot be applied and waits, with what follows it in the same record"},
    EventMeaning{EventCode::parked_released, "parked_released", Level::info,
        "parked changes were applied"},
    EventMeaning{EventCode::conflict_recorded, "conflict_recorded", Level::info,
        "a conflict was decided by its rule"},
    EventMeaning{EventCode::hold_opened, "hold_opened", Level::warning,
        "a field waits for a person's decision"},
    EventMeaning{EventCode::stale_form, "stale_form", Level::warning,
        "a form that was opened before a delivery was saved after it and put back what the delivery had changed"},
    EventMeaning{EventCode::value_decided, "value_decided", Level::info,
        "a person has decided the value of a field"},
    EventMeaning{EventCode::proposal_rejected, "proposal_rejected", Level::info,
        "a person has rejected what an agency proposed for a field"},
    EventMeaning{EventCode::delivery_refused, "delivery_refused", Level::error,
        "the agency's server refused a delivered row"},
    EventMeaning{EventCode::unexplained_difference, "unexplained_difference", Level::error,
        "a row differs from what the agency's WAL has shown"},
    EventMeaning{EventCode::hop_guard, "hop_guard", Level::error,
        "a value was changed back and forth too often and is held"},
    EventMeaning{EventCode::delivery_altered, "delivery_altered", Level::info,
        "the agency's database put another value into a row that we wrote, or changed one that we left alone"},
    EventMeaning{EventCode::truncate_held, "truncate_held", Level::error,
        "a TRUNCATE was not passed on and waits for a person"},
    EventMeaning{EventCode::delete_held, "delete_held", Level::warning,
        "deletions were not passed on and wait for a person"},
    EventMeaning{EventCode::delete_detached, "delete_detached", Level::info,
        "a row was deleted, and by the rule the other agencies keep theirs"},
    EventMeaning{EventCode::delete_archived, "delete_archived", Level::info,
        "a row was deleted, and by the rule the other agencies' rows say so"},
    EventMeaning{EventCode::delete_propagated, "delete_propagated", Level::warning,
        "a row was deleted, and by the rule the other agencies' rows are deleted as well"},
    EventMeaning{EventCode::delete_confirmed, "delete_confirmed", Level::info,
        "a row that we deleted is gone"},
    EventMeaning{EventCode::deletion_decided, "deletion_decided", Level::info,
        "a person has decided what follows from a deletion"},
    EventMeaning{EventCode::breaker_tripped, "breaker_tripped", Level::error,
        "a transaction changes or deletes too many records, and the agency's stream waits before it for a person"},
    EventMeaning{EventCode::breaker_approved, "breaker_approved", Level::info,
        "a person has approved the transaction that the breaker had stopped"},
    EventMeaning{EventCode::projection_lagging, "projection_lagging", Level::warning,
        "the readable views are far behind the journal, capture pauses"},
    EventMeaning{EventCode::configuration_applied, "configuration_applied", Level::info,
        "a configuration version applies now"},
    EventMeaning{EventCode::configuration_unchanged, "configuration_unchanged", Level::info,
        "the configuration was read again and is the one that applies"},
    EventMeaning{EventCode::configuration_refused, "configuration_refused", Level::error,
        "the configuration was read again and cannot be applied, the one before stays"},
    EventMeaning{EventCode::request_answered, "request_answered", Level::info,
        "a request of an operator was answered"},
    EventMeaning{EventCode::agency_paused, "agency_paused", Level::info,
        "an operator has paused the agency, it is neither read nor written to"},
    EventMeaning{EventCode::agency_resumed, "agency_resumed", Level::info,
        "the agency's pause is over"},
    EventMeaning{EventCode::journal_pruned, "journal_pruned", Level::info,
        "what is older than the retention settings allow is being erased"},
    EventMeaning{EventCode::agreement_missing, "agreement_missing", Level::warning,
        "no valid agreement covers a field, it is not shared"},
    EventMeaning{EventCode::hub_lost, "hub_lost", Level::error,
        "the connection to the hub ended, all work stops"},
    EventMeaning{EventCode::http_listening, "http_listening", Level::info,
        "health and metrics are being served"},
    EventMeaning{EventCode::http_not_listening, "http_not_listening", Level::error,
        "health and metrics cannot be served at the configured address, the daemon ends"},
    EventMeaning{EventCode::drain_started, "drain_started", Level::info,
        "the transactions in hand are being finished"},
    EventMeaning{EventCode::drain_timed_out, "drain_timed_out", Level::warning,
        "something is still in hand, the next start settles it as after a crash"},
    EventMeaning{EventCode::drain_finished, "drain_finished", Level::info,
        "nothing is in hand any more"},
};
// clang-format on

inline constexpr std::size_t event_code_count = event_meanings.size();

[[nodiscard]] constexpr const EventMeaning& meaning_of(EventCode code) noexcept
{
    return event_meanings[static_cast<std::size_t>(code)];
}

[[nodiscard]] constexpr std::string_view to_string(EventCode code) noexcept
{
    return meaning_of(code).name;
}

[[nodiscard]] constexpr std::string_view to_string(Level level) noexcept
{
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

namespace detail {

consteval bool meanings_stand_in_order()
{
    for (std::size_t index = 0; index < event_code_count; ++index)
        if (event_meanings[index].code != static_cast<EventCode>(index))
            return false;
    return event_meanings.back().code == EventCode::drain_finished;
}
static_assert(meanings_stand_in_order(), "one meaning for each code, in the order of the codes");

}  // namespace detail

}  // namespace casebridge::telemetry
