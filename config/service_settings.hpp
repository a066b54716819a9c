#pragma once

#include "config/entry.hpp"
#include "config/settings.hpp"

#include <optional>
#include <string>

// Reads what concerns the service itself, not the data: connections, the web address, logging, limits,
// retention.

namespace casebridge::config {

// A connection string that libpq can parse, without a password. It is never quoted in a mistake.
[[nodiscard]] std::optional<std::string> read_connection(const Entry& entry);

[[nodiscard]] ListenAddress read_web(const Entry& entry);
[[nodiscard]] LogSettings read_log(const Entry& entry);
[[nodiscard]] Limits read_limits(const Entry& entry);
[[nodiscard]] RetentionSettings read_retention(const Entry& entry);

}  // namespace casebridge::config
