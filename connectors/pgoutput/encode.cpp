#include "connectors/pgoutput/encode.hpp"

#include "connectors/pgoutput/format.hpp"
#include "connectors/pgoutput/message_type.hpp"
#include "connectors/pgoutput/writer.hpp"
#include "model/assert.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <variant>

namespace casebridge::pgoutput {
namespace {

constexpr std::uint8_t no_flags = 0;

// One overload of write() a message, in the order of docs/pgoutput.md. All write the type byte too.

void write(Writer& out, const Begin& from)
{
    out.write(message_byte::begin);
    out.write(from.final_lsn);
    out.write(from.commit_time);
    out.write(from.xid);
}

void write(Writer& out, const Commit& from)
{
    out.write(message_byte::commit);
    out.write(no_flags);
    out.write(from.commit_lsn);
    out.write(from.end_lsn);
    out.write(from.commit_time);
}

void write(Writer& out, const Origin& from)
{
    out.write(message_byte::origin);
    out.write(from.position);
    out.write(from.name);
}

void write_column_count(Writer& out, std::size_t count)
{
    CASEBRIDGE_ASSERT(count <= std::size_t{columns_max});
    out.write(static_cast<std::int16_t>(count));
}

void write(Writer& out, const Relation& from)
{
    out.write(message_byte::relation);
    out.write(from.oid);
    out.write(from.schema);
    out.write(from.table);
    out.write(static_cast<char>(from.replica_identity));
    write_column_count(out, from.columns.size());
    for (const auto& column : from.columns) {
        out.write(column.in_replica_identity ? column_in_replica_identity : std::uint8_t{0});
        out.write(column.name);
        out.write(column.type);
        out.write(column.modifier);
    }
}

void write(Writer& out, const Type& from)
{
    out.write(message_byte::type);
    out.write(from.oid);
    out.write(from.schema);
    out.write(from.name);
}

void write_row(Writer& out, char kind, const Tuple& from)
{
    out.write(kind);
    write_column_count(out, from.size());
    for (const auto& cell : from) {
        switch (cell.state) {
            case Cell::State::absent:
                CASEBRIDGE_ASSERT(kind == row_byte::key);
                out.write(cell_byte::null);
                break;
            case Cell::State::null:
                out.write(cell_byte::null);
                break;
            case Cell::State::unchanged:
                out.write(cell_byte::unchanged);
                break;
            case Cell::State::text:
                CASEBRIDGE_ASSERT(cell.text.find('\0') == std::string::npos);
                out.write(cell_byte::text);
                out.write_counted(cell.text);
                break;
        }
    }
}

void write_row(Writer& out, const OldRow& from)
{
    write_row(out, static_cast<char>(from.kind), from.cells);
}

void write(Writer& out, const Insert& from)
{
    out.write(message_byte::insert);
    out.write(from.relation);
    write_row(out, row_byte::fresh, from.new_row);
}

void write(Writer& out, const Update& from)
{
    out.write(message_byte::update);
    out.write(from.relation);
    if (from.old_row)
        write_row(out, *from.old_row);
    write_row(out, row_byte::fresh, from.new_row);
}

void write(Writer& out, const Delete& from)
{
    out.write(message_byte::erase);
    out.write(from.relation);
    write_row(out, from.old_row);
}

void write(Writer& out, const Truncate& from)
{
    CASEBRIDGE_ASSERT(from.relations.size() <= std::size_t{std::numeric_limits<std::int32_t>::max()});
    out.write(message_byte::truncate);
    out.write(static_cast<std::int32_t>(from.relations.size()));
    std::uint8_t options = 0;
    if (from.cascade)
        options |= truncate_cascade;
    if (from.restart_identity)
        options |= truncate_restart_identity;
    out.write(options);
    for (const auto& relation : from.relations)
        out.write(relation);
}

void write(Writer& out, const EmittedMessage& from)
{
    out.write(message_byte::emitted);
    out.write(static_cast<std::uint8_t>(from.kind));
    out.write(from.lsn);
    out.write(from.prefix);
    out.write_counted(from.content);
}

void write(Writer& out, const Message& from)
{
    std::visit([&out](const auto& one) { write(out, one); }, from);
}

void write(Writer& out, const StreamedMessage& from)
{
    const auto plain = encode_message(from.message);
    const auto* const type = find_message_type(static_cast<char>(plain.front()));
    CASEBRIDGE_ASSERT(type != nullptr && type->in_block == MessageType::InBlock::with_xid);
    const auto* const emitted = std::get_if<EmittedMessage>(&from.message);
    CASEBRIDGE_ASSERT(emitted == nullptr || emitted->kind == EmittedMessage::Kind::transactional);
    out.write(type->byte);
    out.write(from.xid);
    out.append(std::span{plain}.subspan(1));
}

void write(Writer& out, const StreamStart& from)
{
    out.write(message_byte::stream_start);
    out.write(from.xid);
    out.write(static_cast<std::uint8_t>(from.segment));
}

void write(Writer& out, const StreamStop&)
{
    out.write(message_byte::stream_stop);
}

void write(Writer& out, const StreamCommit& from)
{
    out.write(message_byte::stream_commit);
    out.write(from.xid);
    out.write(no_flags);
    out.write(from.commit_lsn);
    out.write(from.end_lsn);
    out.write(from.commit_time);
}

void write(Writer& out, const StreamAbort& from)
{
    out.write(message_byte::stream_abort);
    out.write(from.xid);
    out.write(from.subxid);
    if (from.aborted_at) {
        out.write(from.aborted_at->lsn);
        out.write(from.aborted_at->time);
    }
}

void write(Writer& out, const PreparedTransaction& from)
{
    out.write(from.prepare_lsn);
    out.write(from.end_lsn);
    out.write(from.prepare_time);
    out.write(from.xid);
    out.write(from.gid);
}

void write(Writer& out, const BeginPrepare& from)
{
    out.write(message_byte::begin_prepare);
    write(out, from.transaction);
}

void write(Writer& out, const Prepare& from)
{
    out.write(message_byte::prepare);
    out.write(no_flags);
    write(out, from.transaction);
}

void write(Writer& out, const CommitPrepared& from)
{
    out.write(message_byte::commit_prepared);
    out.write(no_flags);
    out.write(from.commit_lsn);
    out.write(from.end_lsn);
    out.write(from.commit_time);
    out.write(from.xid);
    out.write(from.gid);
}

void write(Writer& out, const RollbackPrepared& from)
{
    out.write(message_byte::rollback_prepared);
    out.write(no_flags);
    out.write(from.prepare_end_lsn);
    out.write(from.rollback_end_lsn);
    out.write(from.prepare_time);
    out.write(from.rollback_time);
    out.write(from.xid);
    out.write(from.gid);
}

void write(Writer& out, const StreamPrepare& from)
{
    out.write(message_byte::stream_prepare);
    out.write(no_flags);
    write(out, from.transaction);
}

}  // namespace

std::vector<std::byte> encode_message(const Message& message)
{
    Writer out;
    write(out, message);
    return out.take();
}

std::vector<std::byte> encode_any_message(const AnyMessage& message)
{
    Writer out;
    std::visit([&out](const auto& one) { write(out, one); }, message);
    return out.take();
}

}  // namespace casebridge::pgoutput
