#pragma once

#include "model/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// Where the HTTP server listens, as an operator writes it.

namespace casebridge::console {

struct TcpListen {
    std::string address;     // Numeric IPv4 or IPv6 address, without brackets.
    std::uint16_t port = 0;  // 0: the system picks a free one.

    friend bool operator==(const TcpListen&, const TcpListen&) = default;
};

struct UnixListen {
    std::string path;  // Absolute. The socket is created with mode 0660 and removed at the end.

    friend bool operator==(const UnixListen&, const UnixListen&) = default;
};

using Listen = std::variant<TcpListen, UnixListen>;

// Reads `127.0.0.1:9464`, `[::1]:9464` or `unix:/run/casebridge/http.sock`. Names such as `localhost` are
// refused: what they mean depends on the machine's resolver. The error's code is `bad_listen_address`.
[[nodiscard]] Result<Listen> parse_listen(std::string_view text);

// The same form again; parse_listen(to_string(x)) == x for every x that parse_listen returned.
[[nodiscard]] std::string to_string(const Listen& listen);

// The values of the Host header that clients on this machine send when they reach the server directly: the
// address itself, and `localhost` for a loopback address and for a Unix socket. Nothing for a wildcard
// address except its loopback names: every other name has to be configured.
[[nodiscard]] std::vector<std::string> own_hosts(const Listen& bound);

}  // namespace casebridge::console
