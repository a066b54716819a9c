#pragma once

#include "tests/pgoutput/support/wire.hpp"

#include <string>
#include <string_view>
#include <vector>

// The files in golden/, captured from a real server by capture_golden.py.

namespace casebridge::pgoutput::test {

struct GoldenMessage {
    std::string place;  // `messages.hex:12`, for failures.
    Bytes bytes;
};

// All messages of a file in its order. Throws when the file cannot be read or holds none.
[[nodiscard]] std::vector<GoldenMessage> read_golden(std::string_view file);

}  // namespace casebridge::pgoutput::test
