#pragma once

#include "connectors/libpq/connection.hpp"
#include "connectors/libpq/server_error.hpp"
#include "model/ids.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

// Who writes. One daemon at a time; the epoch fences all that came before.

namespace casebridge::hub {

struct Leadership {
    std::int64_t epoch = 0;
    JournalSeq last_seq;      // Where the journal ended when the lead was taken.
    std::string incarnation;  // Of the hub, made once; part of our origins' names.
};

// Bumps the epoch of journal and projections: from here on every append and projection of an earlier leader
// fails. A projection under way is waited for. `holder` is shown to operators (host and process). The caller
// holds the leader lock, or knows that its holder is gone.
[[nodiscard]] boost::asio::awaitable<Leadership> take_epoch(
    libpq::Connection& connection, std::string holder
);

// The session's leader lock if it is free; it is released with the session.
[[nodiscard]] boost::asio::awaitable<bool> try_leader_lock(libpq::Connection& connection);

// Throws LeadershipLost if that is what the hub's functions have answered, otherwise `error` itself.
[[noreturn]] void throw_as_leadership(const libpq::ServerError& error, const char* place);

}  // namespace casebridge::hub
