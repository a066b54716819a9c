#include "config/service_settings.hpp"

#include <libpq-fe.h>

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <limits>
#include <memory>
#include <netinet/in.h>
#include <system_error>
#include <utility>

namespace casebridge::config {
namespace {

using ParsedOptions = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// Parses only: no service file is read, nothing is looked up.
ParsedOptions parse_conninfo(const std::string& text)
{
    char* message = nullptr;
    ParsedOptions options{PQconninfoParse(text.c_str(), &message), &PQconninfoFree};
    // It may quote the string, and with it a password.
    PQfreemem(message);
    return options;
}

bool has_password(const PQconninfoOption* options)
{
    for (const auto* option = options; option->keyword != nullptr; ++option) {
        const std::string_view keyword = option->keyword;
        const bool secret = keyword == "password" || keyword == "sslpassword";
        if (secret && option->val != nullptr)
            return true;
    }
    return false;
}

// `127.0.0.1:9464`, `[::1]:9464`
std::optional<ListenAddress> parse_listen(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    auto host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    if (host.empty() || (host.find(':') != std::string_view::npos) != bracketed)
        return std::nullopt;
    const auto digits = text.substr(colon + 1);
    ListenAddress address{.host = std::string{host}};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return address;
}

enum class Reach { this_host, network, unknown };

// Who can connect to the address. Names are not looked up: what they mean depends on the machine.
Reach reach_of(const std::string& host)
{
    in_addr v4{};
    if (inet_pton(AF_INET, host.c_str(), &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET ? Reach::this_host : Reach::network;
    in6_addr v6{};
    if (inet_pton(AF_INET6, host.c_str(), &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6) ? Reach::this_host : Reach::network;
    return Reach::unknown;
}

struct LimitBounds {
    std::string key;
    std::int64_t least;
    std::int64_t greatest;
};

const std::array<LimitBounds, 11> limit_bounds{
    {
     {"batch_transactions_max", 1, 10'000},
     {"transaction_rows_atomic_max", 1, 10'000'000},
     {"transaction_bytes_max", 1'048'576, 17'179'869'184},
     {"unprojected_max", 100, 10'000'000},
     {"records_cached_max", 1'000, 100'000'000},
     {"delivery_rows_max", 1, 10'000},
     {"survey_chunk_rows", 1, 100'000},
     {"lock_timeout_ms", 1, 600'000},
     {"statement_timeout_ms", 1, 3'600'000},
     {"heartbeat_seconds", 1, 3'600},
     {"drain_timeout_seconds", 1, 600},
     }
};

std::int64_t read_limit(const Entry& entry, const LimitBounds& bounds, std::int64_t standard)
{
    const auto limit = entry.find(bounds.key);
    return limit ? limit->number(bounds.least, bounds.greatest).value_or(standard) : standard;
}

}  // namespace

std::optional<std::string> read_connection(const Entry& entry)
{
    auto text = entry.text();
    if (!text)
        return std::nullopt;
    const auto options = parse_conninfo(*text);
    if (options == nullptr || text->find('\0') != std::string::npos) {
        entry.mistake("is no connection string: write service=<name>, or keywords or a URI of libpq");
        return std::nullopt;
    }
    if (has_password(options.get())) {
        entry.mistake("holds a password: put it into a password file or a service file");
        return std::nullopt;
    }
    return text;
}

ListenAddress read_web(const Entry& entry)
{
    if (!entry.is_object_of({"listen", "allow_remote"}))
        return {};
    const auto permission = entry.find("allow_remote");
    const bool remote_allowed = permission && permission->boolean().value_or(false);
    const auto listen = entry.find("listen");
    const auto text = listen ? listen->any_text() : std::nullopt;
    if (!text)
        return {};
    const auto address = parse_listen(*text);
    const auto reach = address ? reach_of(address->host) : Reach::unknown;
    if (reach == Reach::unknown)
        listen->mistake("must be an address and a port, like 127.0.0.1:9464 or [::1]:9464");
    else if (reach == Reach::network && !remote_allowed)
        listen->mistake(
            "can be reached from other hosts, without login and encryption: listen on 127.0.0.1 or "
            "[::1], or add \"allow_remote\": true to web"
        );
    return address.value_or(ListenAddress{});
}

LogSettings read_log(const Entry& entry)
{
    LogSettings log;
    if (!entry.is_object_of({"format", "level"}))
        return log;
    if (const auto format = entry.find("format"); format && format->one_of({"logfmt", "json"}) == "json")
        log.format = LogFormat::json;
    if (const auto level = entry.find("level")) {
        const auto word = level->one_of({"debug", "info", "warning", "error"});
        if (word == "debug")
            log.level = LogLevel::debug;
        else if (word == "warning")
            log.level = LogLevel::warning;
        else if (word == "error")
            log.level = LogLevel::error;
    }
    return log;
}

Limits read_limits(const Entry& entry)
{
    Limits limits;
    std::vector<std::string> keys;
    for (const auto& bounds : limit_bounds)
        keys.push_back(bounds.key);
    if (!entry.is_object_of(keys))
        return limits;
    auto bounds = limit_bounds.begin();
    const auto next = [&](std::int64_t standard) { return read_limit(entry, *bounds++, standard); };
    limits.batch_transactions_max = next(limits.batch_transactions_max);
    limits.transaction_rows_atomic_max = next(limits.transaction_rows_atomic_max);
    limits.transaction_bytes_max = next(limits.transaction_bytes_max);
    limits.unprojected_max = next(limits.unprojected_max);
    limits.records_cached_max = next(limits.records_cached_max);
    limits.delivery_rows_max = next(limits.delivery_rows_max);
    limits.survey_chunk_rows = next(limits.survey_chunk_rows);
    limits.lock_timeout = std::chrono::milliseconds{next(limits.lock_timeout.count())};
    limits.statement_timeout = std::chrono::milliseconds{next(limits.statement_timeout.count())};
    limits.heartbeat = std::chrono::seconds{next(limits.heartbeat.count())};
    limits.drain_timeout = std::chrono::seconds{next(limits.drain_timeout.count())};
    if (limits.lock_timeout > limits.statement_timeout)
        entry.mistake("lock_timeout_ms is greater than statement_timeout_ms and would never be reached");
    return limits;
}

}  // namespace casebridge::config
