#include "telemetry/service_notifier.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <iterator>
#include <string>

namespace casebridge::telemetry {

namespace {

Notified notify(const std::string& assignments)
{
    const int outcome = ::sd_notify(0, assignments.c_str());
    if (outcome == 0)
        return Notified::not_supervised;
    return outcome > 0 ? Notified::sent : Notified::failed;
}

// systemd compares this with its own reading of the same clock to know which reload is meant.
std::uint64_t monotonic_microseconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000U +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000U;
}

bool is_control(char letter)
{
    return static_cast<unsigned char>(letter) < 0x20U || letter == 0x7F;
}

}  // namespace

ServiceNotifier::ServiceNotifier()
{
    std::uint64_t limit_microseconds = 0;
    if (::sd_watchdog_enabled(0, &limit_microseconds) > 0)
        interval_ = std::chrono::microseconds{static_cast<std::int64_t>(limit_microseconds / 2)};
}

Notified ServiceNotifier::ready() const
{
    return notify("READY=1");
}

Notified ServiceNotifier::status(std::string_view text) const
{
    std::string assignment = "STATUS=";
    std::replace_copy_if(text.begin(), text.end(), std::back_inserter(assignment), is_control, ' ');
    return notify(assignment);
}

Notified ServiceNotifier::watchdog() const
{
    return notify("WATCHDOG=1");
}

Notified ServiceNotifier::reloading() const
{
    return notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds()));
}

Notified ServiceNotifier::stopping() const
{
    return notify("STOPPING=1");
}

}  // namespace casebridge::telemetry
