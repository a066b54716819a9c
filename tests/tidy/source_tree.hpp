#pragma once

#include <string>
#include <string_view>
#include <vector>

// The project's files as text, and just enough C++ lexing to tell code from comments and strings. Every tidy
// check is a function from a file to complaints, so that it can be tried on a bad example as well as on the
// project.

namespace casebridge::tidy {

struct SourceFile {
    std::string path;  // From the project's root, with forward slashes.
    std::string text;
};

// One sentence each, beginning with the path; empty when all is well.
using Complaints = std::vector<std::string>;

// All files below the project's root whose name ends in one of `endings`, in order of their paths; without
// hidden directories, except .ci, and without build trees. Throws std::runtime_error when a file cannot be
// read.
[[nodiscard]] std::vector<SourceFile> read_project(const std::vector<std::string>& endings);

// C++ headers and sources of the project.
[[nodiscard]] std::vector<SourceFile> read_cpp_files();

// Whether the project has such a file.
[[nodiscard]] bool exists_in_project(std::string_view path);

enum class Strings { kept, blanked };

// The text with comments (and the insides of string and character literals, if so asked) replaced by blanks.
// Lines keep their numbers.
[[nodiscard]] std::string code_of(std::string_view text, Strings strings);

[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

struct Word {
    std::string_view text;  // An identifier, keyword or number.
    std::size_t at;         // Offset into the text.
    std::size_t line;       // From 1.
};

[[nodiscard]] std::vector<Word> words_of(std::string_view text);

struct Include {
    std::string path;
    enum class Form { quoted, angled } form;
    std::size_t line;
};

// The #include directives of a C++ text.
[[nodiscard]] std::vector<Include> includes_of(std::string_view text);

[[nodiscard]] bool is_header(const SourceFile& file);
[[nodiscard]] bool is_test(const SourceFile& file);

// `path:line: message`.
[[nodiscard]] std::string complaint(const SourceFile& file, std::size_t line, std::string_view message);

}  // namespace casebridge::tidy
