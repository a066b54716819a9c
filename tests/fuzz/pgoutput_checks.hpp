#pragma once

#include "connectors/pgoutput/decoder.hpp"
#include "model/error.hpp"

#include <cstddef>
#include <span>

// The promises of connectors/pgoutput that hold for any bytes. A broken one ends the process.

namespace casebridge::fuzz {

// The stream that the first byte of an input stands for: options, and whether a streamed block is open.
// make_corpus.py writes the same.
struct Context {
    pgoutput::StreamOptions options;
    enum class Block { none, open } block = Block::none;
};

[[nodiscard]] Context context_of(std::byte first);
[[nodiscard]] pgoutput::Decoder decoder_of(const Context& context);

// An error of the room names a place and a known code, and says why.
void check_error(const Error& error);

// Each decodes, and checks that the result is an error or encodes to exactly these bytes. Gives the message.
Result<pgoutput::Message> check_message(std::span<const std::byte> payload);
Result<pgoutput::AnyMessage> check_any_message(
    pgoutput::Decoder& decoder, std::span<const std::byte> payload
);

}  // namespace casebridge::fuzz
