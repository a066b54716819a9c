#pragma once

#include "connectors/pgoutput/message.hpp"

#include <cstddef>
#include <vector>

namespace casebridge::pgoutput {

// The exact inverse of decode_message; simulated agencies speak through it. A cell that is `absent` is
// written like a null, as the server does, and only in a key row. What no server can send is a failure of the
// programmer: an absent cell elsewhere, a NUL inside a name or text, more columns than columns_max.
[[nodiscard]] std::vector<std::byte> encode_message(const Message& message);

}  // namespace casebridge::pgoutput
