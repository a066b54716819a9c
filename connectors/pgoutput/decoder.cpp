#include "connectors/pgoutput/decoder.hpp"

#include "connectors/pgoutput/decode_body.hpp"
#include "connectors/pgoutput/format.hpp"
#include "connectors/pgoutput/message_type.hpp"
#include "connectors/pgoutput/reader.hpp"
#include "connectors/pgoutput/violation.hpp"
#include "model/assert.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace casebridge::pgoutput {
namespace {

// One overload of read() a message, in the order of docs/pgoutput.md. All read what follows the type byte.

[[nodiscard]] bool read(Reader& in, StreamStart& to)
{
    std::uint8_t segment = 0;
    if (!(in.read(to.xid) && in.read(segment)))
        return false;
    if (segment > static_cast<std::uint8_t>(StreamStart::Segment::first))
        return in.refuse("segment mark that is neither 0 nor 1");
    to.segment = static_cast<StreamStart::Segment>(segment);
    return true;
}

[[nodiscard]] bool read(Reader&, StreamStop&)
{
    return true;
}

[[nodiscard]] bool read_no_flags(Reader& in)
{
    std::uint8_t flags = 0;
    if (!in.read(flags))
        return false;
    return flags == 0 || in.refuse("flags that are not 0");
}

[[nodiscard]] bool read(Reader& in, StreamCommit& to)
{
    return in.read(to.xid) && read_no_flags(in) && in.read(to.commit_lsn) && in.read(to.end_lsn) &&
           in.read(to.commit_time);
}

// `aborted_at` holds a value if the bytes shall.
[[nodiscard]] bool read(Reader& in, StreamAbort& to)
{
    return in.read(to.xid) && in.read(to.subxid) &&
           (!to.aborted_at || (in.read(to.aborted_at->lsn) && in.read(to.aborted_at->time)));
}

[[nodiscard]] bool read(Reader& in, PreparedTransaction& to)
{
    return in.read(to.prepare_lsn) && in.read(to.end_lsn) && in.read(to.prepare_time) && in.read(to.xid) &&
           in.read(to.gid);
}

[[nodiscard]] bool read(Reader& in, BeginPrepare& to)
{
    return read(in, to.transaction);
}

[[nodiscard]] bool read(Reader& in, Prepare& to)
{
    return read_no_flags(in) && read(in, to.transaction);
}

[[nodiscard]] bool read(Reader& in, CommitPrepared& to)
{
    return read_no_flags(in) && in.read(to.commit_lsn) && in.read(to.end_lsn) && in.read(to.commit_time) &&
           in.read(to.xid) && in.read(to.gid);
}

[[nodiscard]] bool read(Reader& in, RollbackPrepared& to)
{
    return read_no_flags(in) && in.read(to.prepare_end_lsn) && in.read(to.rollback_end_lsn) &&
           in.read(to.prepare_time) && in.read(to.rollback_time) && in.read(to.xid) && in.read(to.gid);
}

[[nodiscard]] bool read(Reader& in, StreamPrepare& to)
{
    return read_no_flags(in) && read(in, to.transaction);
}

template <class Kind>
Result<AnyMessage> decode_as(Reader& in, Kind kind = {})
{
    const bool whole = read(in, kind) && in.at_end();
    AnyMessage message{std::move(kind)};
    if (whole)
        return message;
    return violation(any_message_name(message), in.fault());
}

StreamAbort empty_abort(const StreamOptions& options)
{
    StreamAbort abort;
    if (options.streaming == StreamOptions::Streaming::parallel)
        abort.aborted_at.emplace();
    return abort;
}

Result<AnyMessage> decode_plain(const MessageType& type, Reader& in)
{
    auto message = decode_body(type.byte, in);
    CASEBRIDGE_ASSERT(message.has_value());
    if (message->has_error())
        return std::move(*message).error();
    return AnyMessage{std::move(**message)};
}

Result<AnyMessage> decode_streamed(const MessageType& type, Reader& in)
{
    StreamedMessage streamed;
    if (!in.read(streamed.xid))
        return violation(type.name, in.fault());
    auto message = decode_body(type.byte, in);
    CASEBRIDGE_ASSERT(message.has_value());
    if (message->has_error())
        return std::move(*message).error();
    streamed.message = std::move(**message);
    const auto* const emitted = std::get_if<EmittedMessage>(&streamed.message);
    if (emitted != nullptr && emitted->kind == EmittedMessage::Kind::immediate)
        return violation(type.name, "not transactional, but inside a streamed block");
    return AnyMessage{std::move(streamed)};
}

Result<AnyMessage> decode_between_blocks(const MessageType& type, Reader& in, const StreamOptions& options)
{
    switch (type.byte) {
        case message_byte::stream_start:
            return decode_as<StreamStart>(in);
        case message_byte::stream_stop:
            return violation(type.name, "no streamed block has begun");
        case message_byte::stream_commit:
            return decode_as<StreamCommit>(in);
        case message_byte::stream_abort:
            return decode_as(in, empty_abort(options));
        case message_byte::begin_prepare:
            return decode_as<BeginPrepare>(in);
        case message_byte::prepare:
            return decode_as<Prepare>(in);
        case message_byte::commit_prepared:
            return decode_as<CommitPrepared>(in);
        case message_byte::rollback_prepared:
            return decode_as<RollbackPrepared>(in);
        case message_byte::stream_prepare:
            return decode_as<StreamPrepare>(in);
    }
    return decode_plain(type, in);
}

Result<AnyMessage> decode_inside_block(const MessageType& type, Reader& in)
{
    switch (type.in_block) {
        case MessageType::InBlock::never:
            return violation(type.name, "the streamed block before it has not ended");
        case MessageType::InBlock::as_outside:
            return decode_plain(type, in);
        case MessageType::InBlock::with_xid:
            return decode_streamed(type, in);
        case MessageType::InBlock::only:
            return decode_as<StreamStop>(in);
    }
    return violation(type.name, "the streamed block before it has not ended");
}

}  // namespace

Result<AnyMessage> Decoder::decode(std::span<const std::byte> payload)
{
    Reader in{payload};
    char byte = 0;
    if (!in.read(byte))
        return violation("message", in.fault());
    const auto* const type = find_message_type(byte);
    if (type == nullptr || missing_for(*type, options_) != MessageType::Needs::nothing)
        return foreign_message(byte, options_);
    auto message = place_ == Place::inside_block ? decode_inside_block(*type, in)
                                                 : decode_between_blocks(*type, in, options_);
    if (message.has_value() && std::holds_alternative<StreamStart>(*message))
        place_ = Place::inside_block;
    else if (message.has_value() && std::holds_alternative<StreamStop>(*message))
        place_ = Place::between_blocks;
    return message;
}

}  // namespace casebridge::pgoutput
