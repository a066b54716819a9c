#pragma once

#include "connectors/pgoutput/any_message.hpp"
#include "connectors/pgoutput/stream_options.hpp"
#include "model/error.hpp"

#include <cstddef>
#include <span>

namespace casebridge::pgoutput {

// Decodes the messages of a stream of any protocol from 1 to 4. It remembers the one thing that the form of
// a message depends on besides the options: whether a streamed block is open. A copy decodes independently.
class Decoder {
public:
    explicit Decoder(StreamOptions options) noexcept : options_(options) {}

    // Decodes the next payload of the stream. Total: any bytes give either the message that
    // encode_any_message turns into exactly these bytes, or a permanent error (docs/pgoutput.md lists the
    // codes) that says where and why, without content. An error leaves the decoder as it was. Memory is
    // bounded as in decode_message.
    //
    // Of the order of messages only what their form hangs on is held: that streamed blocks do not nest, and
    // which messages stand inside one.
    [[nodiscard]] Result<AnyMessage> decode(std::span<const std::byte> payload);

private:
    enum class Place { between_blocks, inside_block };

    StreamOptions options_;
    Place place_ = Place::between_blocks;
};

}  // namespace casebridge::pgoutput
