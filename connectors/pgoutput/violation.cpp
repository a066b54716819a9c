#include "connectors/pgoutput/violation.hpp"

#include <array>
#include <string>
#include <utility>

namespace casebridge::pgoutput {
namespace {

// The messages of protocols 2 to 4 and what switches them on.
struct LaterMessage {
    char type;
    const char* name;
    const char* remedy;
};

constexpr auto streaming_off = "start replication with proto_version 1 and the option streaming off";
constexpr auto two_phase_off = "create the slot without two_phase and start replication with proto_version 1";

constexpr std::array later_messages{
    LaterMessage{'S', "Stream Start",      streaming_off},
    LaterMessage{'E', "Stream Stop",       streaming_off},
    LaterMessage{'c', "Stream Commit",     streaming_off},
    LaterMessage{'A', "Stream Abort",      streaming_off},
    LaterMessage{'p', "Stream Prepare",    streaming_off},
    LaterMessage{'b', "Begin Prepare",     two_phase_off},
    LaterMessage{'P', "Prepare",           two_phase_off},
    LaterMessage{'K', "Commit Prepared",   two_phase_off},
    LaterMessage{'r', "Rollback Prepared", two_phase_off},
};

constexpr auto violation_remedy =
    "check that the server is an unmodified PostgreSQL 14 or later and nothing on the way alters the stream";

std::string hexadecimal(char type)
{
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(type);
    return {'0', 'x', digits[value / 16], digits[value % 16]};
}

Error unknown(std::string place, char type)
{
    return Error{
        .kind = ErrorClass::permanent,
        .code = "protocol_unknown_message",
        .place = std::move(place),
        .message = "unknown type " + hexadecimal(type),
        .remedy = violation_remedy,
    };
}

}  // namespace

Error violation(std::string_view name, const Fault& fault)
{
    return violation(std::string{name} + " at byte " + std::to_string(fault.offset), fault.what);
}

Error violation(std::string_view name, std::string what)
{
    return Error{
        .kind = ErrorClass::permanent,
        .code = "protocol_violation",
        .place = "pgoutput " + std::string{name},
        .message = std::move(what),
        .remedy = violation_remedy,
    };
}

Error unknown_message(char type)
{
    for (const auto& later : later_messages)
        if (later.type == type)
            return Error{
                .kind = ErrorClass::permanent,
                .code = "protocol_too_new",
                .place = "pgoutput " + std::string{later.name} + " at byte 0",
                .message = "message of a later protocol than 1",
                .remedy = later.remedy,
            };
    return unknown("pgoutput message at byte 0", type);
}

Error unknown_frame(char type)
{
    return unknown("pgoutput frame at byte 0", type);
}

}  // namespace casebridge::pgoutput
