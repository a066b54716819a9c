#include "telemetry/event_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace casebridge::telemetry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 2026-01-02 03:04:05.678 UTC
const WallTime some_time{std::chrono::milliseconds{1'767'323'045'678}};

Event lane_ready()
{
    return Event{EventCode::lane_ready}
        .at(AgencyId{"sp"})
        .with("to", JournalSeq{17})
        .with("wait_seconds", 0.25);
}

// A log into memory.
struct Fixture {
    std::vector<std::string> lines;
    LineFate fate = LineFate::written;
    Metrics metrics{"0.0.0"};

    EventLog log(EventLogSettings settings)
    {
        const auto sink = [this](std::string_view line) {
            lines.emplace_back(line);
            return fate;
        };
        return EventLog{settings, metrics, sink, [] { return some_time; }};
    }
};

TEST(EventLog, WritesLogfmt)
{
    EXPECT_EQ(
        render(lane_ready(), some_time, LogFormat::logfmt),
        "time=2026-01-02T03:04:05.678Z level=info event=lane_ready agency=sp "
        "says=\"changes can be delivered to the agency\" to=17 wait_seconds=0.25"
    );
}

TEST(EventLog, WritesJson)
{
    EXPECT_EQ(
        render(lane_ready(), some_time, LogFormat::json),
        R"({"time":"2026-01-02T03:04:05.678Z","level":"info","event":"lane_ready","agency":"sp",)"
        R"("says":"changes can be delivered to the agency","to":17,"wait_seconds":0.25})"
    );
}

TEST(EventLog, LeavesOutAnAgencyThatThereIsNot)
{
    const auto line = render(Event{EventCode::started}, some_time, LogFormat::logfmt);
    EXPECT_EQ(line.find("agency="), std::string::npos);
}

TEST(EventLog, WritesNumbersThatJsonDoesNotKnowAsWords)
{
    const auto event = Event{EventCode::started}.with("a", std::nan("")).with("b", -HUGE_VAL);
    const auto line = nlohmann::json::parse(render(event, some_time, LogFormat::json));
    EXPECT_EQ(line["a"], "nan");
    EXPECT_EQ(line["b"], "-inf");
}

TEST(EventLog, MakesOneLineOfEveryEvent)
{
    const Error hostile{
        ErrorClass::permanent, "x", "a\nb", "level=error event=stopped\r\n<0>forged", "\"}\u2028{"};
    auto fixture = Fixture{};
    for (const auto format : {LogFormat::logfmt, LogFormat::json})
        fixture.log({.format = format}).write(Event{EventCode::stream_stopped}.because(hostile));
    for (const auto& line : fixture.lines) {
        EXPECT_EQ(line.find_first_of("\r\n"), line.size() - 1);
        EXPECT_EQ(line.find("\u2028"), std::string::npos);
    }
    EXPECT_EQ(nlohmann::json::parse(fixture.lines[1])["reason"], hostile.message);
}

TEST(EventLog, WritesFromItsLevelUpwards)
{
    auto fixture = Fixture{};
    auto log = fixture.log({.level_min = Level::warning});
    for (const auto level : {Level::debug, Level::info, Level::warning, Level::error})
        log.write(Event{EventCode::started, level});
    EXPECT_THAT(fixture.lines, ElementsAre(HasSubstr("level=warning"), HasSubstr("level=error")));
}

TEST(EventLog, CountsEventsThatItDoesNotWrite)
{
    auto fixture = Fixture{};
    fixture.log({.level_min = Level::error}).write(Event{EventCode::survey_chunk});
    EXPECT_THAT(fixture.lines, ElementsAre());
    EXPECT_THAT(
        fixture.metrics.exposition(), HasSubstr("casebridge_events_total{type=\"survey_chunk\"} 1\n")
    );
}

TEST(EventLog, CountsLinesThatTheSinkLost)
{
    auto fixture = Fixture{};
    fixture.fate = LineFate::lost;
    fixture.log({}).write(Event{EventCode::started});
    EXPECT_THAT(fixture.metrics.exposition(), HasSubstr("casebridge_log_lines_lost_total 1\n"));
}

TEST(EventLog, TellsJournaldThePriority)
{
    auto fixture = Fixture{};
    auto log = fixture.log({.level_min = Level::debug, .prefix = LinePrefix::priority});
    for (const auto level : {Level::debug, Level::info, Level::warning, Level::error})
        log.write(Event{EventCode::started, level});
    const auto begins = [](const char* prefix) { return ::testing::StartsWith(prefix); };
    EXPECT_THAT(
        fixture.lines, ElementsAre(begins("<7>time"), begins("<6>time"), begins("<4>time"), begins("<3>time"))
    );
}

TEST(LinePrefix, IsWantedWhereJournaldReadsThisDescriptor)
{
    struct stat status {};
    ASSERT_EQ(::fstat(STDERR_FILENO, &status), 0);
    const auto own = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
    const auto other = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino + 1);
    EXPECT_EQ(prefix_for(STDERR_FILENO, own.c_str()), LinePrefix::priority);
    EXPECT_EQ(prefix_for(STDERR_FILENO, other.c_str()), LinePrefix::none);
    EXPECT_EQ(prefix_for(STDERR_FILENO, ""), LinePrefix::none);
    EXPECT_EQ(prefix_for(STDERR_FILENO, nullptr), LinePrefix::none);
}

TEST(DescriptorSink, WritesTheWholeLine)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    EXPECT_EQ(descriptor_sink(ends[1])("one line\n"), LineFate::written);
    std::array<char, 32> text{};
    const auto bytes = ::read(ends[0], text.data(), text.size());
    EXPECT_EQ(std::string_view(text.data(), static_cast<std::size_t>(bytes)), "one line\n");
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(DescriptorSink, SaysWhenALineIsLost)
{
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    EXPECT_EQ(descriptor_sink(full)("one line\n"), LineFate::lost);
    ::close(full);
}

}  // namespace
}  // namespace casebridge::telemetry
