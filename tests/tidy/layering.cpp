#include "tests/tidy/layering.hpp"

#include <algorithm>
#include <array>

namespace casebridge::tidy {

namespace {

// The table of docs/architecture.md. A new room is a new line here and there.
constexpr std::array rooms{
    Room{"model",               0},
    Room{"mapping",             1},
    Room{"conflict",            1},
    Room{"cases",               1},
    Room{"pipeline",            2},
    Room{"connectors/pgoutput", 2},
    Room{"connectors/libpq",    3},
    Room{"connectors/postgres", 4},
    Room{"hub",                 4},
    Room{"config",              4},
    Room{"telemetry",           4},
    Room{"console",             4},
    Room{"doctor",              5},
    Room{"daemon",              6},
};

// Rooms of this layer and above may touch the world.
constexpr int border_layer = 3;

constexpr std::array headers_above_the_border{
    "thread",    "mutex",    "shared_mutex", "condition_variable", "future",     "stop_token",
    "semaphore", "random",   "fstream",      "iostream",           "filesystem", "ctime",
    "time.h",    "unistd.h", "csignal",      "signal.h",           "fcntl.h",    "poll.h",
    "pthread.h",
};
constexpr std::array header_families_above_the_border{
    "boost/asio",
    "boost/beast",
    "boost/thread",
    "boost/random",
    "boost/process",
    "libpq",
    "postgresql/",
    "sys/",
    "systemd/",
    "prometheus/",
};
constexpr std::array words_above_the_border{
    "system_clock",
    "steady_clock",
    "high_resolution_clock",
    "utc_clock",
    "file_clock",
    "random_device",
    "mt19937",
    "getenv",
    "gettimeofday",
    "clock_gettime",
    "localtime",
    "ifstream",
    "ofstream",
    "jthread",
};

bool is_above_the_border(std::string_view header)
{
    return std::ranges::find(headers_above_the_border, header) != headers_above_the_border.end() ||
           std::ranges::any_of(header_families_above_the_border, [&](std::string_view f) {
               return header.starts_with(f);
           });
}

void check_project_include(const SourceFile& file, const Include& include, Complaints& complaints)
{
    const std::optional<Room> here = room_of(file.path);
    const std::optional<Room> there = room_of(include.path);
    if (!there && !exists_in_project(include.path)) {
        complaints.push_back(
            complaint(file, include.line, include.path + " is not written from the project's root")
        );
    } else if (is_test(file) || !here) {
        return;
    } else if (!there) {
        complaints.push_back(complaint(file, include.line, include.path + " is in no room"));
    } else if (there->directory != here->directory && there->layer == here->layer) {
        complaints.push_back(
            complaint(file, include.line, include.path + " is a neighbour's: arrows do not go sideways")
        );
    } else if (there->layer > here->layer) {
        complaints.push_back(
            complaint(file, include.line, include.path + " is above: arrows do not turn back")
        );
    }
}

void check_purity(const SourceFile& file, Complaints& complaints)
{
    for (const Include& include : includes_of(file.text)) {
        if (is_above_the_border(include.path)) {
            complaints.push_back(
                complaint(file, include.line, include.path + " does not exist below the border")
            );
        }
    }
    const std::string code = code_of(file.text, Strings::blanked);
    for (const Word& word : words_of(code)) {
        if (std::ranges::find(words_above_the_border, word.text) != words_above_the_border.end()) {
            complaints.push_back(
                complaint(file, word.line, std::string(word.text) + " does not exist below the border")
            );
        }
    }
}

}  // namespace

std::optional<Room> room_of(std::string_view path)
{
    for (const Room& room : rooms) {
        if (path.starts_with(room.directory) && path.substr(room.directory.size()).starts_with('/')) {
            return room;
        }
    }
    return std::nullopt;
}

Complaints layering_complaints(const SourceFile& file)
{
    Complaints complaints;
    const std::optional<Room> room = room_of(file.path);
    if (!room && !is_test(file)) {
        complaints.push_back(
            complaint(file, 1, "is in no room; a new room is a new line in tests/tidy/layering.cpp")
        );
    }
    for (const Include& include : includes_of(file.text)) {
        if (include.form == Include::Form::quoted) {
            check_project_include(file, include, complaints);
        }
    }
    if (room && room->layer < border_layer) {
        check_purity(file, complaints);
    }
    return complaints;
}

}  // namespace casebridge::tidy
