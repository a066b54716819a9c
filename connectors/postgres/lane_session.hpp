#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/table_catalog.hpp"
#include "model/ids.hpp"
#include "pipeline/delivery_plan.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

// The session that writes to one agency under its replication origin.

namespace casebridge::postgres {

// Prefix of the message that makes a transaction without rows visible in the agency's WAL.
inline constexpr std::string_view marker_prefix = "casebridge/marker";

// Not an aggregate, for the reason given at libpq::ConnectionOptions.
struct LaneOptions {
    LaneOptions(libpq::ConnectionOptions deliver_role, std::string origin_name, MappedTables mapped_tables)
        : connection(std::move(deliver_role)),
          origin(std::move(origin_name)),
          tables(std::move(mapped_tables))
    {
    }

    libpq::ConnectionOptions connection;
    std::string origin;
    MappedTables tables;
    std::chrono::milliseconds lock_timeout{5'000};
    std::chrono::milliseconds statement_timeout{60'000};
};

// The delivery did certainly not commit. Carries the class, code and remedy of its cause.
class DeliveryRolledBack : public libpq::DatabaseError {
public:
    explicit DeliveryRolledBack(Error cause) : DatabaseError(std::move(cause)) {}
};

// COMMIT was sent and its answer is missing or an error: the delivery may have committed or not. Transient;
// the next session's progress() and the stream tell.
class OutcomeUnknown : public libpq::DatabaseError {
public:
    explicit OutcomeUnknown(Error cause) : DatabaseError(std::move(cause)) {}
};

// Two connections: one holds the origin and carries deliveries and nothing else, the other fetches keys.
//
// After any exception from send_marker() or deliver() the session can only be destroyed: the position of an
// aborted transaction would leak into the next commit. Cancelling either has the effect of OutcomeUnknown.
class LaneSession {
public:
    // Connects, reads the catalog, takes the origin, then reads its progress: in this order, because before
    // the origin is held an old session may still be committing. Throws ServerError 55006 (transient) while
    // another session holds the origin, ConfigurationError when the origin does not exist, AgencyMismatch,
    // and whatever Connection::open throws.
    [[nodiscard]] static asio::awaitable<LaneSession> open(LaneOptions options);

    LaneSession(LaneSession&&) noexcept;
    LaneSession& operator=(LaneSession&&) noexcept;
    ~LaneSession();

    // Flushed progress of the origin when the session was opened; 0 if nothing was ever delivered.
    [[nodiscard]] JournalSeq progress() const noexcept;

    // Commits a transaction that holds only a message. `to` is greater than that of any transaction before.
    // Throws DeliveryRolledBack or OutcomeUnknown.
    [[nodiscard]] asio::awaitable<void> send_marker(JournalSeq to);

    // Writes the plan in one transaction at position plan.to: two round trips when nothing is in the way.
    // What a row's content, a missing parent or another session's lock prevents is left out and named in the
    // outcome, the rest is written; when nothing is written the transaction is a marker. The plan must live
    // until the awaitable has ended. Throws DeliveryRolledBack or OutcomeUnknown.
    [[nodiscard]] asio::awaitable<pipeline::DeliveryOutcome> deliver(const pipeline::DeliveryPlan& plan);

    // Fresh keys for rows of a table, from its own sequence or random uuids. May run while deliver() does,
    // not twice at a time. Throws what Connection::execute throws.
    [[nodiscard]] asio::awaitable<std::deque<LocalKey>> allocate_keys(MappingIndex table, std::size_t count);

private:
    struct State;
    explicit LaneSession(std::unique_ptr<State> state) noexcept;

    std::unique_ptr<State> state_;
};

}  // namespace casebridge::postgres
