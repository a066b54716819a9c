#pragma once

#include "model/error.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How to reach a server, checked and completed before libpq sees it.

namespace casebridge::libpq {

// What a session may do.
enum class SessionRole {
    ordinary,
    replication,  // `replication=database`: replication commands, and SQL by the simple protocol only.
};

using Setting = std::pair<std::string, std::string>;

// Not an aggregate on purpose: g++ 12 destroys an aggregate that is a temporary inside a co_await expression
// twice.
struct ConnectionOptions {
    explicit ConnectionOptions(std::string conninfo_text = {}) : conninfo(std::move(conninfo_text)) {}

    // libpq's own language: keywords and values, a URI, or `service=…`. Without a password: that comes from
    // the password file, the service file or the environment.
    std::string conninfo;
    SessionRole role = SessionRole::ordinary;
    // Shown in the server's pg_stat_activity unless the connection string names another.
    std::string application_name = "casebridge";
    // For the whole of opening, name resolution included. A look-up that the system's resolver has begun
    // cannot be interrupted, the error then comes when it has ended.
    std::chrono::milliseconds connect_timeout{10'000};
    // Further settings of this session, such as {"lock_timeout", "5s"}; they win over those of the connection
    // string, not over the pinned ones.
    std::vector<Setting> settings;
};

// Finds mistakes in a connection string without connecting: syntax, unknown keywords, impossible values, an
// unknown service, a secret in the string. The error quotes no part of the string that could be a secret.
[[nodiscard]] Result<void> check_conninfo(std::string_view conninfo);

// Settings that every session of ours has, whatever role, database or server say. They decide how values are
// rendered (a default of the database would otherwise silently change dates and intervals), that no schema is
// searched, and that hidden rows are an error instead of a gap.
[[nodiscard]] const std::vector<Setting>& pinned_settings();

namespace detail {

// One server to try.
struct Host {
    std::string host;     // A name, a numeric address or the directory of a Unix socket; may be empty.
    std::string address;  // Numeric; empty if libpq needs none or is to look the name up.
    std::string port;     // May be empty.
};

// What libpq makes of a connection string together with service file and environment.
struct Effective {
    std::vector<Host> hosts;  // Never empty.
    std::string options;      // Command line options for the server process.
    // What notices a vanished peer within half a minute, as far as nobody has set it otherwise.
    std::vector<Setting> liveness;
};

[[nodiscard]] Result<Effective> effective_conninfo(const std::string& conninfo);

// Keywords and values for PQconnectStartParams, the later win.
[[nodiscard]] std::vector<Setting> connection_parameters(
    const ConnectionOptions& options, const Effective& effective, const std::vector<Host>& resolved
);

}  // namespace detail

}  // namespace casebridge::libpq
