#pragma once

#include "connectors/pgoutput/message.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Bytes as a test writes and reads them.

namespace casebridge::pgoutput::test {

using Bytes = std::vector<std::byte>;

// Words separated by spaces: 'text' stands for its characters, anything else is hexadecimal.
// `wire("'O' 000000000000002a 'name' 00")`. Throws std::invalid_argument for anything else.
[[nodiscard]] Bytes wire(std::string_view words);

[[nodiscard]] std::string hex(std::span<const std::byte> bytes);

// What a row shows: `1|NULL|UNCHANGED|ABSENT`; long texts as `<2100 bytes>`.
[[nodiscard]] std::string describe(const Tuple& row);

}  // namespace casebridge::pgoutput::test
