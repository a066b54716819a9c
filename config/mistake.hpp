#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <vector>

namespace casebridge::config {

// Of a character in a file, both from 1; columns count characters (code points), not bytes.
struct Position {
    std::size_t line = 1;
    std::size_t column = 1;

    friend auto operator<=>(const Position&, const Position&) = default;
};

// One thing that is wrong in a configuration. Its texts quote the configuration, never data of an agency, and
// never a connection string.
struct Mistake {
    std::string file;  // As the bridge file names it.
    Position position;
    std::string place;    // `rules/person/name`, `jobs."JobSeeker".birth_date`; may be empty.
    std::string message;  // Lower case, no full stop.

    // In the order of file, line and column.
    friend auto operator<=>(const Mistake&, const Mistake&) = default;
};

// `es.mapping.jsonc:12:30: jobs."JobSeeker".birth_date: …`
[[nodiscard]] std::string to_string(const Mistake& mistake);

}  // namespace casebridge::config
