#pragma once

#include "connectors/pgoutput/reader.hpp"
#include "connectors/pgoutput/stream_options.hpp"
#include "model/error.hpp"

#include <string>
#include <string_view>

// The errors of this room. All are permanent: the same bytes would be refused again.

namespace casebridge::pgoutput {

// `protocol_violation`: bytes that the grammar does not allow, at `pgoutput NAME at byte N`.
[[nodiscard]] Error violation(std::string_view name, const Fault& fault);

// `protocol_violation`: a well-formed message where it must not stand, at `pgoutput NAME`.
[[nodiscard]] Error violation(std::string_view name, std::string what);

// The error for a first byte that a stream with these options never has: `protocol_too_new` if protocols up
// to 4 have it (the remedy then names the option that must be off), `protocol_unknown_message` otherwise.
[[nodiscard]] Error foreign_message(char type, const StreamOptions& options);

// `protocol_unknown_message` for the first byte of a CopyData frame.
[[nodiscard]] Error unknown_frame(char type);

}  // namespace casebridge::pgoutput
