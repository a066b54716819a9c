#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <sys/wait.h>

// Judges systemd/ with systemd's own tools, without a running systemd.

namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr const char* unit_path = CASEBRIDGE_SOURCE_DIR "/systemd/casebridge.service";

// In tenths, as --threshold counts: 1.2 of 10.
constexpr int exposure_max_tenths = 12;

struct Outcome {
    int exit_status;
    std::string output;  // Both streams.
};

Outcome run(const std::string& command)
{
    Outcome outcome{};
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr)
        throw std::runtime_error("popen");
    std::array<char, 4096> part{};
    while (const auto bytes = std::fread(part.data(), 1, part.size(), pipe))
        outcome.output.append(part.data(), bytes);
    outcome.exit_status = WEXITSTATUS(::pclose(pipe));
    return outcome;
}

std::string read(const std::string& path)
{
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

// A directory with a copy of the unit whose program exists: whether ours is installed is not the question
// here.
class SystemdUnit : public ::testing::Test {
protected:
    void SetUp() override
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "casebridge_unit_XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        std::ofstream{copy(
        )} << std::regex_replace(read(unit_path), std::regex{"ExecStart=.*"}, "ExecStart=/bin/true");
    }

    void TearDown() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string copy() const { return (directory_ / "casebridge.service").string(); }

    std::filesystem::path directory_;
};

class SystemdAnalyze : public SystemdUnit {
protected:
    void SetUp() override
    {
        if (run("systemd-analyze --version").exit_status != 0)
            GTEST_SKIP(
            ) << "systemd-analyze is not installed: the unit was not judged (Debian package systemd)";
        SystemdUnit::SetUp();
    }
};

TEST_F(SystemdAnalyze, UnderstandsEveryLineOfTheUnit)
{
    // An unknown key is only a warning with exit status 0, so silence is what counts.
    const auto outcome = run("systemd-analyze verify --man=no " + copy());
    EXPECT_EQ(outcome.exit_status, 0);
    EXPECT_EQ(outcome.output, "");
}

TEST_F(SystemdAnalyze, NoticesAnUnknownKey)
{
    std::ofstream{copy(), std::ios::app} << "[Service]\nNoSuchKey=yes\n";
    EXPECT_THAT(run("systemd-analyze verify --man=no " + copy()).output, HasSubstr("NoSuchKey"));
}

TEST_F(SystemdAnalyze, FindsLittleExposure)
{
    const auto outcome =
        run("systemd-analyze security --no-pager --offline=true --threshold=" +
            std::to_string(exposure_max_tenths) + " " + copy());
    EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("Overall exposure level"));
}

TEST_F(SystemdAnalyze, MakesTheUser)
{
    const auto root = (directory_ / "root").string();
    std::filesystem::create_directories(root + "/etc");
    const auto outcome =
        run("systemd-sysusers --root=" + root + " - < " CASEBRIDGE_SOURCE_DIR "/systemd/casebridge.sysusers");
    EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
    EXPECT_THAT(read(root + "/etc/passwd"), ContainsRegex("casebridge:x:[0-9]+:[0-9]+:.*nologin"));
}

}  // namespace
