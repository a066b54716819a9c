#include "connectors/pgoutput/frame.hpp"

#include "connectors/pgoutput/reader.hpp"
#include "connectors/pgoutput/violation.hpp"
#include "connectors/pgoutput/writer.hpp"
#include "model/assert.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::pgoutput {
namespace {

[[nodiscard]] bool read(Reader& in, Reply& to)
{
    std::uint8_t wish = 0;
    if (!in.read(wish))
        return false;
    if (wish > static_cast<std::uint8_t>(Reply::requested))
        return in.refuse("reply wish that is neither 0 nor 1");
    to = static_cast<Reply>(wish);
    return true;
}

Result<Frame> decode_xlog_data(Reader& in)
{
    XLogData data;
    if (!(in.read(data.wal_start) && in.read(data.wal_end) && in.read(data.send_time)))
        return violation("XLogData", in.fault());
    data.payload = in.rest();
    return Frame{data};
}

Result<Frame> decode_keepalive(Reader& in)
{
    Keepalive keepalive;
    if (!(in.read(keepalive.wal_end) && in.read(keepalive.send_time) && read(in, keepalive.reply) &&
          in.at_end()))
        return violation("Keepalive", in.fault());
    return Frame{keepalive};
}

void write(Writer& out, const XLogData& from)
{
    out.write(frame_byte::xlog_data);
    out.write(from.wal_start);
    out.write(from.wal_end);
    out.write(from.send_time);
    out.append(from.payload);
}

void write(Writer& out, const Keepalive& from)
{
    out.write(frame_byte::keepalive);
    out.write(from.wal_end);
    out.write(from.send_time);
    out.write(static_cast<std::uint8_t>(from.reply));
}

}  // namespace

Result<Frame> decode_frame(std::span<const std::byte> frame)
{
    Reader in{frame};
    char type = 0;
    if (!in.read(type))
        return violation("frame", in.fault());
    switch (type) {
        case frame_byte::xlog_data:
            return decode_xlog_data(in);
        case frame_byte::keepalive:
            return decode_keepalive(in);
    }
    return unknown_frame(type);
}

std::vector<std::byte> encode_frame(const Frame& frame)
{
    Writer out;
    std::visit([&out](const auto& one) { write(out, one); }, frame);
    return out.take();
}

std::array<std::byte, status_update_bytes> encode_status_update(const StatusUpdate& update)
{
    Writer out;
    out.write(frame_byte::status_update);
    out.write(update.written);
    out.write(update.flushed);
    out.write(update.applied);
    out.write(update.time);
    out.write(static_cast<std::uint8_t>(update.reply));
    const auto bytes = out.take();
    std::array<std::byte, status_update_bytes> fixed{};
    CASEBRIDGE_ASSERT(bytes.size() == fixed.size());
    std::ranges::copy(bytes, fixed.begin());
    return fixed;
}

Result<StatusUpdate> decode_status_update(std::span<const std::byte> frame)
{
    Reader in{frame};
    char type = 0;
    if (!in.read(type))
        return violation("frame", in.fault());
    if (type != frame_byte::status_update)
        return unknown_frame(type);
    StatusUpdate update;
    if (in.read(update.written) && in.read(update.flushed) && in.read(update.applied) &&
        in.read(update.time) && read(in, update.reply) && in.at_end())
        return update;
    return violation("StatusUpdate", in.fault());
}

}  // namespace casebridge::pgoutput
