#include "connectors/pgoutput/message_type.hpp"

#include "connectors/pgoutput/format.hpp"

#include <algorithm>
#include <array>

namespace casebridge::pgoutput {
namespace {

using Needs = MessageType::Needs;
using InBlock = MessageType::InBlock;

constexpr std::array message_types{
    MessageType{message_byte::begin,             "Begin",             Needs::nothing,   InBlock::never     },
    MessageType{message_byte::commit,            "Commit",            Needs::nothing,   InBlock::never     },
    MessageType{message_byte::origin,            "Origin",            Needs::nothing,   InBlock::as_outside},
    MessageType{message_byte::relation,          "Relation",          Needs::nothing,   InBlock::with_xid  },
    MessageType{message_byte::type,              "Type",              Needs::nothing,   InBlock::with_xid  },
    MessageType{message_byte::insert,            "Insert",            Needs::nothing,   InBlock::with_xid  },
    MessageType{message_byte::update,            "Update",            Needs::nothing,   InBlock::with_xid  },
    MessageType{message_byte::erase,             "Delete",            Needs::nothing,   InBlock::with_xid  },
    MessageType{message_byte::truncate,          "Truncate",          Needs::nothing,   InBlock::with_xid  },
    MessageType{message_byte::emitted,           "Message",           Needs::nothing,   InBlock::with_xid  },
    MessageType{message_byte::stream_start,      "Stream Start",      Needs::streaming, InBlock::never     },
    MessageType{message_byte::stream_stop,       "Stream Stop",       Needs::streaming, InBlock::only      },
    MessageType{message_byte::stream_commit,     "Stream Commit",     Needs::streaming, InBlock::never     },
    MessageType{message_byte::stream_abort,      "Stream Abort",      Needs::streaming, InBlock::never     },
    MessageType{message_byte::begin_prepare,     "Begin Prepare",     Needs::two_phase, InBlock::never     },
    MessageType{message_byte::prepare,           "Prepare",           Needs::two_phase, InBlock::never     },
    MessageType{message_byte::commit_prepared,   "Commit Prepared",   Needs::two_phase, InBlock::never     },
    MessageType{message_byte::rollback_prepared, "Rollback Prepared", Needs::two_phase, InBlock::never     },
    MessageType{message_byte::stream_prepare,    "Stream Prepare",    Needs::both,      InBlock::never     },
};

}  // namespace

const MessageType* find_message_type(char byte) noexcept
{
    const auto* const found = std::ranges::find(message_types, byte, &MessageType::byte);
    return found == message_types.end() ? nullptr : found;
}

MessageType::Needs missing_for(const MessageType& type, const StreamOptions& options) noexcept
{
    const bool no_streaming = options.streaming == StreamOptions::Streaming::off;
    const bool no_two_phase = options.two_phase == StreamOptions::TwoPhase::off;
    switch (type.needs) {
        case Needs::nothing:
            return Needs::nothing;
        case Needs::streaming:
            return no_streaming ? Needs::streaming : Needs::nothing;
        case Needs::two_phase:
            return no_two_phase ? Needs::two_phase : Needs::nothing;
        case Needs::both:
            if (no_streaming)
                return no_two_phase ? Needs::both : Needs::streaming;
            return no_two_phase ? Needs::two_phase : Needs::nothing;
    }
    return Needs::nothing;
}

}  // namespace casebridge::pgoutput
