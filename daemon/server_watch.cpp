#include "daemon/server_watch.hpp"

#include "connectors/libpq/connection.hpp"
#include "connectors/libpq/task_scope.hpp"
#include "model/assert.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>
#include <chrono>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>

namespace casebridge::daemon {

using boost::asio::awaitable;

namespace {

constexpr std::chrono::seconds interval{30};
constexpr std::chrono::seconds answer_max{10};

// A lost slot has no restart_lsn and keeps nothing. safe_wal_size is NULL without max_slot_wal_keep_size, and
// below zero when the slot goes with the next checkpoint.
constexpr const char* slot_sql =
    "SELECT greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,"
    " CASE WHEN wal_status = 'lost' OR safe_wal_size < 0 THEN 0 ELSE safe_wal_size END"
    " FROM pg_catalog.pg_replication_slots WHERE slot_name = $1";

constexpr const char* hub_sql =
    "SELECT pg_database_size(current_database()),"
    " coalesce((SELECT extract(epoch FROM clock_timestamp() - recorded_at) FROM casebridge.journal"
    " WHERE seq = (SELECT min(since) FROM casebridge.hold)), 0)";

using Ask = std::function<awaitable<void>(libpq::Connection&)>;

template <class T>
T number(std::string_view text)
{
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    CASEBRIDGE_ASSERT(error == std::errc{} && end == text.data() + text.size());
    return value;
}

awaitable<void> ask_slot(
    libpq::Connection& connection, const std::string& slot, telemetry::AgencyProbe& probe
)
{
    const auto answer = co_await connection.execute(slot_sql, libpq::parameters(slot));
    if (answer.rows() == 0) {
        probe.slot(0, 0);  // Missing: nothing is kept, and there is nothing left to lose.
        co_return;
    }
    const auto safe = answer.value(0, 1);
    probe.slot(
        number<std::uint64_t>(answer.text(0, 0)),
        safe ? number<double>(*safe) : std::numeric_limits<double>::infinity()
    );
}

awaitable<void> ask_hub(libpq::Connection& connection, telemetry::Metrics& metrics)
{
    const auto answer = co_await connection.execute(hub_sql);
    metrics.hub(
        number<std::uint64_t>(answer.text(0, 0)), telemetry::Seconds{number<double>(answer.text(0, 1))}
    );
}

awaitable<void> ask_while_it_answers(std::string connection_text, const Ask& ask)
{
    libpq::ConnectionOptions options{std::move(connection_text)};
    options.application_name = "casebridge:watch";
    auto connection = co_await libpq::Connection::open(options);
    boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor};
    for (;;) {
        co_await libpq::within(answer_max, "asking how the server fares", ask(connection));
        timer.expires_after(interval);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

// What was asked for is not known from here on, whatever ends the asking.
class AtEnd {
public:
    explicit AtEnd(const std::function<void()>& forget) : forget_(forget) {}
    AtEnd(const AtEnd&) = delete;
    AtEnd& operator=(const AtEnd&) = delete;
    ~AtEnd() { forget_(); }

private:
    const std::function<void()>& forget_;
};

awaitable<void> keep_asking(std::string connection, Ask ask, std::function<void()> forget)
{
    boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor};
    for (;;) {
        try {
            const AtEnd at_end{forget};
            co_await ask_while_it_answers(connection, ask);
        } catch (const libpq::DatabaseError&) {
            // Whoever needs this server for its work reports what is wrong with it.
        }
        timer.expires_after(interval);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

}  // namespace

awaitable<void> watch_slot(std::string connection, std::string slot, telemetry::AgencyProbe& probe)
{
    auto ask = [&slot, &probe](libpq::Connection& server) { return ask_slot(server, slot, probe); };
    auto forget = [&probe] { probe.slot_unknown(); };
    co_await keep_asking(std::move(connection), std::move(ask), std::move(forget));
}

awaitable<void> watch_hub(std::string connection, telemetry::Metrics& metrics)
{
    auto ask = [&metrics](libpq::Connection& hub) { return ask_hub(hub, metrics); };
    auto forget = [&metrics] { metrics.hub_unknown(); };
    co_await keep_asking(std::move(connection), std::move(ask), std::move(forget));
}

}  // namespace casebridge::daemon
