#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace casebridge::config {

// What a bridge file says under hub/connection, whatever else is wrong in it or in the files that it names;
// nothing when not even that can be read. For commands that ask a running daemon to read them. The text is
// not checked: connecting does that.
[[nodiscard]] std::optional<std::string> find_hub_connection(const std::filesystem::path& bridge_file);

}  // namespace casebridge::config
