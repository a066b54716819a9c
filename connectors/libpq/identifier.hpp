#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

// Text that becomes part of a statement. Values never do, they are parameters; names and array parameters are
// built here. Pure functions; a NUL byte in a name or literal is a failure of the programmer.

namespace casebridge::libpq {

// `person` -> `"person"`. Always quoted, so that the case is kept and no name is a keyword.
[[nodiscard]] std::string quote_identifier(std::string_view name);

// `"schema"."name"`.
[[nodiscard]] std::string quote_qualified(std::string_view schema, std::string_view name);

// A string constant of SQL, safe whatever standard_conforming_strings says. Only for where the protocol takes
// no parameters: on a replication connection.
[[nodiscard]] std::string quote_literal(std::string_view text);

// The input text of a one-dimensional text[]: `{"a","b\"c",NULL}`. Nothing stands for NULL. Elements are
// always quoted, so that "" and "NULL" stay texts.
[[nodiscard]] std::string to_array_literal(std::span<const std::optional<std::string_view>> elements);

}  // namespace casebridge::libpq
