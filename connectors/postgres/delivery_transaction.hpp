#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/delivery_statements.hpp"
#include "connectors/postgres/table_catalog.hpp"
#include "pipeline/delivery_plan.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// One transaction of a lane from BEGIN to COMMIT. Of this room only; lane_session.hpp is the way in.

namespace casebridge::postgres {

// Writes a plan. Made for one plan; connection, catalog and plan outlive it.
//
// All rows are tried at once, set-based. Only what stands in the way leads to a slower way: rows that another
// session has locked are found without waiting and left out, and rows that the server refuses are isolated by
// halving the statement that they stand in. Rows that do not show what they should are looked at once more.
class DeliveryTransaction {
public:
    DeliveryTransaction(
        libpq::Connection& connection, const AgencyCatalog& catalog, const pipeline::DeliveryPlan& plan
    );

    // Throws DeliveryRolledBack or OutcomeUnknown; whatever cancels it is passed on.
    [[nodiscard]] asio::awaitable<pipeline::DeliveryOutcome> run();

private:
    enum class Obstacle { content, parent, lock };
    // Why the server refused a statement.
    struct Refused {
        Obstacle obstacle;
        std::string code;
        std::string place;
    };
    enum class Stage { not_begun, begun, looking_again };
    // What a row is locked with: as the server does for an update of columns that no foreign key can point at,
    // or as for any other and a deletion, which have to wait for whoever inserts a row that points at it.
    enum class LockStrength { no_key, key };

    using Answers = std::vector<libpq::QueryResult>;
    using Attempt = std::variant<Answers, Refused>;

    [[nodiscard]] std::vector<libpq::Statement> opening() const;
    // After a refusal the transaction stands at its savepoint. Any other error is thrown.
    asio::awaitable<Attempt> attempt(std::vector<libpq::Statement> statements);

    asio::awaitable<void> write_rows();
    // Nothing if all was written.
    asio::awaitable<std::optional<Refused>> try_together();
    asio::awaitable<void> leave_out_locked_rows(LockStrength strength);
    asio::awaitable<void> leave_out_locked_rows(WriteBatch& batch, LockStrength strength);
    asio::awaitable<void> write_isolated(WriteBatch batch);
    asio::awaitable<void> look_again();
    asio::awaitable<void> commit();
    asio::awaitable<void> roll_back();

    void begun();
    void record_written(const WriteBatch& batch, const libpq::QueryResult& keys);
    void record_obstacle(const WriteBatch& batch, const Refused& refused);
    [[nodiscard]] const TableCatalog& table(const WriteBatch& batch) const;

    libpq::Connection& connection_;
    const AgencyCatalog& catalog_;
    const pipeline::DeliveryPlan& plan_;
    std::vector<WriteBatch> batches_;
    std::vector<WriteBatch> unmatched_;  // Updates that found no row as expected, to be looked at again.
    pipeline::DeliveryOutcome outcome_;
    Stage stage_ = Stage::not_begun;
    std::size_t written_ = 0;
};

// A transaction of a lane that holds a message only.
[[nodiscard]] asio::awaitable<void> commit_marker(libpq::Connection& connection, JournalSeq to);

}  // namespace casebridge::postgres
