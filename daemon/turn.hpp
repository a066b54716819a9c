#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <optional>
#include <utility>

// Small things that coroutines of one thread wait for each other with.

namespace casebridge::daemon {

// Wakes one waiting coroutine. A notification that nobody waits for is kept, several are one.
class Wakeup {
public:
    explicit Wakeup(const boost::asio::any_io_executor& executor) : channel_(executor, 1) {}

    void notify() { channel_.try_send(boost::system::error_code{}); }

    // Can be cancelled.
    [[nodiscard]] boost::asio::awaitable<void> wait()
    {
        co_await channel_.async_receive(boost::asio::use_awaitable);
    }

private:
    boost::asio::experimental::channel<void(boost::system::error_code)> channel_;
};

// Wakes everybody who waits at that moment; nothing is kept. Look at the condition first, then wait.
class Broadcast {
public:
    explicit Broadcast(const boost::asio::any_io_executor& executor)
        : timer_(executor, boost::asio::steady_timer::time_point::max())
    {
    }

    void notify() { timer_.cancel(); }

    // Can be cancelled: the caller's next operation ends then.
    [[nodiscard]] boost::asio::awaitable<void> wait()
    {
        co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }

private:
    boost::asio::steady_timer timer_;  // Never expires.
};

// Who holds it may change the shared state across suspensions; everybody else waits.
class Turn {
public:
    class Held {
    public:
        explicit Held(Turn& turn) : turn_(&turn) { turn.since_ = std::chrono::steady_clock::now(); }
        Held(Held&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
        Held& operator=(Held&&) = delete;
        ~Held()
        {
            if (turn_ == nullptr)
                return;
            turn_->since_.reset();
            turn_->free_.notify();
        }

    private:
        Turn* turn_;
    };

    explicit Turn(const boost::asio::any_io_executor& executor) : free_(executor) { free_.notify(); }

    // Can be cancelled while waiting. Released by the destructor of what it gives.
    [[nodiscard]] boost::asio::awaitable<Held> take()
    {
        co_await free_.wait();
        co_return Held{*this};
    }

    // How long the present holder has it; nothing while it is free.
    [[nodiscard]] std::optional<std::chrono::steady_clock::duration> lasts() const
    {
        if (!since_)
            return std::nullopt;
        return std::chrono::steady_clock::now() - *since_;
    }

private:
    Wakeup free_;
    std::optional<std::chrono::steady_clock::time_point> since_;
};

}  // namespace casebridge::daemon
