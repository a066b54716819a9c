#pragma once

#include "tests/tidy/source_tree.hpp"

#include <optional>
#include <string_view>

// Arrows never turn back: a room includes only rooms of lower layers, neighbours of one layer do not know
// each other, and below the border there is no I/O, clock, thread, randomness, Asio or libpq.

namespace casebridge::tidy {

struct Room {
    std::string_view directory;
    int layer;
};

// The room a file lives in, by its path; nothing for a file outside all rooms.
[[nodiscard]] std::optional<Room> room_of(std::string_view path);

// Complains about a C++ file outside all rooms and tests, about includes that turn back or sideways, that are
// not written from the project's root, and about what is not allowed below the border. Tests may include
// every room.
[[nodiscard]] Complaints layering_complaints(const SourceFile& file);

}  // namespace casebridge::tidy
