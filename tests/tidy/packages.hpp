#pragma once

#include "tests/tidy/source_tree.hpp"

#include <set>
#include <string>
#include <string_view>

// packages.txt is the only list of Debian packages: whatever a script installs or a document names is in it.

namespace casebridge::tidy {

// The names in a list with one package a line and `#` comments.
[[nodiscard]] std::set<std::string> listed_packages(std::string_view list);

// Complains about words after `apt install` or `apt-get install`, and about words that can only be a
// package's name (lib…-dev, postgresql-…15, python3-…), that are not in the list. Options and shell variables
// are left alone.
[[nodiscard]] Complaints package_complaints(const SourceFile& file, const std::set<std::string>& listed);

}  // namespace casebridge::tidy
