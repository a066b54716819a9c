#pragma once

#include "tests/tidy/source_tree.hpp"

// Small rules of the house that a compiler does not know.

namespace casebridge::tidy {

// A header begins with `#pragma once`, so that it is read once and nothing stands before it.
[[nodiscard]] Complaints header_complaints(const SourceFile& file);

// A file has at most 400 lines, unless one of its first ten says `Longer than 400 lines because …`.
[[nodiscard]] Complaints length_complaints(const SourceFile& file);

// No coroutine without an owner (asio's `detached`), no sleeping, no std::regex (its recursion overflows the
// stack on long input). For C++ and Python files; strings and comments may say what they like.
[[nodiscard]] Complaints forbidden_word_complaints(const SourceFile& file);

}  // namespace casebridge::tidy
