#include "connectors/postgres/delivery_transaction.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>

// The part of a delivery that writes rows which take each other's unique values.

namespace casebridge::postgres {
namespace {

void collect_keys(const libpq::QueryResult& written, std::unordered_set<std::string>& keys)
{
    for (std::size_t row = 0; row < written.rows(); ++row)
        keys.emplace(written.text(row, 0));
}

}  // namespace

// What is in no circle stays refused: a row that is not in this delivery stands in its way.
asio::awaitable<void> DeliveryTransaction::write_contended()
{
    std::map<std::pair<MappingIndex, std::string>, std::vector<const pipeline::RowUpdate*>> by_key;
    for (const auto& row : std::exchange(contended_, {}))
        by_key[{row.table, row.place}].push_back(row.update);
    for (const auto& [place, updates] : by_key) {
        const auto& [table, name] = place;
        const auto& catalog = catalog_.at(table);
        std::unordered_set<const pipeline::RowUpdate*> settled;
        if (const auto* key = catalog.find_unique_key(name))
            for (const auto& circle : find_circles(updates, *key, catalog))
                if (co_await write_circle(table, *key, circle))
                    settled.insert(circle.begin(), circle.end());
        for (const auto* update : updates)
            if (!settled.contains(update))
                outcome_.refused.push_back({table, update->record, std::string{unique_violation.text()}, name}
                );
    }
}

// A circle goes whole or not at all. Its rows are locked first, so that what they show then counts.
asio::awaitable<bool> DeliveryTransaction::write_circle(
    MappingIndex table, const UniqueKey& key, const Circle& circle
)
{
    WriteBatch rows{
        table, WriteBatch::Updates{circle.begin(), circle.end()}
    };
    co_await leave_out_locked_rows(rows, LockStrength::key);
    if (rows.size() == circle.size())
        co_return co_await write_circle_locked(catalog_.at(table), key, circle);
    for (std::size_t row = 0; row < rows.size(); ++row)
        outcome_.deferred.push_back(rows.record(row));
    co_return true;
}

asio::awaitable<bool> DeliveryTransaction::write_circle_locked(
    const TableCatalog& catalog, const UniqueKey& key, const Circle& circle
)
{
    auto writes = circle_writes(circle, key, catalog);
    const auto table = catalog.mapping->index;
    pipeline::DeliveryPlan aside{plan_.agency, plan_.to, {{table, {}, std::move(writes.aside)}}};
    pipeline::DeliveryPlan last{plan_.agency, plan_.to, {{table, {}, std::move(writes.last)}}};
    const auto aside_batches = write_batches(aside);
    const auto last_batches = write_batches(last);
    std::vector<libpq::Statement> statements;
    statements.emplace_back(savepoint_sql);
    for (const auto& batch : aside_batches)
        statements.push_back(write_statement(batch, catalog));
    const auto first = statements.size();
    for (const auto& batch : last_batches)
        statements.push_back(write_statement(batch, catalog));
    statements.emplace_back(check_constraints_sql);

    auto results = co_await attempt(std::move(statements));
    if (std::holds_alternative<Refused>(results))
        co_return false;
    const auto& answers = std::get<Answers>(results);
    std::unordered_set<std::string> written;
    for (std::size_t batch = 0; batch < last_batches.size(); ++batch)
        collect_keys(answers[first + batch], written);
    if (written.size() == circle.size()) {
        written_ += written.size();
        co_await connection_.execute(release_sql);
        co_return true;
    }
    // Somebody has edited one of them: the others come again with it.
    co_await connection_.execute(back_to_savepoint_sql);
    for (const auto* update : circle)
        if (written.contains(update->key.value()))
            outcome_.deferred.push_back(update->record);
        else
            outcome_.missed.push_back(update->record);
    co_return true;
}

}  // namespace casebridge::postgres
