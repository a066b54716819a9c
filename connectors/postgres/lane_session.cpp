#include "connectors/postgres/lane_session.hpp"

#include "connectors/postgres/delivery_transaction.hpp"
#include "model/assert.hpp"
#include "model/lsn.hpp"

#include <limits>
#include <optional>

namespace casebridge::postgres {
namespace {

constexpr libpq::SqlState undefined_object{"42704"};

libpq::ConnectionOptions with_timeouts(const LaneOptions& options)
{
    auto connection = options.connection;
    connection.settings.emplace_back("lock_timeout", std::to_string(options.lock_timeout.count()) + "ms");
    connection.settings.emplace_back(
        "statement_timeout", std::to_string(options.statement_timeout.count()) + "ms"
    );
    return connection;
}

asio::awaitable<void> take_origin(libpq::Connection& connection, std::string origin)
{
    try {
        co_await connection.execute(
            "SELECT pg_replication_origin_session_setup($1)", libpq::parameters(origin)
        );
    } catch (const libpq::ServerError& error) {
        if (error.state() != undefined_object)
            throw;
        throw libpq::ConfigurationError{
            Error{
                  ErrorClass::permanent,
                  "origin_missing", origin,
                  "the replication origin does not exist: it was never made, or the database was restored "
                "without it", "run casebridge setup"}
        };
    }
}

JournalSeq to_position(std::optional<std::string_view> text)
{
    if (!text)
        return JournalSeq{0};
    const auto lsn = parse_lsn(*text);
    CASEBRIDGE_ASSERT(lsn.has_value());
    CASEBRIDGE_ASSERT(lsn->value() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    return JournalSeq{static_cast<std::int64_t>(lsn->value())};
}

}  // namespace

struct LaneSession::State {
    libpq::Connection deliveries;
    libpq::Connection errands;
    AgencyCatalog catalog;
    JournalSeq progress;
};

LaneSession::LaneSession(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
LaneSession::LaneSession(LaneSession&&) noexcept = default;
LaneSession& LaneSession::operator=(LaneSession&&) noexcept = default;
LaneSession::~LaneSession() = default;

asio::awaitable<LaneSession> LaneSession::open(LaneOptions options)
{
    auto errands = co_await libpq::Connection::open(with_timeouts(options));
    auto catalog = co_await read_catalog(errands, options.tables);
    auto deliveries = co_await libpq::Connection::open(with_timeouts(options));
    co_await take_origin(deliveries, options.origin);
    // Flushed: the progress in memory moves before its commit is durable.
    const auto answer = co_await deliveries.execute("SELECT pg_replication_origin_session_progress(true)");
    const auto progress = to_position(answer.value(0, 0));
    co_return LaneSession{std::make_unique<State>(State{
        std::move(deliveries), std::move(errands), std::move(catalog), progress})};
}

JournalSeq LaneSession::progress() const noexcept
{
    return state_->progress;
}

asio::awaitable<void> LaneSession::send_marker(JournalSeq to)
{
    co_await commit_marker(state_->deliveries, to);
}

asio::awaitable<pipeline::DeliveryOutcome> LaneSession::deliver(const pipeline::DeliveryPlan& plan)
{
    DeliveryTransaction transaction{state_->deliveries, state_->catalog, plan};
    co_return co_await transaction.run();
}

asio::awaitable<std::deque<LocalKey>> LaneSession::allocate_keys(MappingIndex table, std::size_t count)
{
    const auto found = state_->catalog.find(table);
    CASEBRIDGE_ASSERT(found != state_->catalog.end());
    const auto& catalog = found->second;
    libpq::Statement statement{"SELECT gen_random_uuid() FROM generate_series(1, $1::bigint)"};
    statement.parameters = libpq::parameters(std::to_string(count));
    switch (catalog.mapping->new_key) {
        case mapping::NewKey::uuid:
            break;
        case mapping::NewKey::sequence:
            statement.sql = "SELECT nextval($2::regclass) FROM generate_series(1, $1::bigint)";
            statement.parameters.emplace_back(catalog.key_sequence);
            break;
    }
    const auto answer =
        co_await state_->errands.execute(std::move(statement.sql), std::move(statement.parameters));
    std::deque<LocalKey> keys;
    for (std::size_t row = 0; row < answer.rows(); ++row)
        keys.emplace_back(std::string{answer.text(row, 0)});
    co_return keys;
}

}  // namespace casebridge::postgres
