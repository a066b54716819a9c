#include "connectors/postgres/delivery_transaction.hpp"

#include "connectors/libpq/identifier.hpp"
#include "connectors/postgres/lane_session.hpp"
#include "model/assert.hpp"
#include "model/lsn.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace casebridge::postgres {
namespace {

using libpq::SqlState;
using libpq::Statement;

constexpr SqlState foreign_key_violation{"23503"};
constexpr SqlState lock_not_available{"55P03"};

Statement position_statement(JournalSeq to)
{
    CASEBRIDGE_ASSERT(to.value() > 0);
    return Statement{
        "SELECT pg_replication_origin_xact_setup($1::pg_lsn, clock_timestamp())",
        libpq::parameters(to_string(Lsn{static_cast<std::uint64_t>(to.value())}))};
}

Statement marker_statement()
{
    return Statement{
        "SELECT pg_logical_emit_message(true, $1::text, ''::text)",
        libpq::parameters(std::string{marker_prefix})};
}

// Runs statements whose last is COMMIT. Until COMMIT is executed an error means that nothing is committed.
asio::awaitable<void> run_and_commit(libpq::Connection& connection, std::vector<Statement> statements)
{
    statements.emplace_back("COMMIT");
    const auto commit_index = statements.size() - 1;
    try {
        co_await connection.execute_pipelined(std::move(statements));
    } catch (const libpq::ServerError& error) {
        const auto index = error.report().statement_index;
        if (index && *index < commit_index)
            throw DeliveryRolledBack{error.error()};
        throw OutcomeUnknown{error.error()};
    } catch (const libpq::DatabaseError& error) {
        throw OutcomeUnknown{error.error()};
    }
}

std::string place_of(const libpq::ServerReport& report)
{
    if (!report.constraint.empty())
        return report.constraint;
    return report.column;
}

}  // namespace

asio::awaitable<void> commit_marker(libpq::Connection& connection, JournalSeq to)
{
    std::vector<Statement> statements;
    statements.emplace_back("BEGIN");
    statements.push_back(position_statement(to));
    statements.push_back(marker_statement());
    co_await run_and_commit(connection, std::move(statements));
}

DeliveryTransaction::DeliveryTransaction(
    libpq::Connection& connection, const AgencyCatalog& catalog, const pipeline::DeliveryPlan& plan
)
    : connection_(connection), catalog_(catalog), plan_(plan), batches_(write_batches(plan))
{
    outcome_.to = plan.to;
}

asio::awaitable<pipeline::DeliveryOutcome> DeliveryTransaction::run()
{
    if (batches_.empty()) {
        co_await commit_marker(connection_, plan_.to);
        co_return std::move(outcome_);
    }
    std::optional<Error> failure;
    try {
        co_await write_rows();
        co_await look_again();
        co_await write_contended();
    } catch (const libpq::DatabaseError& error) {
        failure = error.error();
    }
    if (failure) {
        co_await roll_back();
        throw DeliveryRolledBack{std::move(*failure)};
    }
    co_await commit();
    co_return std::move(outcome_);
}

// Gives locks back at once. Where it fails the connection is gone, which ends the transaction as well: COMMIT
// has not been sent.
asio::awaitable<void> DeliveryTransaction::roll_back()
{
    try {
        co_await connection_.execute_script("ROLLBACK");
    } catch (const libpq::DatabaseError&) {
        co_return;
    }
}

asio::awaitable<void> DeliveryTransaction::write_rows()
{
    auto refused = co_await try_together();
    // The weaker lock comes first: a row that somebody inserts a row for can still be updated, unless what is
    // written may be pointed at. Which columns may, the server alone knows.
    if (refused && refused->obstacle == Obstacle::lock) {
        co_await leave_out_locked_rows(LockStrength::no_key);
        refused = co_await try_together();
    }
    if (refused && refused->obstacle == Obstacle::lock) {
        co_await leave_out_locked_rows(LockStrength::key);
        refused = co_await try_together();
    }
    if (!refused)
        co_return;
    for (auto& batch : batches_)
        co_await write_isolated(std::move(batch));
}

std::vector<Statement> DeliveryTransaction::opening() const
{
    std::vector<Statement> statements;
    statements.emplace_back("BEGIN");
    statements.push_back(position_statement(plan_.to));
    statements.emplace_back(savepoint_sql);
    return statements;
}

asio::awaitable<std::optional<DeliveryTransaction::Refused>> DeliveryTransaction::try_together()
{
    std::vector<Statement> statements;
    if (stage_ == Stage::not_begun)
        statements = opening();
    const auto first = statements.size();
    for (const auto& batch : batches_)
        statements.push_back(write_statement(batch, table(batch)));
    statements.emplace_back(check_constraints_sql);

    auto results = co_await attempt(std::move(statements));
    if (auto* refused = std::get_if<Refused>(&results))
        co_return std::move(*refused);
    const auto& answers = std::get<Answers>(results);
    for (std::size_t i = 0; i < batches_.size(); ++i)
        record_written(batches_[i], answers[first + i]);
    co_return std::nullopt;
}

// A lock and a missing parent are asked for first: their classes mean something else elsewhere.
asio::awaitable<DeliveryTransaction::Attempt> DeliveryTransaction::attempt(std::vector<Statement> statements)
{
    std::optional<Refused> refused;
    try {
        auto answers = co_await connection_.execute_pipelined(std::move(statements));
        begun();
        co_return std::move(answers);
    } catch (const libpq::ServerError& error) {
        const auto& report = error.report();
        if (error.state() == lock_not_available)
            refused = Refused{Obstacle::lock, {}, {}};
        else if (error.state() == foreign_key_violation)
            refused = Refused{Obstacle::parent, std::string{error.state().text()}, place_of(report)};
        else if (error.kind() == ErrorClass::poison)
            refused = Refused{Obstacle::content, std::string{error.state().text()}, place_of(report)};
        else
            throw;
        if (report.statement_index)
            begun();
    }
    // A text with a NUL byte is refused before anything has been sent.
    if (stage_ == Stage::not_begun)
        co_await connection_.execute_pipelined(opening());
    else
        co_await connection_.execute(back_to_savepoint_sql);
    begun();
    co_return std::move(*refused);
}

asio::awaitable<void> DeliveryTransaction::leave_out_locked_rows(LockStrength strength)
{
    for (auto& batch : batches_)
        if (!std::holds_alternative<WriteBatch::Inserts>(batch.rows))
            co_await leave_out_locked_rows(batch, strength);
    std::erase_if(batches_, [](const WriteBatch& batch) { return batch.size() == 0; });
}

// Locks what can be locked at once and keeps it locked. A row that exists and is not among these is locked by
// somebody else; one that does not exist is left in and will be a miss.
asio::awaitable<void> DeliveryTransaction::leave_out_locked_rows(WriteBatch& batch, LockStrength strength)
{
    if (std::holds_alternative<WriteBatch::Deletes>(batch.rows))
        strength = LockStrength::key;
    const auto& catalog = table(batch);
    std::vector<std::optional<std::string_view>> keys;
    for (std::size_t row = 0; row < batch.size(); ++row)
        keys.emplace_back(batch.key(row).value());
    const auto parameters = libpq::parameters(libpq::to_array_literal(keys));
    const auto key = "t." + libpq::quote_identifier(catalog.mapping->key_column);
    const auto rows = "SELECT u.k FROM unnest($1::text[]) AS u(k) JOIN " + catalog.name + " AS t ON " + key +
                      " = u.k::" + catalog.key_type;

    std::vector<Statement> statements;
    statements.emplace_back(rows, parameters);
    const std::string lock = strength == LockStrength::key ? " FOR UPDATE" : " FOR NO KEY UPDATE";
    statements.emplace_back(rows + " ORDER BY " + key + lock + " OF t SKIP LOCKED", parameters);
    const auto answers = co_await connection_.execute_pipelined(std::move(statements));

    std::unordered_set<std::string_view> locked;
    for (std::size_t row = 0; row < answers[0].rows(); ++row)
        locked.insert(answers[0].text(row, 0));
    for (std::size_t row = 0; row < answers[1].rows(); ++row)
        locked.erase(answers[1].text(row, 0));
    const auto leave_out = [&](auto& list) {
        std::erase_if(list, [&](const auto* row) {
            if (!locked.contains(row->key.value()))
                return false;
            outcome_.deferred.push_back(row->record);
            return true;
        });
    };
    std::visit(leave_out, batch.rows);
}

asio::awaitable<void> DeliveryTransaction::write_isolated(WriteBatch batch)
{
    std::vector<Statement> statements;
    statements.emplace_back(savepoint_sql);
    statements.push_back(write_statement(batch, table(batch)));
    statements.emplace_back(check_constraints_sql);
    statements.emplace_back(release_sql);
    auto results = co_await attempt(std::move(statements));
    if (const auto* answers = std::get_if<Answers>(&results)) {
        record_written(batch, (*answers)[1]);
        co_return;
    }
    if (batch.size() == 1) {
        record_obstacle(batch, std::get<Refused>(results));
        co_return;
    }
    auto [first, second] = halves(batch);
    co_await write_isolated(std::move(first));
    co_await write_isolated(std::move(second));
}

// The stream shows a change as soon as it is durable; other sessions see it a moment later, with a
// synchronous standby that does not answer much later. Until then its row shows what was there before, and
// its writer has it locked: the row is deferred. Any other is locked here, so that whoever had it has ended,
// and what it shows then counts.
asio::awaitable<void> DeliveryTransaction::look_again()
{
    stage_ = Stage::looking_again;
    for (auto& batch : std::exchange(unmatched_, {})) {
        co_await leave_out_locked_rows(batch, LockStrength::no_key);
        if (batch.size() > 0)
            co_await write_isolated(std::move(batch));
    }
}

asio::awaitable<void> DeliveryTransaction::commit()
{
    std::vector<Statement> statements;
    // Without a row or a message the position would not move and nothing would echo.
    if (written_ == 0)
        statements.push_back(marker_statement());
    co_await run_and_commit(connection_, std::move(statements));
}

void DeliveryTransaction::begun()
{
    if (stage_ == Stage::not_begun)
        stage_ = Stage::begun;
}

void DeliveryTransaction::record_written(const WriteBatch& batch, const libpq::QueryResult& keys)
{
    std::unordered_set<std::string_view> written;
    for (std::size_t row = 0; row < keys.rows(); ++row)
        written.insert(keys.text(row, 0));
    written_ += written.size();
    if (std::holds_alternative<WriteBatch::Inserts>(batch.rows) || stage_ == Stage::looking_again) {
        for (std::size_t row = 0; row < batch.size(); ++row)
            if (!written.contains(batch.key(row).value()))
                outcome_.missed.push_back(batch.record(row));
        return;
    }
    WriteBatch unmatched = batch;
    const auto leave_out = [&](auto& rows) {
        std::erase_if(rows, [&](const auto* row) { return written.contains(row->key.value()); });
    };
    std::visit(leave_out, unmatched.rows);
    if (unmatched.size() > 0)
        unmatched_.push_back(std::move(unmatched));
}

void DeliveryTransaction::record_obstacle(const WriteBatch& batch, const Refused& refused)
{
    const auto record = batch.record(0);
    switch (refused.obstacle) {
        case Obstacle::content:
            if (refused.code != unique_violation.text())
                outcome_.refused.push_back({batch.table, record, refused.code, refused.place});
            else if (const auto* updates = std::get_if<WriteBatch::Updates>(&batch.rows))
                contended_.push_back({batch.table, updates->front(), refused.place});
            else
                // An insert: a deferrable constraint says so at the end only; for any other the row would not
                // have been returned.
                outcome_.missed.push_back(record);
            return;
        case Obstacle::parent:
            // A row that another points at stays until that one is gone; a parent that is not there is going
            // or gone, and a change of the agency's is on its way.
            if (std::holds_alternative<WriteBatch::Deletes>(batch.rows))
                outcome_.refused.push_back({batch.table, record, refused.code, refused.place});
            else
                outcome_.missed.push_back(record);
            return;
        case Obstacle::lock:
            outcome_.deferred.push_back(record);
            return;
    }
}

const TableCatalog& DeliveryTransaction::table(const WriteBatch& batch) const
{
    const auto found = catalog_.find(batch.table);
    CASEBRIDGE_ASSERT(found != catalog_.end());
    return found->second;
}

}  // namespace casebridge::postgres
