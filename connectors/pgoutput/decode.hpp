#pragma once

#include "connectors/pgoutput/message.hpp"
#include "model/error.hpp"

#include <cstddef>
#include <span>

namespace casebridge::pgoutput {

// Decodes one payload of a stream of protocol 1; Decoder reads later protocols. A total function: any bytes
// give either the message that encode_message turns into exactly these bytes, or a permanent error
// (docs/pgoutput.md lists the codes) that says where and why, without content. Memory is bounded by the
// payload's size times sizeof(Cell), and one row of columns_max cells.
[[nodiscard]] Result<Message> decode_message(std::span<const std::byte> payload);

}  // namespace casebridge::pgoutput
