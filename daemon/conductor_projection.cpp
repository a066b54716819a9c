#include "daemon/conductor.hpp"
#include "hub/overview.hpp"
#include "pipeline/lane_restore.hpp"
#include "pipeline/record_values.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <set>
#include <utility>

// How projections follow the journal.

namespace casebridge::daemon {

using boost::asio::awaitable;

hub::ProjectionBatch Conductor::projection_batch(
    const std::vector<Entry>& entries, const std::vector<pipeline::Record>& records
)
{
    hub::ProjectionBatch batch;
    batch.from = projected_seq_;
    batch.to = entries.back().seq;
    batch.entries = entries;
    for (const auto& record : records) {
        hub::ProjectedRecord projected;
        projected.record = &record;
        projected.need = state_->records.projection_need(record.id);
        projected.keys = pipeline::keys_of(*definition_, record);
        projected.golden = pipeline::golden_values(*definition_, record);
        projected.held = pipeline::held_units(*definition_, record);
        projected.lacking = pipeline::agencies_lacking(*state_, record);
        batch.records.push_back(std::move(projected));
    }
    std::set<pipeline::LinkKey> parked;
    for (const auto& entry : entries) {
        if (const auto* row = std::get_if<RowParked>(&entry.body))
            parked.insert({row->table, row->key});
        if (const auto* row = std::get_if<ParkedReleased>(&entry.body))
            parked.insert({row->table, row->key});
        if (const auto* row = std::get_if<ParkedSkipped>(&entry.body))
            parked.insert({row->table, row->key});
    }
    for (const auto& row : parked) {
        const auto found = state_->parked.find(row);
        if (found == state_->parked.end())
            batch.released.push_back(row);
        else
            batch.parked.push_back(found->second);
    }
    for (const auto& row : std::exchange(state_->matches_changed, {})) {
        const auto found = state_->matches.find(row);
        batch.matches.emplace_back(
            row, found == state_->matches.end() ? pipeline::RowMatches{} : found->second
        );
    }
    batch.agencies.assign(state_->agencies.begin(), state_->agencies.end());
    for (std::uint16_t number = 0; number < state_->tables.size(); ++number)
        batch.tables.emplace_back(MappingIndex{number}, state_->tables[number]);
    return batch;
}

// A record that changes several times in a short while, as most do while their deliveries are confirmed, is
// written once. Nobody waits for a projection, unless there is no room for more.
awaitable<void> Conductor::gather_entries()
{
    constexpr std::chrono::milliseconds pause{200};
    if (unprojected_entries_.size() >= gathered_max())
        co_return;
    gathering_.expires_after(pause);
    // append() ends the wait early; a cancelled coroutine ends with its next operation.
    co_await gathering_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

awaitable<void> Conductor::project()
{
    hub::Projector projector{*projecting_, codec_, *definition_, leadership_};
    for (;;) {
        while (unprojected_entries_.empty())
            co_await something_to_project_.wait();
        co_await gather_entries();
        co_await uninterrupted(project_once(projector));
    }
}

awaitable<void> Conductor::project_once(hub::Projector& projector)
{
    std::vector<Entry> entries;
    std::vector<pipeline::Record> records;
    hub::ProjectionBatch batch;
    {
        // Inside the turn everything in memory is durable; copies let merging go on while they are written.
        const auto turn = co_await take_turn();
        entries = std::exchange(unprojected_entries_, {});
        for (const auto id : state_->records.unprojected())
            records.push_back(*state_->records.find(id));
        batch = projection_batch(entries, records);
    }
    const auto to = batch.to;
    if (observer_.projection_lag)
        observer_.projection_lag(entries.size());
    co_await projector.write(std::move(batch));
    projected_seq_ = to;
    state_->records.projected(to);
    const auto waiting = co_await hub::count_waiting(*projecting_);
    if (observer_.waiting_for_persons)
        observer_.waiting_for_persons(waiting);
    if (observer_.refusals)
        observer_.refusals(co_await hub::count_refusals(*projecting_));
    if (observer_.projection_lag)
        observer_.projection_lag(unprojected_entries_.size());
    projected_.notify();
}

}  // namespace casebridge::daemon
