#pragma once

#include "config/settings.hpp"
#include "model/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <optional>

// What every command of the command line does around its own work.

namespace casebridge::daemon {

// Prints an error with its remedy on stderr.
void complain(const Error& error);

// The settings; nothing after every mistake was printed on stderr.
[[nodiscard]] std::optional<config::Settings> load(const std::filesystem::path& path);

// Runs one coroutine to its end and turns what it throws into complaint and exit code.
[[nodiscard]] int run_to_end(
    const std::function<boost::asio::awaitable<void>(boost::asio::any_io_executor)>& task
);

}  // namespace casebridge::daemon
