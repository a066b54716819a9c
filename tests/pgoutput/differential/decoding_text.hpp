#pragma once

#include "tests/pgoutput/differential/change.hpp"

#include <string>
#include <vector>

namespace casebridge::pgoutput::test {

// Reads what the output plugin test_decoding wrote, one string a row of pg_logical_slot_get_changes, without
// its option skip-empty-xacts. Transactions without a change or message are left out, as pgoutput does.
// Throws std::runtime_error with the position for anything it does not understand.
[[nodiscard]] std::vector<Transaction> parse_decoding_text(const std::vector<std::string>& rows);

}  // namespace casebridge::pgoutput::test
