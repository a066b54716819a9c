#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// A throw-away PostgreSQL cluster for tests.

namespace casebridge::test {

class Undertaker;

enum class StopMode {
    fast,       // Sessions are ended, a checkpoint is written.
    immediate,  // Like a crash: sessions are cut, recovery at the next start.
};

struct ClusterOptions {
    enum class Listen { unix_socket_only, loopback_too };
    enum class Durability { none, fsync };

    Listen listen = Listen::unix_socket_only;
    Durability durability = Durability::none;
    // Lines for postgresql.conf, `wal_sender_timeout = 1s`.
    std::vector<std::string> settings = {};
};

// initdb and start in the constructor (about a second), stop and removal in the destructor. Logical
// replication is on, everybody is trusted, the superuser is `postgres`. Works as root (the server then runs
// as user postgres) and as an ordinary user; any number of clusters side by side, each has its own directory
// and socket. When the test process dies, by whatever signal, the server is stopped and its directory removed
// all the same.
//
// Throws std::runtime_error with the end of the log when the server does not do as it is told.
class Cluster {
public:
    explicit Cluster(ClusterOptions options = {});
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;
    ~Cluster();

    // Through the Unix socket.
    [[nodiscard]] std::string conninfo(
        const std::string& database = "postgres", const std::string& user = "postgres"
    ) const;

    // Through 127.0.0.1; needs Listen::loopback_too.
    [[nodiscard]] std::string tcp_conninfo(
        const std::string& host = "localhost",
        const std::string& database = "postgres",
        const std::string& user = "postgres"
    ) const;

    // Both return when it has happened.
    void stop(StopMode mode);
    void start();

    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

private:
    void pg_ctl(std::vector<std::string> arguments);
    void write_settings(const ClusterOptions& options) const;
    [[nodiscard]] std::string log_end() const;

    std::filesystem::path binaries_;
    std::filesystem::path directory_;
    std::vector<std::string> as_server_user_;  // What to put before a command: `runuser -u postgres --`.
    int port_ = 5432;
    std::unique_ptr<Undertaker> undertaker_;
};

// Rows of text, nothing for NULL.
using Rows = std::vector<std::vector<std::optional<std::string>>>;

// Runs SQL on a connection of its own, blocking. Returns the rows of the last statement. Throws
// std::runtime_error with the server's message.
Rows sql(const std::string& conninfo, const std::string& statements);

// The only value of a query; throws std::runtime_error unless it gives exactly one value that is not NULL.
std::string sql_value(const std::string& conninfo, const std::string& query);

}  // namespace casebridge::test
