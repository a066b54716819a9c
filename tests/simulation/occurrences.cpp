#include "tests/simulation/occurrences.hpp"

#include "hub/enum_texts.hpp"
#include "model/journal_entry.hpp"

#include <array>
#include <string>

namespace casebridge::simulation {
namespace {

// What every 1,000 histories have to contain at least once.
constexpr std::array expected{
    "agencies 3",
    "agencies 4",
    "breaker approved follow",
    "breaker approved hold",
    "breaker tripped by changed",
    "breaker tripped by deleted",
    "breaker tripped by truncated",
    "conflict delete_origin_differs deleted",
    "conflict insert_exists held",
    "conflict insert_exists stands",
    "conflict update_deleted deleted",
    "conflict update_deleted held",
    "conflict update_origin_differs held",
    "conflict update_origin_differs reverted",
    "conflict update_origin_differs stands",
    "decided by filled",
    "decided by latest",
    "decided by max",
    "decided by min",
    "decided by rank",
    "decided by sum",
    "deletion confirmed",
    "deletion detached",
    "deletion held",
    "deletion propagated",
    "deletion decided keep",
    "deletion decided remove",
    "deletion decided restore",
    "deletion over",
    "edit clock_set",
    "edit code_respelled",
    "edit key_changed",
    "edit keys_of_unreadable_rows_swapped",
    "edit keys_swapped",
    "edit poison_value",
    "edit large_value_left_alone",
    "edit old_form_saved",
    "edit many_deleted",
    "edit row_deleted",
    "edit row_replaced",
    "edit row_returned",
    "edit table_truncated",
    "edit unmapped_column",
    "fault agency_restarted",
    "fault answer_to_commit_lost",
    "fault commit_of_a_lost_session",
    "fault crash_after_append",
    "fault crash_after_projection",
    "fault crash_before_append",
    "fault crash_between_parts",
    "fault crash_between_turns",
    "fault delivery_rolled_back",
    "fault lane_lost",
    "fault lane_lost_before_commit",
    "fault origin_in_use",
    "fault resend_from_confirmed",
    "fault slot_rewound",
    "fault slow_target",
    "fault stream_lost",
    "fault stream_lost_between_parts",
    "fault stream_lost_during_append",
    "fault stream_lost_inside_transaction",
    "hold begins",
    "miss deleted_row_differs",
    "miss deleted_row_gone",
    "miss insert_collided",
    "miss locked_row_deferred",
    "miss parent_missing",
    "miss row_differs",
    "miss row_gone",
    "park record_deleted",
    "park unmappable_value",
    "park unresolved_reference",
    "park released",
    "refusal 23502",
    "refusal 23503",
    "refusal 23514",
    "refusal hop_guard",
    "refusal unmappable_value",
    "stale form held",
    "stale form reverted",
    "stale form stands",
    "stream empty_stretch_recorded",
    "stream repeated_transaction_dropped",
    "stream transaction_in_parts",
    "sum counted",
    "sum of several",
    "survey row_left_to_stream",
    "survey row_merged",
    "survey rows_truncated_behind_the_query",
    "trigger rewrote",
};

void count_conflict(Occurrences& occurrences, const ConflictNote& conflict)
{
    occurrences.count(
        "conflict " + std::string{hub::to_text(conflict.type)} + " " +
        std::string{hub::to_text(conflict.verdict)}
    );
}

void count_row(Occurrences& occurrences, const RowRead& read)
{
    for (const auto& conflict : read.conflicts) {
        count_conflict(occurrences, conflict);
        if (conflict.verdict == Verdict::stands)
            occurrences.count(
                "decided by " + (conflict.decided_by.empty() ? conflict.rule : conflict.decided_by)
            );
        if (conflict.stale_form)
            occurrences.count("stale form " + std::string{hub::to_text(conflict.verdict)});
        if (conflict.computed)
            occurrences.count("sum of several");
        if (conflict.verdict == Verdict::held)
            occurrences.count("hold begins");
    }
    if (read.returns)
        occurrences.count("deletion over");
    if (read.link != LinkChange::none)
        occurrences.count("link " + std::string{hub::to_text(read.link)});
    if (!read.unresolved.empty())
        occurrences.count("link reference_unresolved");
    if (read.source == RowSource::echo && !read.versions.empty())
        occurrences.count("trigger rewrote");
}

struct Counter {
    Occurrences& occurrences;

    void operator()(const RowRead& read) const { count_row(occurrences, read); }
    void operator()(const RowDeleted& deleted) const
    {
        if (deleted.effect != DeleteEffect::none)
            occurrences.count("deletion " + std::string{hub::to_text(deleted.effect)});
        for (const auto& conflict : deleted.conflicts)
            count_conflict(occurrences, conflict);
    }
    void operator()(const DeletionDecided& decided) const
    {
        occurrences.count("deletion decided " + std::string{hub::to_text(decided.choice)});
    }
    void operator()(const BreakerTripped& tripped) const
    {
        for (const auto& finding : tripped.findings)
            occurrences.count("breaker tripped by " + std::string{hub::to_text(finding.reason)});
    }
    void operator()(const BreakerApproved& approved) const
    {
        occurrences.count("breaker approved " + std::string{hub::to_text(approved.deletions)});
    }
    void operator()(const RowParked& parked) const { occurrences.count("park " + parked.code); }
    void operator()(const ParkedReleased&) const { occurrences.count("park released"); }
    void operator()(const DeliveryRefused& refused) const
    {
        if (refused.code.find("235") != 0)
            occurrences.count("refusal " + refused.code);
    }
    void operator()(const LinkDissolved&) const { occurrences.count("link dissolved"); }
    void operator()(const LinkReserved&) const { occurrences.count("link reserved"); }
    void operator()(const MarksMoved&) const { occurrences.count("mark moved"); }
    void operator()(const LaneReason&) const { occurrences.count("delivery reason_journalled"); }
    template <class Other>
    void operator()(const Other&) const
    {
    }
};

}  // namespace

void count_entry(Occurrences& occurrences, const Entry& entry)
{
    std::visit(Counter{occurrences}, entry.body);
}

void Coverage::add(const Occurrences& history)
{
    for (const auto& [name, times] : history.counts())
        add(name, 1, times);
}

void Coverage::add(const std::string& name, std::size_t histories, std::size_t times)
{
    auto& line = lines_[name];
    line.histories += histories;
    line.times += times;
}

std::map<std::string, Coverage::Line> Coverage::too_rare(std::size_t histories) const
{
    std::map<std::string, Line> rare;
    for (const auto* name : expected) {
        const auto found = lines_.find(name);
        const auto line = found == lines_.end() ? Line{} : found->second;
        if (line.histories * 1'000 < histories)
            rare.emplace(name, line);
    }
    return rare;
}

}  // namespace casebridge::simulation
