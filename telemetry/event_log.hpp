#pragma once

#include "telemetry/event.hpp"
#include "telemetry/metrics.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

// The one place where an event becomes a log line and a count.

namespace casebridge::telemetry {

enum class LogFormat {
    logfmt,  // time=2026-01-02T03:04:05.678Z level=info event=lane_ready agency=sp says="changes can be …"
             // to=17
    json,    // The same keys in the same order, one object a line; agency is left out where there is none.
};

// Whether lines begin with `<6>`, which journald takes for the line's priority.
enum class LinePrefix { none, priority };

struct EventLogSettings {
    LogFormat format = LogFormat::logfmt;
    Level level_min = Level::info;  // Events below are counted, not written.
    LinePrefix prefix = LinePrefix::none;
};

using WallTime = std::chrono::system_clock::time_point;

// Says whether the whole line, its line end included, was written.
enum class LineFate { written, lost };
using LineSink = std::function<LineFate(std::string_view line)>;

// The event as one line without a line end. Whatever the event holds, there is no line end inside either, and
// JSON is valid.
[[nodiscard]] std::string render(const Event& event, WallTime time, LogFormat format);

// priority if journald reads this file descriptor: `journal_stream`, the content of $JOURNAL_STREAM or
// nullptr, names its device and inode. Otherwise the variable was inherited and our output goes elsewhere.
[[nodiscard]] LinePrefix prefix_for(int descriptor, const char* journal_stream);

// Writes to a file descriptor that the caller keeps open; one system call a line unless it is interrupted.
[[nodiscard]] LineSink descriptor_sink(int descriptor);

class EventLog {
public:
    using Clock = std::function<WallTime()>;

    // `metrics` must outlive the log. The clock stamps lines and decides nothing.
    EventLog(
        EventLogSettings settings,
        Metrics& metrics,
        LineSink sink,
        Clock clock = std::chrono::system_clock::now
    );

    // Counts the event and writes its line if the level is high enough. Never throws for a sink that fails:
    // the line is counted as lost, because work must not stop for want of a log.
    void write(const Event& event);

private:
    EventLogSettings settings_;
    Metrics& metrics_;
    LineSink sink_;
    Clock clock_;
};

}  // namespace casebridge::telemetry
