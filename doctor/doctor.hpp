#pragma once

#include "config/settings.hpp"
#include "doctor/examination.hpp"

#include <boost/asio/awaitable.hpp>

// Asks all servers of a bridge and judges what they say. Changes nothing anywhere: every session is
// read-only.

namespace casebridge::doctor {

// Reads the hub and every agency over the connections that the daemon uses, and over `setup` what only a
// more powerful role may see. Never throws for what a server does: a connection that cannot be had and a
// question that is refused are findings. `settings` outlives it.
[[nodiscard]] boost::asio::awaitable<Report> examine_bridge(const config::Settings& settings);

}  // namespace casebridge::doctor
