#include "console/http_server.hpp"

#include "console/request_gate.hpp"
#include "model/assert.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <cstring>
#include <exception>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace casebridge::console {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::awaitable;
using boost::system::error_code;
using boost::system::system_error;

// One protocol type for TCP and Unix sockets: Beast is instantiated once.
using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
using Stream = beast::basic_stream<Protocol>;
using Parser = http::request_parser<http::string_body>;

constexpr mode_t unix_socket_mode = 0660;

// Bytes that are read and thrown away after a refusal. Closing a socket with unread bytes resets the
// connection, and the client would lose the answer that tells it why.
constexpr std::size_t discarded_bytes_max = 256 * 1024;

// What all sessions of one serve() share. It lives in serve()'s frame, which outlives them.
struct Shop {
    Acceptor acceptor;
    Handler handler;
    ServerSettings settings;
    AllowedHosts allowed;
    std::set<Stream*> sessions = {};  // Under way. Owned by their counters.
};

enum class Connection { keep, close };

// Removes the socket's file when the server ends, however it ends.
class UnixSocketFile {
public:
    explicit UnixSocketFile(const Listen& listen)
    {
        if (const auto* local = std::get_if<UnixListen>(&listen))
            path_ = local->path;
    }
    UnixSocketFile(const UnixSocketFile&) = delete;
    UnixSocketFile& operator=(const UnixSocketFile&) = delete;
    ~UnixSocketFile()
    {
        if (!path_.empty())
            ::unlink(path_.c_str());
    }

private:
    std::string path_;
};

Protocol::endpoint endpoint_of(const Listen& listen)
{
    if (const auto* local = std::get_if<UnixListen>(&listen))
        return asio::local::stream_protocol::endpoint{local->path};
    const auto& tcp = std::get<TcpListen>(listen);
    return asio::ip::tcp::endpoint{asio::ip::make_address(tcp.address), tcp.port};
}

// A file that a killed predecessor left behind refuses connections, that of a living server accepts them.
awaitable<void> remove_abandoned_socket(std::string path)
{
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode))
        co_return;
    asio::local::stream_protocol::socket probe{co_await asio::this_coro::executor};
    error_code error;
    co_await probe.async_connect(
        asio::local::stream_protocol::endpoint{path}, asio::redirect_error(asio::use_awaitable, error)
    );
    if (error == asio::error::connection_refused)
        ::unlink(path.c_str());
}

Acceptor open_acceptor(const asio::any_io_executor& executor, const Listen& listen)
{
    const auto endpoint = endpoint_of(listen);
    Acceptor acceptor{executor, endpoint.protocol()};
    if (const auto* local = std::get_if<UnixListen>(&listen)) {
        // The mode is set on the socket before its name exists, so that there is no moment with a wider one,
        // and on the file afterwards, because bind() takes the umask away from it.
        ::fchmod(acceptor.native_handle(), unix_socket_mode);
        acceptor.bind(endpoint);
        if (::chmod(local->path.c_str(), unix_socket_mode) != 0)
            throw system_error{errno, boost::system::system_category(), "chmod"};
    } else {
        acceptor.set_option(asio::socket_base::reuse_address{true});
        acceptor.bind(endpoint);
    }
    acceptor.listen();
    return acceptor;
}

Listen bound_listen(const Acceptor& acceptor, Listen listen)
{
    if (auto* tcp = std::get_if<TcpListen>(&listen)) {
        asio::ip::tcp::endpoint endpoint;
        const auto generic = acceptor.local_endpoint();
        CASEBRIDGE_ASSERT(generic.size() <= endpoint.capacity());
        std::memcpy(endpoint.data(), generic.data(), generic.size());
        tcp->port = endpoint.port();
    }
    return listen;
}

RequestHead head_of(const Parser::value_type& message)
{
    RequestHead head{.method = message.method_string(), .target = message.target(), .hosts = {}};
    const auto [first, last] = message.equal_range(http::field::host);
    for (auto field = first; field != last; ++field)
        head.hosts.emplace_back(field->value());
    if (message.count(http::field::transfer_encoding) + message.count(http::field::content_length) > 1)
        head.framing = Framing::conflicting;
    return head;
}

// The answer to a request that could not be read; nothing when there is nobody to answer.
std::optional<Response> answer_to(const error_code& error)
{
    if (error == http::error::header_limit)
        return refusal(431);
    if (error == http::error::body_limit)
        return refusal(413);
    if (error == http::error::end_of_stream || error == http::error::partial_message)
        return std::nullopt;
    if (error.category() == http::make_error_code(http::error::bad_method).category())
        return refusal(400);
    return std::nullopt;
}

awaitable<void> discard_rest(Stream& stream)
{
    error_code error;
    stream.socket().shutdown(asio::socket_base::shutdown_send, error);
    std::array<char, 4096> scrap{};
    std::size_t total = 0;
    while (!error && total < discarded_bytes_max)
        total += co_await stream.async_read_some(
            asio::buffer(scrap), asio::redirect_error(asio::use_awaitable, error)
        );
}

awaitable<Connection> answer(Stream& stream, Response response, Method method, Connection connection)
{
    http::response<http::string_body> message{http::int_to_status(response.status), 11};
    message.set(http::field::content_type, response.content_type);
    message.set(http::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    message.set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    message.set("Referrer-Policy", "no-referrer");
    message.set("Cross-Origin-Resource-Policy", "same-origin");
    if (!response.allow.empty())
        message.set(http::field::allow, response.allow);
    message.keep_alive(connection == Connection::keep);
    message.content_length(response.body.size());
    if (method == Method::get)
        message.body() = std::move(response.body);

    error_code error;
    http::response_serializer<http::string_body> serializer{message};
    co_await http::async_write(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
    co_return error ? Connection::close : connection;
}

// Answers with a refusal and lets the client read it. HEAD is answered like GET here: the connection ends
// anyway.
awaitable<void> refuse(Stream& stream, Response response)
{
    co_await answer(stream, std::move(response), Method::get, Connection::close);
    co_await discard_rest(stream);
}

awaitable<Connection> serve_request(Shop& shop, Stream& stream, beast::flat_buffer& buffer)
{
    Parser parser;
    parser.header_limit(shop.settings.header_bytes_max);
    parser.body_limit(shop.settings.body_bytes_max);
    stream.expires_after(shop.settings.expiry);

    error_code error;
    co_await http::async_read_header(
        stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error)
    );
    std::optional<Admission> admission;
    if (!error) {
        admission = admit(head_of(parser.get()), shop.allowed);
        if (auto* refused = std::get_if<Response>(&*admission)) {
            co_await refuse(stream, std::move(*refused));
            co_return Connection::close;
        }
        // Nobody uses the body of a GET, but it has to be gone before the next request can be read.
        co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    }
    if (error) {
        if (auto response = answer_to(error))
            co_await refuse(stream, std::move(*response));
        co_return Connection::close;
    }
    const auto& request = std::get<Request>(*admission);
    const auto connection = parser.get().keep_alive() ? Connection::keep : Connection::close;
    auto response = shop.handler(request);
    // Set behind the handler: the time is the client's, not ours.
    stream.expires_after(shop.settings.expiry);
    co_return co_await answer(stream, std::move(response), request.method, connection);
}

// A session while it lasts.
class Visit {
public:
    Visit(Shop& shop, Stream& stream) : shop_(&shop), stream_(&stream) { shop_->sessions.insert(stream_); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() { shop_->sessions.erase(stream_); }

private:
    Shop* shop_;
    Stream* stream_;
};

// Beast's reading and writing take several steps, and a cancellation that arrives between two of them is
// lost: such a session would last until its time has expired. On a closed socket the next step fails.
awaitable<void> close_sessions_when_cancelled(Shop& shop)
{
    asio::steady_timer never{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
    error_code cancelled;
    co_await never.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    for (auto* stream : shop.sessions)
        stream->close();
    throw system_error{cancelled};
}

awaitable<void> run_session(Shop& shop, Stream stream)
{
    const Visit visit{shop, stream};
    beast::flat_buffer buffer;
    while (co_await serve_request(shop, stream, buffer) == Connection::keep) {
    }
    error_code ignored;  // The peer may be gone already, which is what we want.
    stream.socket().shutdown(asio::socket_base::shutdown_both, ignored);
}

bool out_of_resources(const error_code& error)
{
    return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
           error == asio::error::no_memory || error == boost::system::errc::too_many_files_open_in_system;
}

// Serves one connection after the other. There are `connections_max` of these, so that the number of
// connections is bounded by construction and nothing has to be counted.
awaitable<void> run_counter(Shop& shop)
{
    const auto executor = co_await asio::this_coro::executor;
    while (true) {
        Stream stream{executor};
        error_code error;
        co_await shop.acceptor.async_accept(
            stream.socket(), asio::redirect_error(asio::use_awaitable, error)
        );
        if (!error) {
            co_await run_session(shop, std::move(stream));
        } else if (out_of_resources(error)) {
            // Accepting again at once would spin until somebody closes a descriptor.
            asio::steady_timer pause{executor, shop.settings.expiry};
            co_await pause.async_wait(asio::use_awaitable);
        } else if (error != asio::error::connection_aborted) {
            throw system_error{error, "accept"};
        }
    }
}

}  // namespace

awaitable<void> serve(Listen listen, Handler handler, ServerSettings settings, OnListening on_listening)
{
    CASEBRIDGE_ASSERT(settings.connections_max > 0);
    const auto executor = co_await asio::this_coro::executor;
    if (const auto* local = std::get_if<UnixListen>(&listen))
        co_await remove_abandoned_socket(local->path);

    auto acceptor = open_acceptor(executor, listen);
    const UnixSocketFile socket_file{listen};
    const auto bound = bound_listen(acceptor, std::move(listen));
    auto hosts = own_hosts(bound);
    hosts.insert(hosts.end(), settings.allowed_hosts.begin(), settings.allowed_hosts.end());
    Shop shop{std::move(acceptor), std::move(handler), std::move(settings), AllowedHosts{std::move(hosts)}};
    on_listening(bound);

    using Counter = decltype(asio::co_spawn(executor, run_counter(shop), asio::deferred));
    std::vector<Counter> counters;
    counters.reserve(shop.settings.connections_max + 1);
    counters.push_back(asio::co_spawn(executor, close_sessions_when_cancelled(shop), asio::deferred));
    for (std::size_t index = 0; index < shop.settings.connections_max; ++index)
        counters.push_back(asio::co_spawn(executor, run_counter(shop), asio::deferred));

    // A counter never ends by itself: the first to end has failed, or all of them were cancelled.
    const auto [order, errors] =
        co_await asio::experimental::make_parallel_group(std::move(counters))
            .async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
    for (const auto index : order)
        if (errors[index])
            std::rethrow_exception(errors[index]);
}

}  // namespace casebridge::console
