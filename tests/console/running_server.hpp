#pragma once

#include "console/http_server.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <exception>
#include <future>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>

// A real server on a thread of its own, and a client that is too simple to be polite.

namespace casebridge::console::testing {

inline constexpr std::chrono::seconds deadline{10};

// Starts serve() and waits until it listens. An error of serve() before that is thrown by the constructor.
class RunningServer {
public:
    RunningServer(Listen listen, Handler handler, ServerSettings settings)
    {
        boost::asio::co_spawn(
            context_,
            serve(
                std::move(listen),
                std::move(handler),
                std::move(settings),
                [this](const Listen& bound) { listening_.set_value(bound); }
            ),
            boost::asio::bind_cancellation_slot(
                cancel_.slot(), [this](std::exception_ptr error) { ended(error); }
            )
        );
        thread_ = std::thread{[this] { context_.run(); }};
        auto listening = listening_.get_future();
        auto end = end_.get_future().share();
        end_future_ = end;
        while (listening.wait_for(std::chrono::milliseconds{1}) != std::future_status::ready) {
            if (end.wait_for(std::chrono::milliseconds{0}) == std::future_status::ready) {
                thread_.join();
                std::rethrow_exception(end.get());
            }
        }
        bound_ = listening.get();
    }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;
    ~RunningServer()
    {
        cancel();
        thread_.join();
    }

    [[nodiscard]] const Listen& bound() const { return bound_; }
    [[nodiscard]] std::string host() const { return to_string(bound_); }

    void cancel()
    {
        boost::asio::post(context_, [this] { cancel_.emit(boost::asio::cancellation_type::terminal); });
    }

    // The exception that serve() ended with; nullptr inside for none.
    std::exception_ptr wait_for_end()
    {
        if (end_future_.wait_for(deadline) != std::future_status::ready)
            throw std::runtime_error("the server did not end in time");
        return end_future_.get();
    }

private:
    void ended(std::exception_ptr error) { end_.set_value(std::move(error)); }

    boost::asio::io_context context_{1};
    boost::asio::cancellation_signal cancel_;
    std::promise<Listen> listening_;
    std::promise<std::exception_ptr> end_;
    std::shared_future<std::exception_ptr> end_future_;
    Listen bound_;
    std::thread thread_;
};

// A blocking connection whose reads give up after the deadline.
class Client {
public:
    explicit Client(const Listen& server)
    {
        if (const auto* local = std::get_if<UnixListen>(&server))
            connect_to_path(local->path);
        else
            connect_to_port(std::get<TcpListen>(server).port);
        const timeval limit{.tv_sec = deadline.count(), .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { close(); }

    void send(std::string_view text) const
    {
        // The server may have cut us already: what the test asserts is what can be read afterwards.
        [[maybe_unused]] const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    }

    // Reads to the end of the connection.
    std::string receive_all()
    {
        while (receive_some()) {
        }
        return std::exchange(received_, {});
    }

    // Reads one answer with a Content-Length and leaves the rest for the next call.
    std::string receive_one()
    {
        while (true) {
            const auto header_end = received_.find("\r\n\r\n");
            if (header_end != std::string::npos) {
                const auto length_at = received_.find("Content-Length: ");
                const auto body_bytes = std::stoul(received_.substr(length_at + 16));
                const auto total = header_end + 4 + body_bytes;
                if (received_.size() >= total) {
                    auto answer = received_.substr(0, total);
                    received_.erase(0, total);
                    return answer;
                }
            }
            if (!receive_some())
                throw std::runtime_error("the server closed the connection: " + received_);
        }
    }

    [[nodiscard]] bool nothing_received() const
    {
        char byte = 0;
        return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }

    [[nodiscard]] bool was_reset() const
    {
        pollfd state{.fd = socket_, .events = POLLIN, .revents = 0};
        return ::poll(&state, 1, 0) > 0 && (state.revents & POLLERR) != 0;
    }

    // Closes with a reset instead of a farewell.
    void reset()
    {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close();
    }

    void close()
    {
        if (socket_ >= 0)
            ::close(std::exchange(socket_, -1));
    }

private:
    void connect_to_port(std::uint16_t port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connect_to(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }

    void connect_to_path(const std::string& path)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }

    void connect_to(int family, const sockaddr* address, socklen_t bytes)
    {
        socket_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (socket_ < 0 || ::connect(socket_, address, bytes) != 0)
            throw std::runtime_error("the test's client cannot connect");
    }

    bool receive_some()
    {
        char part[4096];
        const auto bytes = ::recv(socket_, part, sizeof part, 0);
        if (bytes < 0 && errno == EAGAIN)
            throw std::runtime_error("the server kept the connection beyond the deadline");
        if (bytes <= 0)
            return false;
        received_.append(part, static_cast<std::size_t>(bytes));
        return true;
    }

    int socket_ = -1;
    std::string received_;
};

}  // namespace casebridge::console::testing
