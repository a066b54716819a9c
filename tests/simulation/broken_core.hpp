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
};

struct BrokenCoreName {
    BrokenCore core;
    std::string_view name;
};

inline constexpr std::array broken_cores{
    BrokenCoreName{BrokenCore::acknowledges_before_append,       "acknowledges_before_append"      },
    BrokenCoreName{BrokenCore::acknowledges_inside_transactions, "acknowledges_inside_transactions"},
    BrokenCoreName{BrokenCore::skips_transactions,               "skips_transactions"              },
    BrokenCoreName{BrokenCore::merges_repeated_transactions,     "merges_repeated_transactions"    },
    BrokenCoreName{BrokenCore::journal_loses_conflicts,          "journal_loses_conflicts"         },
    BrokenCoreName{BrokenCore::forgets_pending,                  "forgets_pending"                 },
    BrokenCoreName{BrokenCore::strips_expectations,              "strips_expectations"             },
    BrokenCoreName{BrokenCore::positions_too_high,               "positions_too_high"              },
    BrokenCoreName{BrokenCore::sends_again_after_lost_answers,   "sends_again_after_lost_answers"  },
    BrokenCoreName{BrokenCore::forgets_marks,                    "forgets_marks"                   },
    BrokenCoreName{BrokenCore::reads_echoes_as_edits,            "reads_echoes_as_edits"           },
    BrokenCoreName{BrokenCore::keeps_rows_parked,                "keeps_rows_parked"               },
    BrokenCoreName{BrokenCore::forgets_lane_work,                "forgets_lane_work"               },
    BrokenCoreName{BrokenCore::seen_from_progress,               "seen_from_progress"              },
    BrokenCoreName{BrokenCore::image_by_sending,                 "image_by_sending"                },
    BrokenCoreName{BrokenCore::hub_finds_nobody,                 "hub_finds_nobody"                },
    BrokenCoreName{BrokenCore::never_sweeps,                     "never_sweeps"                    },
    BrokenCoreName{BrokenCore::never_releases_deferred,          "never_releases_deferred"         },
    BrokenCoreName{BrokenCore::forgets_agreements,               "forgets_agreements"              },
    BrokenCoreName{BrokenCore::survey_ignores_stream,            "survey_ignores_stream"           },
    BrokenCoreName{BrokenCore::writes_half_a_group,              "writes_half_a_group"             },
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
