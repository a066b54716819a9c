#pragma once

#include "connectors/libpq/server_error.hpp"
#include "model/error.hpp"

#include <utility>

// Failures of the hub that are not the server's words. Thrown; none holds a personal value.

namespace casebridge::hub {

// The hub holds something that this daemon cannot work with: a newer schema, an entry whose names the present
// configuration does not know. The error names it and the remedy.
class HubFailure : public libpq::DatabaseError {
public:
    explicit HubFailure(Error error) : libpq::DatabaseError(std::move(error)) {}
};

template <class T>
[[nodiscard]] T value_or_throw(Result<T> result)
{
    if (!result)
        throw HubFailure{result.error()};
    return std::move(*result);
}

// Another daemon leads, or the hub was changed behind our back. Everything in memory is void: start again
// from the hub, as one who waits. Transient.
class LeadershipLost : public libpq::DatabaseError {
public:
    // `place` names what was refused: `journal append`.
    explicit LeadershipLost(std::string place)
        : libpq::DatabaseError(Error{
              .kind = ErrorClass::transient,
              .code = "leadership_lost",
              .place = std::move(place),
              .message = "the hub does not accept this daemon as its leader any more",
              .remedy = "nothing, if another daemon has taken over; otherwise look at casebridge.leader",
          })
    {
    }
};

}  // namespace casebridge::hub
