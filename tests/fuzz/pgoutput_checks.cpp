#include "tests/fuzz/pgoutput_checks.hpp"

#include "connectors/pgoutput/decode.hpp"
#include "connectors/pgoutput/encode.hpp"
#include "model/assert.hpp"

#include <algorithm>

namespace casebridge::fuzz {

using pgoutput::StreamOptions;

Context context_of(std::byte first)
{
    const auto bits = std::to_integer<unsigned>(first);
    Context context;
    context.options.streaming = static_cast<StreamOptions::Streaming>(bits % 3);
    context.options.two_phase = static_cast<StreamOptions::TwoPhase>(bits / 3 % 2);
    context.block = bits / 6 % 2 == 1 ? Context::Block::open : Context::Block::none;
    return context;
}

pgoutput::Decoder decoder_of(const Context& context)
{
    pgoutput::Decoder decoder{context.options};
    if (context.block == Context::Block::open && context.options.streaming != StreamOptions::Streaming::off) {
        const auto start = pgoutput::StreamStart{.xid = Xid{1}, .segment = {}};
        CASEBRIDGE_ASSERT(decoder.decode(pgoutput::encode_any_message(start)).has_value());
    }
    return decoder;
}

void check_error(const Error& error)
{
    CASEBRIDGE_ASSERT(error.kind == ErrorClass::permanent);
    CASEBRIDGE_ASSERT(
        error.code == "protocol_violation" || error.code == "protocol_too_new" ||
        error.code == "protocol_unknown_message"
    );
    CASEBRIDGE_ASSERT(error.place.starts_with("pgoutput "));
    CASEBRIDGE_ASSERT(!error.message.empty() && !error.remedy.empty());
}

Result<pgoutput::Message> check_message(std::span<const std::byte> payload)
{
    auto message = pgoutput::decode_message(payload);
    if (message.has_error())
        check_error(message.error());
    else
        CASEBRIDGE_ASSERT(std::ranges::equal(pgoutput::encode_message(*message), payload));
    return message;
}

Result<pgoutput::AnyMessage> check_any_message(pgoutput::Decoder& decoder, std::span<const std::byte> payload)
{
    auto message = decoder.decode(payload);
    if (message.has_error())
        check_error(message.error());
    else
        CASEBRIDGE_ASSERT(std::ranges::equal(pgoutput::encode_any_message(*message), payload));
    return message;
}

}  // namespace casebridge::fuzz
