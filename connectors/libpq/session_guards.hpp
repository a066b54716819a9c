#pragma once

#include "connectors/libpq/session.hpp"
#include "model/assert.hpp"

// Who uses the session right now. Of this room only.

namespace casebridge::libpq::detail {

// One operation that needs the connection alone. If it is left before it ended, by an error or a
// cancellation, the server's answer is still on its way and nobody will know whose it is: the connection
// becomes unusable.
class Session::Query {
public:
    explicit Query(Session& session) : session_(session)
    {
        if (session.phase_ == Phase::unusable)
            throw ConnectionLost{"the connection broke or was cancelled earlier"};
        CASEBRIDGE_ASSERT(session.phase_ == Phase::idle);
        session.phase_ = Phase::querying;
    }

    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    ~Query()
    {
        if (session_.phase_ == Phase::querying)
            session_.phase_ = left_;
    }

    // The server's answer has been read to its end.
    void end(Phase next) noexcept { session_.phase_ = next; }

    // Leaving early is harmless here.
    void end_on_exit() noexcept { left_ = Phase::idle; }

private:
    Session& session_;
    Phase left_ = Phase::unusable;
};

// One direction of a COPY BOTH. Leaving it early leaves nothing half done: libpq keeps what was read and what
// is to be sent.
class Session::Turn {
public:
    Turn(const Session& session, Use& direction) : direction_(direction)
    {
        if (session.phase_ == Phase::unusable)
            throw ConnectionLost{"the stream has ended or broke earlier"};
        CASEBRIDGE_ASSERT(session.phase_ == Phase::copying_both || session.phase_ == Phase::copy_both_ending);
        CASEBRIDGE_ASSERT(direction == Use::free);
        direction = Use::taken;
    }

    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    ~Turn() { direction_ = Use::free; }

private:
    Use& direction_;
};

}  // namespace casebridge::libpq::detail
