#include "tests/support/cluster.hpp"

#include "tests/support/process.hpp"

#include <libpq-fe.h>

#include <arpa/inet.h>
#include <fstream>
#include <netinet/in.h>
#include <pwd.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace casebridge::test {
namespace {

// $1 is the directory, the rest is how to call pg_ctl. A server that is not running is as good as a stopped
// one.
constexpr const char* tidy_away =
    "directory=$1; shift; trap '' HUP INT TERM QUIT; "
    "\"$@\" -D \"$directory/data\" -m immediate -w stop >/dev/null; rm -rf \"$directory\"";

std::filesystem::path find_binaries()
{
    for (const auto& candidate :
         {first_output_line({"pg_config", "--bindir"}), std::string{"/usr/lib/postgresql/15/bin"}})
        if (!candidate.empty() && std::filesystem::exists(std::filesystem::path{candidate} / "initdb"))
            return candidate;
    throw std::runtime_error(
        "no PostgreSQL server programs found by pg_config or in /usr/lib/postgresql/15/bin"
    );
}

// In /tmp and short, because the path of a Unix socket holds 107 bytes.
std::filesystem::path make_directory()
{
    std::string pattern = "/tmp/casebridge-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("mkdtemp failed");
    return pattern;
}

// A port that was free a moment ago.
int find_port()
{
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool found = bind(listener, generic, size) == 0 && getsockname(listener, generic, &size) == 0;
    close(listener);
    if (!found)
        throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};

struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};

}  // namespace

Cluster::Cluster(ClusterOptions options) : binaries_(find_binaries()), directory_(make_directory())
{
    if (geteuid() == 0) {
        as_server_user_ = {"runuser", "-u", "postgres", "--"};
        const auto* user = getpwnam("postgres");
        if (user == nullptr || chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0)
            throw std::runtime_error("the directory cannot be given to the user postgres");
    }
    Arguments undertaker{directory_};
    undertaker.insert(undertaker.end(), as_server_user_.begin(), as_server_user_.end());
    undertaker.push_back(binaries_ / "pg_ctl");
    undertaker_ = std::make_unique<Undertaker>(tidy_away, undertaker);

    if (options.listen == ClusterOptions::Listen::loopback_too)
        port_ = find_port();
    pg_ctl({"-o", "-A trust -U postgres -E UTF8 --locale=C --no-sync --no-instructions", "initdb"});
    write_settings(options);
    start();
}

Cluster::~Cluster() = default;

void Cluster::write_settings(const ClusterOptions& options) const
{
    std::ofstream file{directory_ / "data/postgresql.conf", std::ios::app};
    file << "wal_level = logical\nmax_replication_slots = 20\nmax_wal_senders = 20\n"
         << "shared_buffers = 16MB\nunix_socket_directories = '" << directory_.string() << "'\n"
         << "port = " << port_ << '\n';
    switch (options.listen) {
        case ClusterOptions::Listen::unix_socket_only:
            file << "listen_addresses = ''\n";
            break;
        case ClusterOptions::Listen::loopback_too:
            file << "listen_addresses = '127.0.0.1'\n";
            break;
    }
    switch (options.durability) {
        case ClusterOptions::Durability::none:
            file << "fsync = off\n";
            break;
        case ClusterOptions::Durability::fsync:
            file << "fsync = on\n";
            break;
    }
    for (const auto& line : options.settings)
        file << line << '\n';
    file.close();
    if (!file)
        throw std::runtime_error("postgresql.conf cannot be written");
}

void Cluster::pg_ctl(std::vector<std::string> arguments)
{
    Arguments command = as_server_user_;
    command.insert(command.end(), {binaries_ / "pg_ctl", "-D", directory_ / "data", "-s"});
    command.insert(command.end(), arguments.begin(), arguments.end());
    if (run(command, directory_ / "pg_ctl.log") != 0)
        throw std::runtime_error("pg_ctl " + arguments.back() + " failed: " + log_end());
}

std::string Cluster::log_end() const
{
    std::ostringstream text;
    for (const auto* name : {"pg_ctl.log", "server.log"})
        if (std::ifstream file{directory_ / name}; file)
            text << file.rdbuf();
    constexpr std::size_t shown_max = 2000;
    const auto all = text.str();
    return all.substr(all.size() - std::min(all.size(), shown_max));
}

void Cluster::stop(StopMode mode)
{
    switch (mode) {
        case StopMode::fast:
            return pg_ctl({"-m", "fast", "-w", "stop"});
        case StopMode::immediate:
            return pg_ctl({"-m", "immediate", "-w", "stop"});
    }
}

void Cluster::start()
{
    pg_ctl({"-l", directory_ / "server.log", "-w", "start"});
}

std::string Cluster::conninfo(const std::string& database, const std::string& user) const
{
    return "host=" + directory_.string() + " port=" + std::to_string(port_) + " dbname=" + database +
           " user=" + user;
}

std::string Cluster::tcp_conninfo(
    const std::string& host, const std::string& database, const std::string& user
) const
{
    return "host=" + host + " port=" + std::to_string(port_) + " dbname=" + database + " user=" + user;
}

Rows sql(const std::string& conninfo, const std::string& statements)
{
    const std::unique_ptr<PGconn, Finish> connection{PQconnectdb(conninfo.c_str())};
    if (PQstatus(connection.get()) != CONNECTION_OK)
        throw std::runtime_error(PQerrorMessage(connection.get()));
    PQsetNoticeReceiver(
        connection.get(), [](void*, const PGresult*) {}, nullptr
    );
    const std::unique_ptr<PGresult, Clear> result{PQexec(connection.get(), statements.c_str())};
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error(PQresultErrorMessage(result.get()));
    Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (int row = 0; row < PQntuples(result.get()); ++row)
        for (int column = 0; column < PQnfields(result.get()); ++column) {
            auto& cell = rows[static_cast<std::size_t>(row)].emplace_back();
            if (PQgetisnull(result.get(), row, column) == 0)
                cell = PQgetvalue(result.get(), row, column);
        }
    return rows;
}

std::string sql_value(const std::string& conninfo, const std::string& query)
{
    const auto rows = sql(conninfo, query);
    if (rows.size() != 1 || rows[0].size() != 1 || !rows[0][0])
        throw std::runtime_error("not exactly one value: " + query);
    return *rows[0][0];
}

}  // namespace casebridge::test
