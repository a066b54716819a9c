#pragma once

#include "connectors/libpq/connection.hpp"
#include "pipeline/operator_request.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// The operators' inbox in the hub: requests are put into it and never changed; the leader hears of each, and
// what it answers stands in the journal. All functions use a connection that the caller owns and throw
// libpq's DatabaseError.

namespace casebridge::hub {

// The leader's side.

// From here on the session is notified of every new request. Call it before the first look.
[[nodiscard]] boost::asio::awaitable<void> listen_to_requests(libpq::Connection& connection);

struct Standing {
    PgTime now;                                       // The hub's clock, read before the requests.
    std::vector<pipeline::OperatorRequest> requests;  // Oldest first.
};

// The requests that the journal has no answer to, whether their deadline is past or not; `limit` of them at
// most.
[[nodiscard]] boost::asio::awaitable<Standing> standing_requests(
    libpq::Connection& connection, std::size_t limit
);

// Whether the journal holds the answer.
[[nodiscard]] boost::asio::awaitable<bool> is_answered(libpq::Connection& connection, RequestId request);

// The operator's side. Needs no right but EXECUTE on two functions (docs/hub.md).

// Not an aggregate: g++ 12 destroys one that is a temporary inside a co_await expression twice.
struct NewRequest {
    NewRequest() {}

    std::string kind;
    std::optional<std::string> agency;
    std::optional<std::string> payload;  // JSON.
    std::string requested_by;
    std::string reason;             // Not empty, no personal data.
    std::chrono::seconds wait{30};  // Until the deadline.
};

// The payload of a pause that ends by itself.
[[nodiscard]] std::string pause_payload(std::chrono::seconds lasts);

struct Submitted {
    RequestId id;
    std::string deadline;  // As the server renders it.
};

// Puts a request into the inbox; the session is notified of answers from here on.
[[nodiscard]] boost::asio::awaitable<Submitted> submit(libpq::Connection& connection, NewRequest request);

struct Answer {
    RequestOutcome outcome = RequestOutcome::refused;
    std::string text;
};

// The answer, as soon as it is durable. Nothing when there is none within `limit`.
[[nodiscard]] boost::asio::awaitable<std::optional<Answer>> wait_for_answer(
    libpq::Connection& connection, RequestId request, std::chrono::milliseconds limit
);

}  // namespace casebridge::hub
