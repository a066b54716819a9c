#pragma once

#include "console/listen.hpp"
#include "console/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// A small HTTP/1.1 server for machines and operators next to the daemon: health, metrics, read-only pages.
// GET and HEAD only, no TLS, no authentication: it belongs on a loopback address or a Unix socket.

namespace casebridge::console {

struct ServerSettings {
    // For one request to arrive completely, idle time of a kept connection included, and again for its answer
    // to be taken. Whoever is slower is cut.
    std::chrono::milliseconds expiry{10'000};

    // Connections served at a time. Further ones wait in the kernel's queue until one of these ends, which
    // `expiry` bounds; a flood therefore costs no memory.
    std::size_t connections_max = 64;

    std::uint32_t header_bytes_max = 8 * 1024;  // More: 431.
    std::uint64_t body_bytes_max = 64 * 1024;   // More: 413.

    // Host values that may ask in addition to own_hosts() of the bound address:
    // `casebridge.example.org:9464`.
    std::vector<std::string> allowed_hosts{};
};

// Called once, when clients can connect; the port is the real one.
using OnListening = std::function<void(const Listen& bound)>;

// Listens and answers until it is cancelled (cancellation_type::terminal), then closes every connection,
// waits for all sessions, and ends with boost::system::system_error operation_aborted. It throws the
// system_error of an address that cannot be bound before it calls `on_listening`. Clients' failures end their
// own connection only. Everything runs on the executor of the awaiting coroutine, which must be a single
// thread or a strand.
[[nodiscard]] boost::asio::awaitable<void> serve(
    Listen listen, Handler handler, ServerSettings settings, OnListening on_listening
);

}  // namespace casebridge::console
