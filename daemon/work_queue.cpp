#include "daemon/work_queue.hpp"

namespace casebridge::daemon {

using boost::asio::awaitable;

awaitable<void> WorkQueue::finished(AgencyId owner)
{
    while (unfinished_.contains(owner))
        co_await finished_.wait();
}

awaitable<awaitable<void>> WorkQueue::next()
{
    while (waiting_.empty())
        co_await arrived_.wait();
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    co_return std::move(work);
}

void WorkQueue::finish_one(const AgencyId& owner)
{
    const auto found = unfinished_.find(owner);
    if (--found->second == 0)
        unfinished_.erase(found);
    finished_.notify();
}

}  // namespace casebridge::daemon
