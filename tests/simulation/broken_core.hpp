#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace casebridge::simulation {

// Faults that are put around the core on purpose. Each has to be caught by a checker, or the checkers prove
// nothing. docs/simulation.md says which catches which.
enum class BrokenCore {
    none,
    acknowledges_before_append,
    acknowledges_inside_transactions,
    skips_transactions,
    merges_repeated_transactions,
    merges_parts_again,
    journal_loses_conflicts,
    forgets_pending,
    strips_expectations,
    positions_too_high,
    sends_again_after_lost_answers,
    forgets_marks,
    reads_echoes_as_edits,
    keeps_rows_parked,
    forgets_lane_work,
    seen_from_progress,
    image_by_sending,
    hub_finds_nobody,
    never_sweeps,
    never_releases_deferred,
    forgets_agreements,
    survey_ignores_stream,
    writes_half_a_group,
    loses_tallies,
    ignores_stale_forms,
    suspects_every_edit,
    deletes_without_looking,
    forgets_deletions,
    tells_one_other,
    ignores_breakers,
};

struct BrokenCoreName {
    BrokenCore core;
    std::string_view name;
    std::string_view checker;  // By which it has to be caught, whatever else notices.
};

inline constexpr std::array broken_cores{
    BrokenCoreName{BrokenCore::acknowledges_before_append,       "acknowledges_before_append",       "flush_not_ahead"           },
    BrokenCoreName{
                   BrokenCore::acknowledges_inside_transactions, "acknowledges_inside_transactions", "flush_not_ahead"           },
    BrokenCoreName{BrokenCore::skips_transactions,               "skips_transactions",               "journalled_once"           },
    BrokenCoreName{
                   BrokenCore::merges_repeated_transactions,     "merges_repeated_transactions",     "journalled_once"           },
    BrokenCoreName{BrokenCore::merges_parts_again,               "merges_parts_again",               "journalled_once"           },
    BrokenCoreName{BrokenCore::journal_loses_conflicts,          "journal_loses_conflicts",          "no_edit_lost"              },
    BrokenCoreName{BrokenCore::forgets_pending,                  "forgets_pending",                  "refused_with_reason"       },
    BrokenCoreName{BrokenCore::strips_expectations,              "strips_expectations",              "nothing_unread_overwritten"},
    BrokenCoreName{BrokenCore::positions_too_high,               "positions_too_high",               "position_advances"         },
    BrokenCoreName{
                   BrokenCore::sends_again_after_lost_answers,   "sends_again_after_lost_answers",   "position_advances"         },
    BrokenCoreName{BrokenCore::forgets_marks,                    "forgets_marks",                    "no_edit_lost"              },
    BrokenCoreName{BrokenCore::reads_echoes_as_edits,            "reads_echoes_as_edits",            "echo_is_silent"            },
    BrokenCoreName{BrokenCore::keeps_rows_parked,                "keeps_rows_parked",                "parked_with_reason"        },
    BrokenCoreName{BrokenCore::forgets_lane_work,                "forgets_lane_work",                "converged"                 },
    BrokenCoreName{BrokenCore::seen_from_progress,               "seen_from_progress",               "no_edit_lost"              },
    BrokenCoreName{BrokenCore::image_by_sending,                 "image_by_sending",                 "converged"                 },
    BrokenCoreName{BrokenCore::hub_finds_nobody,                 "hub_finds_nobody",                 "one_record_each"           },
    BrokenCoreName{BrokenCore::never_sweeps,                     "never_sweeps",                     "converged"                 },
    BrokenCoreName{BrokenCore::never_releases_deferred,          "never_releases_deferred",          "falls_silent"              },
    BrokenCoreName{BrokenCore::forgets_agreements,               "forgets_agreements",               "only_shared_is_written"    },
    BrokenCoreName{BrokenCore::survey_ignores_stream,            "survey_ignores_stream",            "converged"                 },
    BrokenCoreName{BrokenCore::writes_half_a_group,              "writes_half_a_group",              "echo_is_silent"            },
    BrokenCoreName{BrokenCore::loses_tallies,                    "loses_tallies",                    "everything_counted"        },
    BrokenCoreName{BrokenCore::ignores_stale_forms,              "ignores_stale_forms",              "no_edit_lost"              },
    BrokenCoreName{BrokenCore::suspects_every_edit,              "suspects_every_edit",              "stale_forms_recognised"    },
    BrokenCoreName{
                   BrokenCore::deletes_without_looking,          "deletes_without_looking",          "nothing_unread_overwritten"},
    BrokenCoreName{BrokenCore::forgets_deletions,                "forgets_deletions",                "deletion_followed"         },
 // A whole core where there are two agencies.
    BrokenCoreName{BrokenCore::tells_one_other,                  "tells_one_other",                  "converged"                 },
    BrokenCoreName{BrokenCore::ignores_breakers,                 "ignores_breakers",                 "mass_change_approved"      },
};

[[nodiscard]] inline std::string_view to_string(BrokenCore core)
{
    for (const auto& known : broken_cores)
        if (known.core == core)
            return known.name;
    return "none";
}

[[nodiscard]] inline std::optional<BrokenCore> broken_core_named(std::string_view name)
{
    for (const auto& known : broken_cores)
        if (known.name == name)
            return known.core;
    return std::nullopt;
}

}  // namespace casebridge::simulation
