#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/postgres/delivery_statements.hpp"
#include "connectors/postgres/table_catalog.hpp"
#include "connectors/postgres/unique_circles.hpp"
#include "pipeline/delivery_plan.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// One transaction of a lane from BEGIN to COMMIT. Of this room only; lane_session.hpp is the way in.

namespace casebridge::postgres {

inline constexpr libpq::SqlState unique_violation{"23505"};
inline constexpr auto savepoint_sql = "SAVEPOINT casebridge_rows";
inline constexpr auto back_to_savepoint_sql = "ROLLBACK TO SAVEPOINT casebridge_rows";
inline constexpr auto release_sql = "RELEASE SAVEPOINT casebridge_rows";
// A violation that would show at COMMIT shows here, where it still has a savepoint.
inline constexpr auto check_constraints_sql = "SET CONSTRAINTS ALL IMMEDIATE";

// Writes a plan. Made for one plan; connection, catalog and plan outlive it.
//
// All rows are tried at once, set-based. Only what stands in the way leads to a slower way: rows that another
// session has locked are found without waiting and left out, and rows that the server refuses are isolated by
// halving the statement that they stand in. Rows that do not show what they should are looked at once more,
// and those that are refused because they take each other's unique values are written together.
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
    // What a row is locked with: as the server does for an update of columns that no foreign key can point
    // at, or as for any other and a deletion, which have to wait for whoever inserts a row that points at it.
    enum class LockStrength { no_key, key };

    // An update of which only a unique key keeps us.
    struct Contended {
        MappingIndex table;
        const pipeline::RowUpdate* update;
        std::string place;  // Name of the key.
    };

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
    asio::awaitable<void> write_contended();
    // Whether the rows were dealt with; otherwise they stay refused.
    asio::awaitable<bool> write_circle(MappingIndex table, const UniqueKey& key, const Circle& circle);
    asio::awaitable<bool> write_circle_locked(
        const TableCatalog& catalog, const UniqueKey& key, const Circle& circle
    );
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
    std::vector<Contended> contended_;
    pipeline::DeliveryOutcome outcome_;
    Stage stage_ = Stage::not_begun;
    std::size_t written_ = 0;
};

// A transaction of a lane that holds a message only.
[[nodiscard]] asio::awaitable<void> commit_marker(libpq::Connection& connection, JournalSeq to);

}  // namespace casebridge::postgres
