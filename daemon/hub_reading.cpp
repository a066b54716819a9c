#include "daemon/hub_reading.hpp"

#include "daemon/command_shell.hpp"
#include "daemon/supervisor.hpp"

#include <iostream>
#include <utility>

namespace casebridge::daemon {

boost::asio::awaitable<libpq::Connection> open_hub(std::string conninfo)
{
    libpq::ConnectionOptions options{std::move(conninfo)};
    options.application_name = "casebridge:cases";
    co_return co_await libpq::Connection::open(std::move(options));
}

int read_hub(
    const std::filesystem::path& configuration,
    const std::optional<std::string>& hub,
    const HubReading& reading
)
{
    const auto settings = load(configuration);
    if (!settings)
        return exit_configuration;
    return run_to_end([&](const boost::asio::any_io_executor&) {
        return reading(hub.value_or(settings->hub_connection), settings->definition);
    });
}

int complain_of_usage(const std::string& text)
{
    std::cerr << "casebridge: " << text << '\n';
    return exit_usage;
}

}  // namespace casebridge::daemon
