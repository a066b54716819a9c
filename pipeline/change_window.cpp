#include "pipeline/change_window.hpp"

#include <algorithm>
#include <iterator>

namespace casebridge::pipeline {

namespace {

// The last moment that the window does not hold any more.
PgTime outside(PgTime at, ChangeWindow::Length length)
{
    return PgTime{at.value() - length.count()};
}

}  // namespace

void ChangeWindow::note(RecordId record, PgTime at, Length length)
{
    const auto [known, is_new] = latest_.try_emplace(record, at);
    if (!is_new) {
        by_time_.erase({known->second, record});
        known->second = std::max(known->second, at);
    }
    by_time_.emplace(known->second, record);
    const auto gone = outside(at, length);
    while (!by_time_.empty() && by_time_.begin()->first <= gone) {
        latest_.erase(by_time_.begin()->second);
        by_time_.erase(by_time_.begin());
    }
}

std::size_t ChangeWindow::count(PgTime at, Length length) const
{
    const auto gone = outside(at, length);
    const auto old = std::ranges::find_if(by_time_, [&](const auto& entry) { return entry.first > gone; });
    return by_time_.size() - static_cast<std::size_t>(std::distance(by_time_.begin(), old));
}

bool ChangeWindow::holds(RecordId record, PgTime at, Length length) const
{
    const auto known = latest_.find(record);
    return known != latest_.end() && known->second > outside(at, length);
}

}  // namespace casebridge::pipeline
