#include "connectors/postgres/replication_stream.hpp"

#include "connectors/libpq/identifier.hpp"
#include "model/assert.hpp"
#include "model/pg_time.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace casebridge::postgres {
namespace {

constexpr std::string_view plugin_name = "pgoutput";
constexpr std::size_t slot_name_size_max = 63;

Error named(
    ErrorClass kind, std::string code, const std::string& slot, std::string message, std::string remedy
)
{
    return {
        .kind = kind,
        .code = std::move(code),
        .place = "slot " + slot,
        .message = std::move(message),
        .remedy = std::move(remedy),
    };
}

// PostgreSQL's own rule. The replication grammar takes no other name, and none of these needs quoting.
bool is_slot_name(std::string_view name)
{
    return !name.empty() && name.size() <= slot_name_size_max &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

// A text constant of the replication grammar, which knows no backslashes.
std::string replication_constant(std::string_view text)
{
    std::string quoted{'\''};
    for (const char c : text)
        quoted += c == '\'' ? std::string{"''"} : std::string{c};
    return quoted += '\'';
}

StreamRefused unreadable(std::string place)
{
    return StreamRefused{
        {
         .kind = ErrorClass::permanent,
         .code = "protocol_violation",
         .place = std::move(place),
         .message = "the server's answer cannot be read",
         .remedy = "report this with the server's version",
         }
    };
}

Lsn read_lsn(std::string_view text, const char* place)
{
    const auto lsn = parse_lsn(text);
    if (!lsn)
        throw unreadable(place);
    return *lsn;
}

template <class Number>
Number read_number(std::string_view text, const char* place)
{
    Number number{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end)
        throw unreadable(place);
    return number;
}

ReplicationFrame to_frame(libpq::CopyData data)
{
    auto message = pgoutput::decode_frame(data.bytes());
    if (!message)
        throw StreamRefused{message.error()};
    return {.buffer = std::move(data), .message = *message};
}

PgTime now()
{
    const auto since_unix_epoch = std::chrono::system_clock::now().time_since_epoch();
    return PgTime{
        std::chrono::duration_cast<std::chrono::microseconds>(since_unix_epoch).count() -
        pg_epoch_unix_microseconds};
}

}  // namespace

std::optional<Error> refusal(
    const StartRequest& request, const SystemIdentity& system, const std::optional<SlotState>& slot
)
{
    using enum ErrorClass;
    const auto& name = request.slot;
    if (!is_slot_name(name))
        return named(
            permanent, "slot_name_invalid", "", "a slot's name is 1 to 63 of [a-z0-9_]", "correct the name"
        );
    if (!slot)
        return named(
            permanent,
            "slot_missing",
            name,
            "there is no such slot",
            "find out who dropped it; create it again and run a survey, what happened meanwhile is not in "
            "the stream"
        );
    if (slot->kind != SlotState::Kind::logical)
        return named(permanent, "slot_not_logical", name, "the slot is a physical one", "name another slot");
    if (slot->plugin != plugin_name)
        return named(
            permanent, "slot_wrong_plugin", name, "the slot's plugin is not pgoutput", "name another slot"
        );
    if (slot->database != system.database)
        return named(
            permanent,
            "slot_wrong_database",
            name,
            "the slot belongs to another database",
            "correct dbname in the connection string, or the slot's name"
        );
    if (slot->wal_status == "lost")
        return named(
            permanent,
            "slot_lost",
            name,
            "the server has removed WAL that the slot had not read yet",
            "create the slot again and run a survey; raise max_slot_wal_keep_size"
        );
    if (slot->active_pid)
        return named(
            transient,
            "slot_active_elsewhere",
            name,
            "another session reads the slot",
            "make sure that no second daemon serves this bridge"
        );
    if (request.from > system.flushed)
        return named(
            permanent,
            "server_behind_hub",
            name,
            "the server's WAL ends before the position that the hub has read",
            "the server was restored or replaced by an older copy: declare the gap and run a survey"
        );
    if (request.from != Lsn{} && slot->confirmed_flush && *slot->confirmed_flush > request.from)
        return named(
            permanent,
            "slot_ahead_of_hub",
            name,
            "the slot is confirmed beyond the position that the hub has read: what lies between is not in "
            "the "
            "stream",
            "find out whether the slot was made anew, somebody else reads it, or the hub is an older copy; "
            "the "
            "gap can only be closed by a survey"
        );
    return std::nullopt;
}

asio::awaitable<ReplicationStream> ReplicationStream::open(libpq::ConnectionOptions options)
{
    options.role = libpq::SessionRole::replication;
    co_return ReplicationStream{co_await libpq::Connection::open(std::move(options))};
}

asio::awaitable<SystemIdentity> ReplicationStream::identify_system()
{
    static constexpr const char* place = "IDENTIFY_SYSTEM";
    const auto result = co_await connection_.execute_simple(place);
    if (result.rows() != 1 || result.columns() < 4 || result.is_null(0, 3))
        throw unreadable(place);
    co_return SystemIdentity{
        .system_identifier = std::string{result.text(0, 0)},
        .timeline = read_number<std::uint32_t>(result.text(0, 1), place),
        .flushed = read_lsn(result.text(0, 2), place),
        .database = std::string{result.text(0, 3)},
    };
}

asio::awaitable<std::optional<SlotState>> ReplicationStream::slot_state(std::string slot)
{
    static constexpr const char* place = "pg_replication_slots";
    std::string query =
        "SELECT slot_type, plugin, database, active_pid, confirmed_flush_lsn, restart_lsn, wal_status"
        " FROM pg_catalog.pg_replication_slots WHERE slot_name = ";
    query += libpq::quote_literal(slot);
    const auto result = co_await connection_.execute_simple(std::move(query));
    if (result.rows() == 0)
        co_return std::nullopt;
    SlotState state;
    state.kind = result.text(0, 0) == "logical" ? SlotState::Kind::logical : SlotState::Kind::physical;
    if (const auto plugin = result.value(0, 1))
        state.plugin = *plugin;
    if (const auto database = result.value(0, 2))
        state.database = *database;
    if (const auto pid = result.value(0, 3))
        state.active_pid = read_number<int>(*pid, place);
    if (const auto confirmed = result.value(0, 4))
        state.confirmed_flush = read_lsn(*confirmed, place);
    if (const auto restart = result.value(0, 5))
        state.restart = read_lsn(*restart, place);
    if (const auto status = result.value(0, 6))
        state.wal_status = *status;
    co_return state;
}

asio::awaitable<void> ReplicationStream::start(StartRequest request)
{
    const auto system = co_await identify_system();
    const auto slot = co_await slot_state(request.slot);
    if (auto reason = refusal(request, system, slot))
        throw StreamRefused{std::move(*reason)};
    std::string command = "START_REPLICATION SLOT " + request.slot + " LOGICAL " + to_string(request.from);
    // The value is a list of identifiers inside a text constant.
    command += " (proto_version '1', messages 'true', publication_names ";
    command += replication_constant(libpq::quote_identifier(request.publication)) + ")";
    co_await connection_.start_copy_both(std::move(command));
}

asio::awaitable<std::optional<ReplicationFrame>> ReplicationStream::receive()
{
    auto data = co_await connection_.receive();
    if (!data)
        co_return std::nullopt;
    co_return to_frame(std::move(*data));
}

std::optional<ReplicationFrame> ReplicationStream::try_receive()
{
    auto data = connection_.try_receive();
    if (!data)
        return std::nullopt;
    return to_frame(std::move(*data));
}

asio::awaitable<void> ReplicationStream::send_status(StandbyStatus status, Reply reply)
{
    CASEBRIDGE_ASSERT(status.flush >= flushed_ && status.flush <= status.write);
    flushed_ = status.flush;
    const pgoutput::StatusUpdate update{status.write, status.flush, status.apply, now(), reply};
    const auto frame = pgoutput::encode_status_update(update);
    co_await connection_.send(frame);
}

}  // namespace casebridge::postgres
