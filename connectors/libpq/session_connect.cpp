#include "connectors/libpq/session.hpp"
#include "connectors/libpq/task_scope.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <libpq-fe.h>

#include <algorithm>
#include <array>

namespace casebridge::libpq::detail {
namespace {

using Wait = asio::posix::descriptor_base;

std::string first_line(std::string_view text)
{
    return std::string{text.substr(0, text.find('\n'))};
}

// Notices may quote values, and libpq would print them on the daemon's standard error.
void ignore_notice(void*, const pg_result*) {}

}  // namespace

asio::awaitable<void> Session::connect(ConnectionOptions options)
{
    if (const auto checked = check_conninfo(options.conninfo); !checked)
        throw ConfigurationError{checked.error()};
    const auto effective = effective_conninfo(options.conninfo).value();
    auto hosts = co_await resolve(effective.hosts);
    co_await connect_to(connection_parameters(options, effective, hosts));
    check_settings();
    // From here on libpq's own texts have the SQLSTATE only, and can hold no value. Fields of results stay
    // readable.
    PQsetErrorVerbosity(connection_.get(), PQERRORS_SQLSTATE);
    if (PQsetnonblocking(connection_.get(), 1) != 0)
        throw_lost();
    descriptor_.assign(PQsocket(connection_.get()));
    phase_ = Phase::idle;
}

// libpq would look names up itself and block the whole executor meanwhile. The name stays beside its
// addresses: TLS and the password file compare it.
asio::awaitable<std::vector<Host>> Session::resolve(std::vector<Host> hosts)
{
    std::vector<Host> resolved;
    for (const auto& host : hosts) {
        boost::system::error_code error;
        const bool local = host.host.empty() || host.host.front() == '/' || host.host.front() == '@';
        const bool numeric = !asio::ip::make_address(host.host, error).is_unspecified() || !error;
        if (local || numeric || !host.address.empty()) {
            resolved.push_back(host);
            continue;
        }
        asio::ip::tcp::resolver resolver{descriptor_.get_executor()};
        const auto found =
            co_await resolver.async_resolve(host.host, "", asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted)
            throw boost::system::system_error{error};
        for (const auto& entry : found)
            resolved.push_back({host.host, entry.endpoint().address().to_string(), host.port});
    }
    if (resolved.empty())
        throw ConnectionLost{"the host name cannot be resolved"};
    co_return resolved;
}

asio::awaitable<void> Session::connect_to(std::vector<Setting> parameters)
{
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 1));
    if (connection_ == nullptr)
        throw ConnectionLost{"libpq is out of memory"};
    if (PQstatus(connection_.get()) == CONNECTION_BAD)
        throw_connect_failure();
    PQsetNoticeReceiver(connection_.get(), ignore_notice, nullptr);
    // A refusal comes as text only; this puts the SQLSTATE into it.
    PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);

    for (auto next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK;
         next = PQconnectPoll(connection_.get())) {
        if (next == PGRES_POLLING_FAILED)
            throw_connect_failure();
        // libpq may open another socket at each poll, under the same number even.
        descriptor_.assign(PQsocket(connection_.get()));
        co_await descriptor_.async_wait(
            next == PGRES_POLLING_READING ? Wait::wait_read : Wait::wait_write, asio::use_awaitable
        );
        descriptor_.release();
    }
}

void Session::throw_connect_failure()
{
    const std::string_view text = PQerrorMessage(connection_.get());
    if (PQconnectionNeedsPassword(connection_.get()) != 0)
        throw ConfigurationError{
            {
             .kind = ErrorClass::permanent,
             .code = "password_missing",
             .place = "connection string",
             .message = "the server asks for a password and none was found",
             .remedy = "name a password file with `passfile=`, readable by the daemon only, with a line "
                          "for this server", }
        };
    if (auto refusal = read_text_report(text))
        throw ServerError{
            {
             .state = refusal->state,
             .severity = "FATAL",
             .message =
                    message_is_free_of_values(refusal->state) ? std::move(refusal->message) : std::string{},
             }
        };
    throw ConnectionLost{first_line(text)};
}

// A pooler in between may swallow settings. The server reports those that change how values are rendered
// most; this costs no round trip.
void Session::check_settings()
{
    static constexpr std::array<std::array<const char*, 2>, 4> reported{
        {
         {"DateStyle", "ISO, MDY"},
         {"IntervalStyle", "postgres"},
         {"TimeZone", "UTC"},
         {"client_encoding", "UTF8"},
         }
    };
    for (const auto& [name, wanted] : reported) {
        const auto* value = PQparameterStatus(connection_.get(), name);
        if (value == nullptr || std::string_view{value} != wanted)
            throw ConfigurationError{
                {
                 .kind = ErrorClass::permanent,
                 .code = "settings_not_pinned",
                 .place = name,
                 .message = "the session does not have the setting that it was started with",
                 .remedy = "connect to the server directly, not through a pooler",
                 }
            };
    }
}

}  // namespace casebridge::libpq::detail
