#include "pipeline/lane.hpp"

#include "model/assert.hpp"

#include <algorithm>

namespace casebridge::pipeline {

void Lane::attached(JournalSeq flushed, JournalSeq marker_to)
{
    CASEBRIDGE_ASSERT(marker_to > flushed && marker_to > last_to_);
    phase_ = Phase::awaiting_marker;
    last_to_ = marker_to;
    marker_to_ = marker_to;
}

void Lane::enqueue(const LaneWork& work)
{
    const auto [place, is_new] = queued_.try_emplace(work.record, taken_ + queue_.size());
    if (is_new) {
        queue_.push_back(work);
        reach_.push_back(place->second);
    } else {
        auto& queued = queue_[place->second - taken_];
        queued.foreign = queued.foreign || work.foreign;
        queued.lifts = std::max(queued.lifts, work.lifts);
        if (!queued.commit_time)
            queued.commit_time = work.commit_time;
    }
    join(work.group, place->second);
}

void Lane::join(JournalSeq group, std::uint64_t place)
{
    if (joining_.group != group || joining_.first < taken_)
        joining_ = {group, place, place};
    joining_.first = std::min(joining_.first, place);
    joining_.last = std::max(joining_.last, place);
    auto& reach = reach_[joining_.first - taken_];
    reach = std::max(reach, joining_.last);
}

std::vector<LaneWork> Lane::take(std::size_t count)
{
    std::vector<LaneWork> taken;
    taken.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        taken.push_back(queue_.front());
        queued_.erase(queue_.front().record);
        queue_.pop_front();
        reach_.pop_front();
    }
    taken_ += count;
    return taken;
}

void Lane::expect_check(RecordId record, JournalSeq seq)
{
    const auto behind = std::ranges::upper_bound(checks_, seq, {}, &Check::seq);
    checks_.insert(behind, {seq, record});
}

std::vector<RecordId> Lane::checks_up_to(JournalSeq to) const
{
    std::vector<RecordId> records;
    for (const auto& check : checks_) {
        if (check.seq > to)
            break;
        records.push_back(check.record);
    }
    std::ranges::sort(records);
    const auto repeated = std::ranges::unique(records);
    records.erase(repeated.begin(), repeated.end());
    return records;
}

void Lane::checked_up_to(JournalSeq to)
{
    while (!checks_.empty() && checks_.front().seq <= to)
        checks_.pop_front();
}

void Lane::sending(PendingTransaction transaction)
{
    CASEBRIDGE_ASSERT(phase_ == Phase::ready);
    CASEBRIDGE_ASSERT(transaction.to > last_to_);
    last_to_ = transaction.to;
    for (const auto& [record, row] : transaction.rows)
        if (row.insert)
            transaction.inserts.emplace(row.row, record);
    pending_.push_back(std::move(transaction));
}

std::vector<RecordId> Lane::not_sent(JournalSeq to)
{
    std::vector<RecordId> records;
    std::erase_if(pending_, [&](const PendingTransaction& transaction) {
        if (transaction.to != to)
            return false;
        for (const auto& [record, row] : transaction.rows)
            records.push_back(record);
        return true;
    });
    std::ranges::sort(records);
    return records;
}

void Lane::missed(JournalSeq to, RecordId record)
{
    for (auto& transaction : pending_)
        if (transaction.to == to)
            if (const auto row = transaction.rows.find(record); row != transaction.rows.end())
                row->second.missed = true;
}

std::vector<RecordId> Lane::echo_read(JournalSeq to, const std::unordered_set<RecordId>& shown)
{
    std::vector<RecordId> again;
    std::erase_if(pending_, [&](const PendingTransaction& transaction) {
        if (transaction.to > to)
            return false;
        for (const auto& [record, row] : transaction.rows)
            if (transaction.to < to || !shown.contains(record))
                again.push_back(record);
        return true;
    });
    if (phase_ == Phase::awaiting_marker && to >= marker_to_)
        phase_ = Phase::ready;
    std::ranges::sort(again);
    return again;
}

std::vector<const PendingRow*> Lane::pending(RecordId record) const
{
    std::vector<const PendingRow*> rows;
    for (const auto& transaction : pending_)
        if (const auto row = transaction.rows.find(record); row != transaction.rows.end())
            rows.push_back(&row->second);
    return rows;
}

const PendingRow* Lane::pending_at(JournalSeq to, RecordId record) const
{
    for (const auto& transaction : pending_)
        if (transaction.to == to)
            if (const auto row = transaction.rows.find(record); row != transaction.rows.end())
                return &row->second;
    return nullptr;
}

std::optional<RecordId> Lane::inserted_as(JournalSeq to, const LinkKey& row) const
{
    for (const auto& transaction : pending_)
        if (transaction.to == to)
            if (const auto sent = transaction.inserts.find(row); sent != transaction.inserts.end())
                return sent->second;
    return std::nullopt;
}

bool Lane::sent_by_this_process(JournalSeq to) const
{
    return std::ranges::any_of(pending_, [&](const PendingTransaction& sent) { return sent.to == to; });
}

std::vector<RecordId> Lane::release_deferred()
{
    std::vector<RecordId> records{deferred_.begin(), deferred_.end()};
    deferred_.clear();
    std::ranges::sort(records);
    return records;
}

bool Lane::gave_up(MappingIndex table, JournalSeq seq)
{
    const auto [before, first] = gave_up_.try_emplace(table, GaveUp{seq, taken_});
    // What has been blocked since was planned before and refused after: settle_delivery() enqueues it.
    const bool queued = !first && before->second.taken == taken_;
    before->second = {seq, taken_};
    return !queued;
}

bool Lane::gave_up_after(MappingIndex table, JournalSeq to) const
{
    const auto found = gave_up_.find(table);
    return found != gave_up_.end() && found->second.seq > to;
}

bool Lane::let_go_after(RecordId record, JournalSeq to) const
{
    const auto found = let_go_.find(record);
    return found != let_go_.end() && found->second > to;
}

void Lane::answered(JournalSeq to)
{
    std::erase_if(let_go_, [&](const auto& row) { return row.second <= to; });
    std::erase_if(explained_, [&](const auto& row) { return row.second <= to; });
}

void Lane::forget_misses(RecordId record)
{
    misses_.erase(record);
    for (const auto& transaction : pending_)
        if (transaction.rows.contains(record))
            explained_[record] = transaction.to;
}

bool Lane::is_explained(JournalSeq to, RecordId record) const
{
    const auto found = explained_.find(record);
    return found != explained_.end() && found->second >= to;
}

int Lane::count_miss(RecordId record, Difference difference)
{
    auto& misses = misses_[record];
    if (misses.difference != difference)
        misses = {std::move(difference), 0};
    return ++misses.count;
}

}  // namespace casebridge::pipeline
