#pragma once

#include "model/ids.hpp"
#include "tests/pgoutput/differential/change.hpp"
#include "tests/pgoutput/support/wire.hpp"

#include <map>
#include <string>
#include <vector>

// What the code under test makes of pgoutput payloads, in the form of Transaction.

namespace casebridge::pgoutput::test {

using TypeNames = std::map<TypeOid, std::string>;  // By format_type().

// Through decode_message and TransactionAssembler.
[[nodiscard]] std::vector<Transaction> read_protocol_1(
    const std::vector<Bytes>& payloads, const TypeNames& types
);

struct StreamedReading {
    std::vector<Transaction> transactions;  // In the order of their commits.
    int streamed = 0;                       // How many of them were streamed.
    int aborted_parts = 0;
};

// Through Decoder with the option streaming; the blocks are joined here, by what docs/pgoutput.md says.
[[nodiscard]] StreamedReading read_protocol_2(const std::vector<Bytes>& payloads, const TypeNames& types);

}  // namespace casebridge::pgoutput::test
