#pragma once

#include "doctor/examination.hpp"

#include <string>

// A report as text.

namespace casebridge::doctor {

enum class Detail {
    findings,    // What was found; notes in one line each.
    everything,  // Also what was examined and is as it should be.
};

// For people: by server, the worst first.
[[nodiscard]] std::string report_text(const Report& report, Detail detail);

// For programs; the shape is in docs/doctor.md and stable.
[[nodiscard]] std::string report_json(const Report& report);

}  // namespace casebridge::doctor
