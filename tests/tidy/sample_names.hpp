#pragma once

#include "tests/tidy/source_tree.hpp"

#include <set>
#include <string>
#include <string_view>

// What the sample agencies call their tables and columns belongs into examples/ and tests/: code that knows
// such a name would work for the samples only.

namespace casebridge::tidy {

// Names of tables and columns that a schema.sql creates and that no other code would use by chance: those
// with an underscore or a capital, and tables together with their schema (`sp.person`). Words of the stop
// list are left out.
[[nodiscard]] std::set<std::string> distinctive_names(std::string_view schema_sql);

// Complains about each of the names in code or in a string literal; comments may give examples. For C++ files
// outside tests/.
[[nodiscard]] Complaints sample_name_complaints(const SourceFile& file, const std::set<std::string>& names);

}  // namespace casebridge::tidy
