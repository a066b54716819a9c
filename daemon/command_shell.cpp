#include "daemon/command_shell.hpp"

#include "config/load.hpp"
#include "connectors/postgres/agency_mismatch.hpp"
#include "daemon/conductor.hpp"
#include "daemon/supervisor.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>

namespace casebridge::daemon {

using boost::asio::awaitable;

void complain(const Error& error)
{
    std::cerr << "casebridge: " << error.place << (error.place.empty() ? "" : ": ") << error.message << " ("
              << error.code << ")\n";
    if (!error.remedy.empty())
        std::cerr << "  remedy: " << error.remedy << '\n';
}

std::optional<config::Settings> load(const std::filesystem::path& path)
{
    auto loaded = config::load_bridge(path);
    if (auto* settings = std::get_if<config::Settings>(&loaded))
        return std::move(*settings);
    for (const auto& mistake : std::get<std::vector<config::Mistake>>(loaded))
        std::cerr << to_string(mistake) << '\n';
    return std::nullopt;
}

namespace {

int exit_code_of(const Error& error)
{
    return error.kind == ErrorClass::transient ? exit_unavailable : exit_configuration;
}

}  // namespace

int run_to_end(const std::function<awaitable<void>(boost::asio::any_io_executor)>& task)
{
    boost::asio::io_context io{1};
    std::exception_ptr failure;
    boost::asio::co_spawn(io, task(io.get_executor()), [&](std::exception_ptr end) {
        failure = std::move(end);
    });
    io.run();
    try {
        if (failure)
            std::rethrow_exception(failure);
    } catch (const postgres::AgencyMismatch& mismatch) {
        for (const auto& error : mismatch.mismatches())
            complain(error);
        return exit_configuration;
    } catch (const libpq::DatabaseError& error) {
        complain(error.error());
        return exit_code_of(error.error());
    } catch (const HubLost& lost) {
        complain(lost.error());
        return exit_code_of(lost.error());
    }
    return exit_ok;
}

}  // namespace casebridge::daemon
