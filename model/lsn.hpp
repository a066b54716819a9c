#pragma once

#include "model/strong.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace casebridge {

// Byte offset in the WAL of one agency's server. Offsets of different agencies are not comparable.
using Lsn = Strong<struct LsnTag, std::uint64_t>;

// PostgreSQL's rendering, `16/B374D848`.
[[nodiscard]] std::string to_string(Lsn lsn);

// Reads that rendering; nothing for any other text.
[[nodiscard]] std::optional<Lsn> parse_lsn(std::string_view text);

}  // namespace casebridge
