#pragma once

#include "connectors/pgoutput/stream_options.hpp"

// What the first byte of a message tells before the rest is read.

namespace casebridge::pgoutput {

struct MessageType {
    // What the stream must have asked for.
    enum class Needs { nothing, streaming, two_phase, both };

    // Whether it stands inside streamed blocks.
    enum class InBlock {
        never,
        as_outside,
        with_xid,  // There the xid follows the first byte, and only there.
        only,
    };

    char byte;
    const char* name;  // PostgreSQL's.
    Needs needs;
    InBlock in_block;
};

// Of protocols 1 to 4; nullptr when none of them has a message that begins so.
[[nodiscard]] const MessageType* find_message_type(char byte) noexcept;

// What the stream would have to ask for besides; `nothing` when the type may come.
[[nodiscard]] MessageType::Needs missing_for(const MessageType& type, const StreamOptions& options) noexcept;

}  // namespace casebridge::pgoutput
