#pragma once

#include "connectors/postgres/agency_setup.hpp"
#include "connectors/postgres/lane_session.hpp"
#include "mapping/table_mapping.hpp"
#include "model/source_transaction.hpp"
#include "tests/support/cluster.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// The sample agencies in a real server, for tests of deliveries and surveys.

namespace casebridge::postgres::test {

// Commits wait for a standby that does not exist where a database asks for `synchronous_commit = on`;
// everywhere else they do not wait.
casebridge::test::Cluster& agency_cluster();

enum class Sample { sp, es };

// Mappings of the samples, cut to what tests need. Positions: household 0, person 1, seeker 2, barrier 3.
mapping::TableMapping household_mapping();
mapping::TableMapping person_mapping();
mapping::TableMapping seeker_mapping();
mapping::TableMapping barrier_mapping();

inline constexpr MappingIndex household{0};
inline constexpr MappingIndex person{1};
inline constexpr MappingIndex seeker{2};
inline constexpr MappingIndex barrier{3};

// One sample database of its own with roles, grants, publication, slot and origin; removed with the object.
class Agency {
public:
    explicit Agency(Sample sample);
    Agency(const Agency&) = delete;
    Agency& operator=(const Agency&) = delete;
    ~Agency();

    [[nodiscard]] std::string admin() const;
    [[nodiscard]] libpq::ConnectionOptions as(const std::string& role) const;
    [[nodiscard]] LaneOptions lane() const;
    [[nodiscard]] SetupRequest setup_request() const;
    [[nodiscard]] MappedTables tables() const;
    [[nodiscard]] const AgencyNames& names() const { return names_; }

    // What the slot holds and has not given yet, decoded.
    std::vector<SourceTransaction> read_stream();

    casebridge::test::Rows sql(const std::string& statements) const
    {
        return casebridge::test::sql(admin(), statements);
    }
    [[nodiscard]] std::string value(const std::string& query) const
    {
        return casebridge::test::sql_value(admin(), query);
    }

private:
    std::string database_;
    AgencyNames names_;
    std::vector<std::unique_ptr<mapping::TableMapping>> mappings_;
};

// A task that was started and will have ended well or badly.
template <class T>
using Started = std::shared_ptr<std::optional<T>>;
struct Nothing {};

// Runs coroutines from plain test code, all on one executor. Rethrows what a task throws.
class Executor {
public:
    template <class T>
    T wait(asio::awaitable<T> task)
    {
        return finish(start(std::move(task)));
    }

    void wait(asio::awaitable<void> task) { finish(start(to_nothing(std::move(task)))); }

    // Begins a task that something else has to happen to before it can end.
    template <class T>
    Started<T> start(asio::awaitable<T> task)
    {
        auto result = std::make_shared<std::optional<T>>();
        asio::co_spawn(context_, keep(std::move(task), result), [](std::exception_ptr failure) {
            if (failure)
                std::rethrow_exception(failure);
        });
        return result;
    }

    Started<Nothing> start(asio::awaitable<void> task) { return start(to_nothing(std::move(task))); }

    // Goes on with what was started until the condition holds; throws after ten seconds.
    void run_until(const std::function<bool()>& condition)
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline)
                throw std::runtime_error("the condition did not come true in time");
            context_.restart();
            context_.run_for(std::chrono::milliseconds{5});
        }
    }

    template <class T>
    T finish(Started<T> task)
    {
        run_until([&] { return task->has_value(); });
        return std::move(**task);
    }

private:
    template <class T>
    static asio::awaitable<void> keep(asio::awaitable<T> task, Started<T> result)
    {
        result->emplace(co_await std::move(task));
    }

    static asio::awaitable<Nothing> to_nothing(asio::awaitable<void> task)
    {
        co_await std::move(task);
        co_return Nothing{};
    }

    asio::io_context context_;
};

// Builders of plans.
inline FieldValue text(std::string value)
{
    return Value{std::move(value)};
}

inline pipeline::SlotWrite slot(std::size_t index, FieldValue value)
{
    return {index, std::move(value)};
}

using Slots = std::vector<pipeline::SlotWrite>;

inline pipeline::RowUpdate update(int record, std::string key, Slots writes, Slots expectations)
{
    return {RecordId{record}, LocalKey{std::move(key)}, std::move(writes), std::move(expectations)};
}

inline pipeline::RowInsert insert(int record, std::string key, Image image)
{
    return {RecordId{record}, LocalKey{std::move(key)}, std::move(image)};
}

inline pipeline::DeliveryPlan plan(int to, std::vector<pipeline::TableWrites> tables)
{
    pipeline::DeliveryPlan made;
    made.to = JournalSeq{to};
    made.tables = std::move(tables);
    return made;
}

inline pipeline::TableWrites updates(MappingIndex table, std::vector<pipeline::RowUpdate> rows)
{
    return {table, {}, std::move(rows)};
}

inline pipeline::TableWrites inserts(MappingIndex table, std::vector<pipeline::RowInsert> rows)
{
    return {table, std::move(rows), {}};
}

}  // namespace casebridge::postgres::test
