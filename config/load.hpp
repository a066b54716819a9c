#pragma once

#include "config/mistake.hpp"
#include "config/settings.hpp"
#include "model/error.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

// Loads a configuration: the bridge file, the model file and one mapping file per agency.

namespace casebridge::config {

// The settings, or everything that is wrong: all mistakes of all files, by file, line and column; never
// empty.
using LoadResult = std::variant<Settings, std::vector<Mistake>>;

// `path` is the bridge file; it names the others relative to its own directory. A file that cannot be read is
// a mistake too.
[[nodiscard]] LoadResult load_bridge(const std::filesystem::path& path);

// The text of the file of that name, as the bridge file spells it, or why it cannot be read (Error::message).
using ReadFile = std::function<Result<std::string>(const std::string& name)>;

// The same over any source of texts; pure, if `read` is.
[[nodiscard]] LoadResult load_bridge(const std::string& bridge_file, const ReadFile& read);

}  // namespace casebridge::config
