#include "connectors/pgoutput/decode.hpp"

#include "connectors/pgoutput/decode_body.hpp"
#include "connectors/pgoutput/format.hpp"
#include "connectors/pgoutput/reader.hpp"
#include "connectors/pgoutput/stream_options.hpp"
#include "connectors/pgoutput/violation.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace casebridge::pgoutput {
namespace {

// One overload of read() a message, in the order of docs/pgoutput.md. All read what follows the type byte.

[[nodiscard]] bool read(Reader& in, Begin& to)
{
    return in.read(to.final_lsn) && in.read(to.commit_time) && in.read(to.xid);
}

[[nodiscard]] bool read(Reader& in, Commit& to)
{
    std::uint8_t flags = 0;
    if (!in.read(flags))
        return false;
    if (flags != 0)
        return in.refuse("commit flags that are not 0");
    return in.read(to.commit_lsn) && in.read(to.end_lsn) && in.read(to.commit_time);
}

[[nodiscard]] bool read(Reader& in, Origin& to)
{
    return in.read(to.position) && in.read(to.name);
}

[[nodiscard]] bool read(Reader& in, ReplicaIdentity& to)
{
    char letter = 0;
    if (!in.read(letter))
        return false;
    to = static_cast<ReplicaIdentity>(letter);
    switch (to) {
        case ReplicaIdentity::by_default:
        case ReplicaIdentity::nothing:
        case ReplicaIdentity::full:
        case ReplicaIdentity::index:
            return true;
    }
    return in.refuse("unknown replica identity");
}

[[nodiscard]] bool read(Reader& in, RelationColumn& to)
{
    std::uint8_t flags = 0;
    if (!in.read(flags))
        return false;
    if (flags > column_in_replica_identity)
        return in.refuse("unknown column flags");
    to.in_replica_identity = flags == column_in_replica_identity;
    return in.read(to.name) && in.read(to.type) && in.read(to.modifier);
}

// The number of columns and one default element for each; at most columns_max, whatever the bytes claim.
template <class Element>
[[nodiscard]] bool read_column_count(Reader& in, std::vector<Element>& to)
{
    std::int16_t count = 0;
    if (!in.read(count))
        return false;
    if (count < 0 || count > columns_max)
        return in.refuse("column count outside 0 to 1664");
    to.resize(static_cast<std::size_t>(count));
    return true;
}

[[nodiscard]] bool read(Reader& in, Relation& to)
{
    if (!(in.read(to.oid) && in.read(to.schema) && in.read(to.table) && read(in, to.replica_identity) &&
          read_column_count(in, to.columns)))
        return false;
    for (auto& column : to.columns)
        if (!read(in, column))
            return false;
    return true;
}

[[nodiscard]] bool read(Reader& in, Type& to)
{
    return in.read(to.oid) && in.read(to.schema) && in.read(to.name);
}

[[nodiscard]] bool read(Reader& in, Cell& to)
{
    char kind = 0;
    if (!in.read(kind))
        return false;
    switch (kind) {
        case cell_byte::null:
            to.state = Cell::State::null;
            return true;
        case cell_byte::unchanged:
            to.state = Cell::State::unchanged;
            return true;
        case cell_byte::text:
            to.state = Cell::State::text;
            if (!in.read_counted(to.text))
                return false;
            // No text of PostgreSQL has one, and it would cut the value short wherever C strings are used.
            return to.text.find('\0') == std::string::npos || in.refuse("text with a NUL inside");
        case cell_byte::binary:
            return in.refuse("binary value although the option binary is off");
    }
    return in.refuse("unknown cell kind");
}

[[nodiscard]] bool read(Reader& in, Tuple& to)
{
    if (!read_column_count(in, to))
        return false;
    for (auto& cell : to)
        if (!read(in, cell))
            return false;
    return true;
}

[[nodiscard]] bool read(Reader& in, Insert& to)
{
    char row = 0;
    if (!(in.read(to.relation) && in.read(row)))
        return false;
    if (row != row_byte::fresh)
        return in.refuse("row that is not marked N");
    return read(in, to.new_row);
}

[[nodiscard]] bool read_old_row(Reader& in, char row, OldRow& to)
{
    to.kind = static_cast<OldRow::Kind>(row);
    return read(in, to.cells);
}

[[nodiscard]] bool read(Reader& in, Update& to)
{
    char row = 0;
    if (!(in.read(to.relation) && in.read(row)))
        return false;
    if (row == row_byte::key || row == row_byte::full)
        if (!(read_old_row(in, row, to.old_row.emplace()) && in.read(row)))
            return false;
    if (row != row_byte::fresh)
        return in.refuse("row that is not marked N, nor K or O before it");
    return read(in, to.new_row);
}

[[nodiscard]] bool read(Reader& in, Delete& to)
{
    char row = 0;
    if (!(in.read(to.relation) && in.read(row)))
        return false;
    if (row != row_byte::key && row != row_byte::full)
        return in.refuse("row that is not marked K or O");
    return read_old_row(in, row, to.old_row);
}

[[nodiscard]] bool read(Reader& in, Truncate& to)
{
    std::int32_t count = 0;
    if (!in.read(count))
        return false;
    if (count < 1)
        return in.refuse("number of relations below 1");
    std::uint8_t options = 0;
    if (!in.read(options))
        return false;
    if (options > (truncate_cascade | truncate_restart_identity))
        return in.refuse("unknown truncate options");
    to.cascade = (options & truncate_cascade) != 0;
    to.restart_identity = (options & truncate_restart_identity) != 0;
    // Grows as oids are really read: the count alone must not make us allocate.
    for (std::int32_t read_so_far = 0; read_so_far < count; ++read_so_far)
        if (!in.read(to.relations.emplace_back()))
            return false;
    return true;
}

[[nodiscard]] bool read(Reader& in, EmittedMessage& to)
{
    std::uint8_t flags = 0;
    if (!in.read(flags))
        return false;
    if (flags > static_cast<std::uint8_t>(EmittedMessage::Kind::transactional))
        return in.refuse("unknown message flags");
    to.kind = static_cast<EmittedMessage::Kind>(flags);
    return in.read(to.lsn) && in.read(to.prefix) && in.read_counted(to.content);
}

template <class Kind>
Result<Message> decode_as(Reader& in)
{
    Message message{std::in_place_type<Kind>};
    if (read(in, std::get<Kind>(message)) && in.at_end())
        return message;
    return violation(message_name(message), in.fault());
}

}  // namespace

std::optional<Result<Message>> decode_body(char type, Reader& in)
{
    switch (type) {
        case message_byte::begin:
            return decode_as<Begin>(in);
        case message_byte::commit:
            return decode_as<Commit>(in);
        case message_byte::origin:
            return decode_as<Origin>(in);
        case message_byte::relation:
            return decode_as<Relation>(in);
        case message_byte::type:
            return decode_as<Type>(in);
        case message_byte::insert:
            return decode_as<Insert>(in);
        case message_byte::update:
            return decode_as<Update>(in);
        case message_byte::erase:
            return decode_as<Delete>(in);
        case message_byte::truncate:
            return decode_as<Truncate>(in);
        case message_byte::emitted:
            return decode_as<EmittedMessage>(in);
    }
    return std::nullopt;
}

Result<Message> decode_message(std::span<const std::byte> payload)
{
    Reader in{payload};
    char type = 0;
    if (!in.read(type))
        return violation("message", in.fault());
    if (auto message = decode_body(type, in))
        return *std::move(message);
    return foreign_message(type, StreamOptions{});
}

}  // namespace casebridge::pgoutput
