#pragma once

#include "pipeline/parked_requests.hpp"

#include <optional>
#include <string>
#include <string_view>

// The payload of the requests `retry` and `skip`, as it stands in the inbox.
//
//   {"rows": [117], "deliveries": [{"record": 42, "agency": "es"}]}
//
// Either list may be empty, not both; together they name a thousand things at most.

namespace casebridge::hub {

inline constexpr std::size_t parked_names_max = 1'000;

[[nodiscard]] std::string parked_payload(const pipeline::ParkedNames& names);

// Nothing for any other document. What is named need not exist.
[[nodiscard]] std::optional<pipeline::ParkedNames> read_parked_names(std::string_view payload);

}  // namespace casebridge::hub
