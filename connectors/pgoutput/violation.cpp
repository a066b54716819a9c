#include "connectors/pgoutput/violation.hpp"

#include "connectors/pgoutput/message_type.hpp"

#include <string>
#include <utility>

namespace casebridge::pgoutput {
namespace {

constexpr auto streaming_off = "start replication with proto_version 1 and the option streaming off";
constexpr auto two_phase_off = "create the slot without two_phase and start replication with proto_version 1";

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

Error too_new(const MessageType& type, int protocol, const char* remedy)
{
    return Error{
        .kind = ErrorClass::permanent,
        .code = "protocol_too_new",
        .place = "pgoutput " + std::string{type.name} + " at byte 0",
        .message = "message of protocol " + std::to_string(protocol) + ", which the stream did not ask for",
        .remedy = remedy,
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

Error foreign_message(char type, const StreamOptions& options)
{
    if (const auto* const known = find_message_type(type))
        switch (missing_for(*known, options)) {
            case MessageType::Needs::nothing:
                break;
            case MessageType::Needs::streaming:
            case MessageType::Needs::both:
                return too_new(*known, 2, streaming_off);
            case MessageType::Needs::two_phase:
                return too_new(*known, 3, two_phase_off);
        }
    return unknown("pgoutput message at byte 0", type);
}

Error unknown_frame(char type)
{
    return unknown("pgoutput frame at byte 0", type);
}

}  // namespace casebridge::pgoutput
