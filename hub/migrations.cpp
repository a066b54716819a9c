#include "hub/migrations.hpp"

#include "hub/failure.hpp"
#include "hub/migration_steps.hpp"

#include <charconv>
#include <exception>
#include <optional>
#include <string>

namespace casebridge::hub {
namespace {

namespace asio = boost::asio;

int to_version(std::string_view text)
{
    int version = 0;
    std::from_chars(text.data(), text.data() + text.size(), version);
    return version;
}

void refuse_newer(int version)
{
    const auto known = migrations().back().version;
    if (version <= known)
        return;
    throw HubFailure{
        Error{
              .kind = ErrorClass::permanent,
              .code = "newer_schema",
              .place = "casebridge.schema_version",
              .message = "the hub has schema version " + std::to_string(version) + ", this daemon knows " +
                       std::to_string(known),
              .remedy = "upgrade the daemon to the version that migrated the hub",
              }
    };
}

// One step, under a lock of the transaction so that two daemons do not run it twice. Returns the version
// after it.
asio::awaitable<int> run_step(libpq::Connection& connection, const Migration& step)
{
    co_await connection.execute_script(
        "BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('casebridge.migrate', 0))"
    );
    auto version = co_await schema_version(connection);
    if (version < step.version) {
        co_await connection.execute_script(std::string{step.sql});
        co_await connection.execute(
            "INSERT INTO casebridge.schema_version (version, name) VALUES ($1, $2)",
            libpq::parameters(std::to_string(step.version), std::string{step.name})
        );
        version = step.version;
    }
    co_await connection.execute_script("COMMIT");
    co_return version;
}

constexpr auto make_schema =
    "CREATE SCHEMA IF NOT EXISTS casebridge;"
    "CREATE TABLE IF NOT EXISTS casebridge.schema_version ("
    "version int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())";

}  // namespace

std::span<const Migration> migrations()
{
    return migration_steps;
}

asio::awaitable<int> schema_version(libpq::Connection& connection)
{
    const auto exists =
        co_await connection.execute("SELECT to_regclass('casebridge.schema_version') IS NOT NULL");
    if (exists.text(0, 0) != "t")
        co_return 0;
    const auto version =
        co_await connection.execute("SELECT coalesce(max(version), 0) FROM casebridge.schema_version");
    co_return to_version(version.text(0, 0));
}

asio::awaitable<void> migrate(libpq::Connection& connection)
{
    auto version = co_await schema_version(connection);
    refuse_newer(version);
    if (version == 0)
        co_await connection.execute_script(
            std::string{"SELECT pg_advisory_xact_lock(hashtextextended('casebridge.migrate', 0));"} +
            make_schema
        );
    std::exception_ptr failure;
    try {
        for (const auto& step : migrations())
            if (version < step.version)
                version = co_await run_step(connection, step);
    } catch (const libpq::ServerError&) {
        failure = std::current_exception();
    }
    if (failure) {
        co_await connection.execute_script("ROLLBACK");
        std::rethrow_exception(failure);
    }
    refuse_newer(version);
}

}  // namespace casebridge::hub
