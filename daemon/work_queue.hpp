#pragma once

#include "daemon/turn.hpp"
#include "model/ids.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

// Work that is carried out to its end although whoever asked for it has left: a stream has to let go of its
// server when the hub does not answer, and what it has handed over must be neither cut nor lost track of. The
// queue is as long as its callers make it: a stream has at most one piece of each kind in it, and begins anew
// only when all of them are finished.

namespace casebridge::daemon {

class WorkQueue {
public:
    explicit WorkQueue(boost::asio::any_io_executor executor)
        : executor_(executor), arrived_(executor), finished_(executor)
    {
    }

    // Returns what the work returns. Can be cancelled; the work is done all the same, in the order of calls.
    // The work refers to nothing of its caller's.
    template <class T>
    [[nodiscard]] boost::asio::awaitable<T> hand_over(AgencyId owner, boost::asio::awaitable<T> work);

    // Waits until nothing of what the owner has handed over is left. Can be cancelled.
    [[nodiscard]] boost::asio::awaitable<void> finished(AgencyId owner);

    // The next piece of work, for the only one who carries them out. Can be cancelled.
    [[nodiscard]] boost::asio::awaitable<boost::asio::awaitable<void>> next();

private:
    template <class T>
    struct Answer {
        using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

        explicit Answer(const boost::asio::any_io_executor& executor) : given(executor) {}

        std::optional<Value> value;
        Wakeup given;
    };

    template <class T>
    boost::asio::awaitable<void> carry_out(
        std::shared_ptr<Answer<T>> answer, AgencyId owner, boost::asio::awaitable<T> work
    );
    void finish_one(const AgencyId& owner);

    boost::asio::any_io_executor executor_;
    std::deque<boost::asio::awaitable<void>> waiting_;
    std::map<AgencyId, std::size_t> unfinished_;
    Wakeup arrived_;
    Broadcast finished_;
};

template <class T>
boost::asio::awaitable<T> WorkQueue::hand_over(AgencyId owner, boost::asio::awaitable<T> work)
{
    auto answer = std::make_shared<Answer<T>>(executor_);
    ++unfinished_[owner];
    waiting_.push_back(carry_out<T>(answer, std::move(owner), std::move(work)));
    arrived_.notify();
    co_await answer->given.wait();
    if constexpr (!std::is_void_v<T>)
        co_return std::move(*answer->value);
}

template <class T>
boost::asio::awaitable<void> WorkQueue::carry_out(
    std::shared_ptr<Answer<T>> answer, AgencyId owner, boost::asio::awaitable<T> work
)
{
    if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
    } else {
        auto value = co_await std::move(work);
        answer->value.emplace(std::move(value));
    }
    finish_one(owner);
    answer->given.notify();
}

}  // namespace casebridge::daemon
