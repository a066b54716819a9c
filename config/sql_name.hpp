#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace casebridge::config {

// PostgreSQL cuts longer identifiers, so a longer one is never the name of anything.
inline constexpr std::size_t identifier_bytes_max = 63;

struct TableName {
    std::string schema;
    std::string table;

    friend bool operator==(const TableName&, const TableName&) = default;
};

// `schema.table` as SQL reads it: unquoted parts fold to lower case and consist of letters, digits, _ and $;
// quoted ones are taken as they stand, `""` is one quote. Nothing when it is not exactly two identifiers.
[[nodiscard]] std::optional<TableName> parse_table_name(std::string_view text);

}  // namespace casebridge::config
