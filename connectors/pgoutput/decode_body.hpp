#pragma once

#include "connectors/pgoutput/message.hpp"
#include "connectors/pgoutput/reader.hpp"
#include "model/error.hpp"

#include <optional>

namespace casebridge::pgoutput {

// Decodes what follows the type byte (and, inside a streamed block, the xid), to the end; `in` stands there.
// The error is that of decode_message. Nothing when protocol 1 has no message of that type.
[[nodiscard]] std::optional<Result<Message>> decode_body(char type, Reader& in);

}  // namespace casebridge::pgoutput
