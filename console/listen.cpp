#include "console/listen.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <charconv>
#include <optional>

namespace casebridge::console {

namespace {

namespace asio = boost::asio;

constexpr std::string_view unix_scheme = "unix:";

// A sockaddr_un holds so many bytes, the terminating zero among them.
constexpr std::size_t unix_path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;

Error refusal(std::string message)
{
    return {
        ErrorClass::permanent,
        "bad_listen_address",
        "listen address",
        std::move(message),
        "write it like 127.0.0.1:9464, [::1]:9464 or unix:/run/casebridge/http.sock"};
}

std::optional<std::uint16_t> parse_port(std::string_view digits)
{
    std::uint16_t port = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, port);
    if (digits.empty() || error != std::errc{} || stop != end)
        return std::nullopt;
    return port;
}

Result<Listen> parse_unix(std::string_view path)
{
    if (path.empty() || path.front() != '/')
        return refusal("the path of a unix socket has to be absolute");
    if (path.size() > unix_path_bytes_max)
        return refusal(
            "the path of a unix socket has at most " + std::to_string(unix_path_bytes_max) + " bytes"
        );
    if (path.find('\0') != std::string_view::npos)
        return refusal("the path of a unix socket holds a zero byte");
    return Listen{UnixListen{std::string{path}}};
}

std::string bracketed(const TcpListen& tcp)
{
    return tcp.address.find(':') == std::string::npos ? tcp.address : "[" + tcp.address + "]";
}

}  // namespace

Result<Listen> parse_listen(std::string_view text)
{
    if (text.starts_with(unix_scheme))
        return parse_unix(text.substr(unix_scheme.size()));
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return refusal("the port is missing");
    auto host = text.substr(0, colon);
    const bool in_brackets = host.starts_with('[') && host.ends_with(']');
    if (in_brackets)
        host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    const auto address = asio::ip::make_address(std::string{host}, error);
    if (error)
        return refusal("the address is not a numeric IPv4 or IPv6 address");
    if (address.is_v6() != in_brackets)
        return refusal("an IPv6 address stands in brackets, and nothing else does");
    const auto port = parse_port(text.substr(colon + 1));
    if (!port)
        return refusal("the port is not a number from 0 to 65535");
    return Listen{
        TcpListen{address.to_string(), *port}
    };
}

std::string to_string(const Listen& listen)
{
    if (const auto* local = std::get_if<UnixListen>(&listen))
        return std::string{unix_scheme} + local->path;
    const auto& tcp = std::get<TcpListen>(listen);
    return bracketed(tcp) + ":" + std::to_string(tcp.port);
}

std::vector<std::string> own_hosts(const Listen& bound)
{
    if (std::holds_alternative<UnixListen>(bound))
        return {"localhost"};
    const auto& tcp = std::get<TcpListen>(bound);
    const auto address = asio::ip::make_address(tcp.address);
    const auto port = ":" + std::to_string(tcp.port);
    if (address.is_unspecified())
        return {"localhost" + port, (address.is_v6() ? "[::1]" : "127.0.0.1") + port};
    if (address.is_loopback())
        return {"localhost" + port, bracketed(tcp) + port};
    return {bracketed(tcp) + port};
}

}  // namespace casebridge::console
