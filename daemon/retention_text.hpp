#pragma once

#include "config/settings.hpp"
#include "hub/retention.hpp"

#include <string>

// Retention between the rooms that do not know each other, and in words for operators.

namespace casebridge::daemon {

[[nodiscard]] hub::Retention retention_of(const config::RetentionSettings& settings);

// Whether anything goes at all.
[[nodiscard]] bool keeps_everything(const hub::Retention& retention);

// `values of 12 journal entries and 3 conflicts, 0 whole partitions of the journal`: counts only.
[[nodiscard]] std::string in_words(const hub::PruneCounts& counts);

}  // namespace casebridge::daemon
