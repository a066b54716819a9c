#include "console/health_routes.hpp"
#include "console/http_server.hpp"
#include "daemon/supervisor.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <cstdint>
#include <fstream>
#include <optional>
#include <unistd.h>

// What the supervisor tells over HTTP, and what it does when it cannot.

namespace casebridge::daemon {

using boost::asio::awaitable;
using telemetry::Event;
using telemetry::EventCode;

namespace {

Error listen_error(const boost::system::error_code& code)
{
    Error error{
        .kind = ErrorClass::permanent,
        .code = "http_address_not_usable",
        .place = "web/listen",
        .message = "the address cannot be listened on: " + code.message(),
        .remedy = "name another address or port in web/listen",
    };
    if (code == boost::asio::error::address_in_use) {
        error.kind = ErrorClass::transient;
        error.code = "http_address_in_use";
        error.message = "another process listens on the address already";
        error.remedy = "stop the other process, or name another port in web/listen";
    } else if (code == boost::system::errc::address_not_available) {
        error.kind = ErrorClass::transient;
        error.code = "http_address_not_here";
        error.message = "this host does not have the address";
        error.remedy = "bring the network interface up, or name an address of this host in web/listen";
    } else if (code == boost::asio::error::access_denied) {
        error.code = "http_port_forbidden";
        error.message = "the service may not use the port";
        error.remedy = "name a port above 1023 in web/listen";
    }
    return error;
}

// Of this process; nothing if the system does not tell.
std::optional<std::uint64_t> resident_memory_bytes()
{
    std::ifstream statm{"/proc/self/statm"};
    std::uint64_t pages = 0;
    if (!(statm >> pages >> pages))
        return std::nullopt;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// A waiting stream is read as fast as the hub can take it; a paused agency is as an operator wants it. Nobody
// has to act.
console::Health health_of(telemetry::StreamState state)
{
    using enum telemetry::StreamState;
    const bool well = state == streaming || state == surveying || state == waiting || state == paused;
    return well ? console::Health::ok : console::Health::failing;
}

console::Health health_of(telemetry::LaneState state)
{
    const bool well = state == telemetry::LaneState::ready || state == telemetry::LaneState::paused;
    return well ? console::Health::ok : console::Health::failing;
}

}  // namespace

console::ReadyState Supervisor::ready_state() const
{
    console::ReadyState ready;
    ready.health = leads() ? console::Health::ok : console::Health::failing;
    ready.reason = leads() ? "leading" : "waiting for the hub or for the lead";
    for (const auto& agency : settings_->definition.agencies) {
        const auto reading = observation_->stream_state(agency);
        const auto writing = observation_->lane_state(agency);
        ready.streams.push_back(
            {agency.value() + " capture", std::string{to_string(reading)}, health_of(reading)}
        );
        ready.streams.push_back(
            {agency.value() + " delivery", std::string{to_string(writing)}, health_of(writing)}
        );
    }
    return ready;
}

awaitable<void> Supervisor::serve_http()
{
    console::HealthSources sources;
    sources.metrics_text = [this] {
        if (work_ && work_->conductor)
            observation_->refresh(*work_->conductor);
        if (const auto bytes = resident_memory_bytes())
            metrics_.resident_memory(*bytes);
        return metrics_.exposition();
    };
    sources.live = [this] {
        if (live())
            return console::LiveState{console::Health::ok, {}};
        return console::LiveState{console::Health::failing, "a decision has not ended for a minute"};
    };
    sources.ready = [this] { return ready_state(); };
    const console::Listen listen = console::TcpListen{settings_->web.host, settings_->web.port};
    bool bound = false;
    const auto listening = [this, &bound](const console::Listen& address) {
        bound = true;
        log_.write(
            Event{EventCode::http_listening}.with("address", telemetry::ConfiguredName{to_string(address)})
        );
        // A standby is up as well: being started must not depend on having the lead.
        notifier_.ready();
        listening_.notify();
    };
    try {
        co_await console::serve(
            listen, console::health_routes(std::move(sources)), console::ServerSettings{}, listening
        );
    } catch (const boost::system::system_error& failure) {
        if (bound)
            throw;
        throw CannotListen{to_string(listen), listen_error(failure.code())};
    }
}

}  // namespace casebridge::daemon
