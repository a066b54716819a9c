#pragma once

#include "hub/case_queries.hpp"

#include <filesystem>
#include <optional>
#include <string>

// One field or group of one record, from the hub.

namespace casebridge::daemon {

// exit_ok when it was found; otherwise the complaint has been printed, and the code is the command's.
[[nodiscard]] int find_unit(
    const std::filesystem::path& configuration,
    const std::optional<std::string>& hub,
    RecordId record,
    const std::string& unit,
    std::optional<hub::ShownUnit>& found
);

}  // namespace casebridge::daemon
