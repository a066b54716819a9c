#include "connectors/libpq/conninfo.hpp"

#include "model/assert.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <memory>
#include <optional>

namespace casebridge::libpq {
namespace {

// An idle connection whose peer is gone is noticed after 10 + 3 × 5 s, one with unacknowledged data after 30
// s; the system's own defaults are two hours and a quarter of one.
constexpr std::array<std::array<const char*, 2>, 4> liveness_defaults{
    {
     {"keepalives_idle", "10"},
     {"keepalives_interval", "5"},
     {"keepalives_count", "3"},
     {"tcp_user_timeout", "30000"},
     }
};

// No value of target_session_attrs that libpq knows. See effective_conninfo().
constexpr const char* stop_before_connecting = "casebridge_reads_settings_only";

struct FreeOptions {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using OptionsPtr = std::unique_ptr<PQconninfoOption, FreeOptions>;

struct FinishConnection {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using ConnectionPtr = std::unique_ptr<PGconn, FinishConnection>;

Error mistake(std::string code, std::string message, std::string remedy)
{
    return {
        .kind = ErrorClass::permanent,
        .code = std::move(code),
        .place = "connection string",
        .message = std::move(message),
        .remedy = std::move(remedy),
    };
}

// libpq's parser quotes the piece it stumbled on, which may be a part of a password.
bool may_hold_a_secret(std::string_view conninfo)
{
    std::string lower{conninfo};
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return lower.find("password") != std::string::npos || lower.find("://") != std::string::npos;
}

std::string one_line(std::string_view text)
{
    while (!text.empty() && text.back() == '\n')
        text.remove_suffix(1);
    std::string line{text};
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
}

std::map<std::string, std::string> to_map(const PQconninfoOption* options)
{
    std::map<std::string, std::string> values;
    for (const auto* option = options; option != nullptr && option->keyword != nullptr; ++option)
        if (option->val != nullptr)
            values.emplace(option->keyword, option->val);
    return values;
}

std::vector<std::string> split(const std::string& list)
{
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (auto comma = list.find(','); comma != std::string::npos; comma = list.find(',', begin)) {
        parts.push_back(list.substr(begin, comma - begin));
        begin = comma + 1;
    }
    parts.push_back(list.substr(begin));
    return parts;
}

std::vector<detail::Host> hosts_of(const std::map<std::string, std::string>& values)
{
    const auto list = [&values](const char* keyword) {
        const auto found = values.find(keyword);
        return split(found == values.end() ? std::string{} : found->second);
    };
    const auto names = list("host");
    const auto addresses = list("hostaddr");
    const auto ports = list("port");
    // libpq has checked that lists longer than one have the same length; a single port serves all hosts.
    const auto at = [](const std::vector<std::string>& all, std::size_t index) {
        return index < all.size() ? all[index] : all.front();
    };
    std::vector<detail::Host> hosts;
    for (std::size_t i = 0; i < std::max(names.size(), addresses.size()); ++i)
        hosts.push_back({
            .host = i < names.size() ? names[i] : std::string{},
            .address = i < addresses.size() ? addresses[i] : std::string{},
            .port = at(ports, i),
        });
    return hosts;
}

// One `-c name=value` of the server's command line, where blanks and backslashes are escaped by a backslash.
std::string command_line_option(const Setting& setting)
{
    const auto& [name, value] = setting;
    CASEBRIDGE_ASSERT(!name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '.';
    }));
    std::string option = " -c " + name + "=";
    for (const char c : value) {
        if (c == '\\' || std::isspace(static_cast<unsigned char>(c)) != 0)
            option += '\\';
        option += c;
    }
    return option;
}

std::string join(const std::vector<detail::Host>& hosts, std::string detail::Host::*member)
{
    std::string list;
    for (const auto& host : hosts)
        list += (&host == &hosts.front() ? "" : ",") + host.*member;
    return list;
}

Result<void> check_text(const std::string& conninfo)
{
    char* complaint = nullptr;
    const OptionsPtr parsed{PQconninfoParse(conninfo.c_str(), &complaint)};
    const std::unique_ptr<char, decltype(&PQfreemem)> owned{complaint, &PQfreemem};
    if (parsed == nullptr) {
        const bool hide = complaint == nullptr || may_hold_a_secret(conninfo);
        return mistake(
            "conninfo_invalid",
            hide ? "libpq cannot read it; it may hold a secret, so no part of it is shown"
                 : one_line(complaint),
            "write it as `host=… dbname=… user=…`, as a postgresql:// URI or as `service=…`"
        );
    }
    const auto values = to_map(parsed.get());
    for (const auto* keyword : {"password", "sslpassword"})
        if (values.contains(keyword))
            return mistake(
                "password_in_conninfo",
                std::string{"`"} + keyword + "` stands in the connection string",
                "take it out and put the password into the file that `passfile=` names, readable by the "
                "daemon only"
            );
    static constexpr std::array known{
        "any", "read-write", "read-only", "primary", "standby", "prefer-standby"};
    const auto wanted = values.find("target_session_attrs");
    if (wanted != values.end() && std::find(known.begin(), known.end(), wanted->second) == known.end())
        return mistake(
            "conninfo_invalid", "invalid value of target_session_attrs", "use read-write, or leave it out"
        );
    return {};
}

}  // namespace

Result<void> check_conninfo(std::string_view conninfo)
{
    const std::string text{conninfo};
    if (auto checked = check_text(text); !checked)
        return checked.error();
    if (auto effective = detail::effective_conninfo(text); !effective)
        return effective.error();
    return {};
}

const std::vector<Setting>& pinned_settings()
{
    static const std::vector<Setting> settings{
        {"datestyle",          "ISO,MDY" },
        {"intervalstyle",      "postgres"},
        {"extra_float_digits", "3"       },
        {"bytea_output",       "hex"     },
        {"timezone",           "UTC"     },
        {"lc_monetary",        "C"       },
        {"search_path",        ""        },
        {"row_security",       "off"     },
    };
    return settings;
}

namespace detail {

// libpq has no call that merges connection string, service file and environment without connecting. But it
// merges and checks everything before it looks at target_session_attrs, the last value it checks, and before
// it connects: an impossible value there stops it exactly in time.
Result<Effective> effective_conninfo(const std::string& conninfo)
{
    const std::array keywords{"dbname", "target_session_attrs", static_cast<const char*>(nullptr)};
    const std::array values{conninfo.c_str(), stop_before_connecting, static_cast<const char*>(nullptr)};
    const ConnectionPtr stopped{PQconnectStartParams(keywords.data(), values.data(), 1)};
    if (stopped == nullptr)
        return mistake("out_of_memory", "libpq is out of memory", "");
    const std::string_view complaint = PQerrorMessage(stopped.get());
    if (complaint.find(stop_before_connecting) == std::string_view::npos)
        return mistake(
            "conninfo_invalid",
            may_hold_a_secret(conninfo) ? "libpq refuses a value in it" : one_line(complaint),
            "correct the value; the service file and the PG… environment variables count too"
        );
    const OptionsPtr merged{PQconninfo(stopped.get())};
    const auto settings = to_map(merged.get());
    const auto options = settings.find("options");
    std::vector<Setting> liveness;
    for (const auto& [keyword, value] : liveness_defaults)
        if (!settings.contains(keyword))
            liveness.emplace_back(keyword, value);
    return Effective{
        .hosts = hosts_of(settings),
        .options = options == settings.end() ? std::string{} : options->second,
        .liveness = std::move(liveness),
    };
}

std::vector<Setting> connection_parameters(
    const ConnectionOptions& options, const Effective& effective, const std::vector<Host>& resolved
)
{
    std::string command_line = effective.options;
    for (const auto& setting : options.settings)
        command_line += command_line_option(setting);
    for (const auto& setting : pinned_settings())
        command_line += command_line_option(setting);

    std::vector<Setting> parameters{
        {"dbname",          options.conninfo},
        {"host",            join(resolved,    &Host::host)},
        {"hostaddr",                 join(resolved,                        &Host::address)},
        {"port",  join(resolved,&Host::port)},
        {"options",   command_line            },
        {"client_encoding",         "UTF8"          },
        {"fallback_application_name", options.application_name  },
    };
    parameters.insert(parameters.end(), effective.liveness.begin(), effective.liveness.end());
    switch (options.role) {
        case SessionRole::ordinary:
            break;
        case SessionRole::replication:
            parameters.emplace_back("replication", "database");
            break;
    }
    return parameters;
}

}  // namespace detail

}  // namespace casebridge::libpq
