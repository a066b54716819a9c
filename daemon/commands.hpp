#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

// The commands of the command line. Each prints for people on stdout, complaints on stderr, and returns an
// exit code of sysexits.h.

namespace casebridge::daemon {

enum class OutputFormat { text, json };

// What a command that connects to the agencies' servers is allowed to do there.
enum class SetupAction {
    print,  // Show the SQL for a database administrator, connect to the hub only.
    set_up,
    tear_down,
};

// Loads and checks the configuration; prints every mistake.
[[nodiscard]] int check(const std::filesystem::path& configuration);

// Runs the daemon in the foreground until it is told to stop.
[[nodiscard]] int run(const std::filesystem::path& configuration);

// Prepares, or cleans, the agencies' databases. `agency` restricts it to one.
[[nodiscard]] int setup(
    const std::filesystem::path& configuration, SetupAction action, const std::optional<std::string>& agency
);

// What the hub says about the bridge; with an interval again and again until SIGINT or SIGTERM, whether the
// hub answers or not.
[[nodiscard]] int status(
    const std::filesystem::path& configuration,
    OutputFormat format,
    std::optional<std::chrono::seconds> interval = std::nullopt
);

struct DoctorRequest {
    enum class Detail { findings, everything };
    enum class Strictness { errors_count, warnings_count };

    OutputFormat format = OutputFormat::text;
    Detail detail = Detail::findings;
    Strictness strictness = Strictness::errors_count;
};

// Examines the agencies' servers and the hub and changes nothing (docs/doctor.md).
[[nodiscard]] int examine(const std::filesystem::path& configuration, DoctorRequest request);

// Rebuilds every projection of the hub from its journal. No daemon may lead meanwhile.
[[nodiscard]] int rebuild(const std::filesystem::path& configuration);

}  // namespace casebridge::daemon
