#pragma once

#include "connectors/pgoutput/any_message.hpp"
#include "connectors/pgoutput/message.hpp"

#include <cstddef>
#include <vector>

namespace casebridge::pgoutput {

// The exact inverse of decode_message; simulated agencies speak through it. A cell that is `absent` is
// written like a null, as the server does, and only in a key row. What no server can send is a failure of the
// programmer: an absent cell elsewhere, a NUL inside a name or text, more columns than columns_max.
[[nodiscard]] std::vector<std::byte> encode_message(const Message& message);

// The exact inverse of Decoder::decode, with the same failures of the programmer; a StreamedMessage of a kind
// that stands in no streamed block is one more.
[[nodiscard]] std::vector<std::byte> encode_any_message(const AnyMessage& message);

}  // namespace casebridge::pgoutput
