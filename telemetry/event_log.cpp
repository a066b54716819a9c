#include "telemetry/event_log.hpp"

#include "telemetry/quoting.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace casebridge::telemetry {

namespace {

template <class T>
std::string digits(T number)
{
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
    return {text.data(), end};
}

std::string utc(WallTime time)
{
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{floor<milliseconds>(time - day)};
    std::array<char, 64> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count())
    );
    return text.data();
}

// Appends `key=value` or `"key":value`; the pair of characters around them is all that the formats differ in,
// apart from numbers without a JSON form and from words, which logfmt leaves bare.
class LineWriter {
public:
    explicit LineWriter(LogFormat format) : format_(format) {}

    void text(std::string_view key, std::string_view value)
    {
        begin(key);
        line_ += format_ == LogFormat::json ? json_string(value) : logfmt_value(value);
    }

    void field(const EventField& field)
    {
        std::visit([this, &field](const auto& content) { put(field.key, content); }, field.content);
    }

    std::string finish() { return format_ == LogFormat::json ? "{" + line_ + "}" : std::move(line_); }

private:
    void put(std::string_view key, const std::string& value) { text(key, value); }
    void put(std::string_view key, double value)
    {
        if (!std::isfinite(value))
            return text(key, std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        begin(key);
        line_ += digits(value);
    }
    template <class Integer>
    void put(std::string_view key, Integer value)
    {
        begin(key);
        line_ += digits(value);
    }

    void begin(std::string_view key)
    {
        if (!line_.empty())
            line_ += format_ == LogFormat::json ? ',' : ' ';
        if (format_ == LogFormat::json)
            ((line_ += '"') += key) += "\":";
        else
            (line_ += key) += '=';
    }

    LogFormat format_;
    std::string line_;
};

// syslog's priorities.
const char* priority_prefix(Level level)
{
    switch (level) {
        case Level::debug:
            return "<7>";
        case Level::info:
            return "<6>";
        case Level::warning:
            return "<4>";
        case Level::error:
            return "<3>";
    }
    return "<3>";
}

LineFate write_all(int descriptor, std::string_view line)
{
    while (!line.empty()) {
        const auto written = ::write(descriptor, line.data(), line.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return LineFate::lost;
        line.remove_prefix(static_cast<std::size_t>(written));
    }
    return LineFate::written;
}

}  // namespace

std::string render(const Event& event, WallTime time, LogFormat format)
{
    LineWriter line{format};
    line.text("time", utc(time));
    line.text("level", to_string(event.level()));
    line.text("event", to_string(event.code()));
    if (event.agency())
        line.text("agency", event.agency()->value());
    line.text("says", meaning_of(event.code()).says);
    for (const auto& field : event.fields())
        line.field(field);
    return line.finish();
}

LinePrefix prefix_for(int descriptor, const char* journal_stream)
{
    struct stat status {};
    if (journal_stream == nullptr || ::fstat(descriptor, &status) != 0)
        return LinePrefix::none;
    const auto here = digits(status.st_dev) + ":" + digits(status.st_ino);
    return here == journal_stream ? LinePrefix::priority : LinePrefix::none;
}

LineSink descriptor_sink(int descriptor)
{
    return [descriptor](std::string_view line) { return write_all(descriptor, line); };
}

EventLog::EventLog(EventLogSettings settings, Metrics& metrics, LineSink sink, Clock clock)
    : settings_(settings), metrics_(metrics), sink_(std::move(sink)), clock_(std::move(clock))
{
}

void EventLog::write(const Event& event)
{
    metrics_.event_seen(event.code());
    if (event.level() < settings_.level_min)
        return;
    std::string line = settings_.prefix == LinePrefix::priority ? priority_prefix(event.level()) : "";
    line += render(event, clock_(), settings_.format);
    line += '\n';
    if (sink_(line) == LineFate::lost)
        metrics_.log_line_lost();
}

}  // namespace casebridge::telemetry
