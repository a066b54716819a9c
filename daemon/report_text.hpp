#pragma once

#include "hub/case_queries.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the reports of the command line share. Values in them are personal: only for reports that show values.

namespace casebridge::daemon {

using Json = nlohmann::ordered_json;

[[nodiscard]] std::string joined(const std::vector<std::string>& words, std::string_view between);

// Columns as wide as their widest cell; the first row is the heading.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows);

// In quotes, without anything that a terminal would obey: somebody typed it into a field.
[[nodiscard]] std::string printable(const std::string& text);

// `"text"`, or `["a", "b"]` where that is a set.
[[nodiscard]] std::string shown_text(const std::string& text);

// `"text"`, `street="…", city=(none)` or `(no longer kept)`.
[[nodiscard]] std::string value_text(const std::optional<hub::ShownValue>& value);

// One line of `    name: "text"` for each.
[[nodiscard]] std::string value_lines(const hub::ShownValue& value);

// Whose a version is: `sp`, `sp, stale form`, `decided`, `decided, of sp`.
[[nodiscard]] std::string author_text(const std::string& author, hub::ShownVersion::Origin origin);

// null for nothing.
[[nodiscard]] Json optional_text(const std::optional<std::string>& text);
[[nodiscard]] Json optional_seq(const std::optional<JournalSeq>& seq);
[[nodiscard]] Json value_json(const std::optional<hub::ShownValue>& value);

}  // namespace casebridge::daemon
