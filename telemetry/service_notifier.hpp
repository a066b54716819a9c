#pragma once

#include <chrono>
#include <optional>
#include <string_view>

// Tells systemd how the service is (sd_notify). Outside systemd, where $NOTIFY_SOCKET is not set, every call
// does nothing, so nobody has to ask where the program runs.

namespace casebridge::telemetry {

// What became of a notification. A failure is not worth stopping for: systemd acts on silence by itself.
enum class Notified { sent, not_supervised, failed };

class ServiceNotifier {
public:
    // Reads the watchdog's interval from the environment ($WATCHDOG_USEC, $WATCHDOG_PID).
    ServiceNotifier();

    // How often watchdog() is to be called: half of the time after which systemd kills us. Nothing: no
    // watchdog.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval() const noexcept
    {
        return interval_;
    }

    // Start-up is complete. Also ends a reload.
    Notified ready() const;

    // One line for `systemctl status`. Control characters become spaces: a line end would begin another
    // assignment of the protocol. No personal data, as in any log.
    Notified status(std::string_view text) const;

    // Call it only after real progress, or in a named state of waiting; a timer alone would defeat the
    // watchdog.
    Notified watchdog() const;

    // A reload has begun; ready() follows when it is done.
    Notified reloading() const;

    // Shutdown has begun.
    Notified stopping() const;

private:
    std::optional<std::chrono::microseconds> interval_;
};

}  // namespace casebridge::telemetry
