#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

// What docs/operate.md promises of the unit, read as text: true without systemd's tools.

namespace {

using ::testing::HasSubstr;

std::string read(const std::string& path)
{
    std::ifstream file{CASEBRIDGE_SOURCE_DIR "/" + path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(UnitFile, DoesNotRestartWhatCannotSucceed)
{
    EXPECT_THAT(read("systemd/casebridge.service"), HasSubstr("\nRestartPreventExitStatus=64 65 66 78\n"));
}

TEST(UnitFile, WaitsLongerForTheEndThanADrainTakes)
{
    EXPECT_THAT(read("systemd/casebridge.service"), HasSubstr("\nTimeoutStopSec=60\n"));
    EXPECT_THAT(read("docs/operate.md"), HasSubstr("takes at most 30 seconds"));
}

TEST(UnitFile, ReloadsByTheSignalThatTheDaemonTakes)
{
    EXPECT_THAT(read("systemd/casebridge.service"), HasSubstr("\nExecReload=/bin/kill -HUP $MAINPID\n"));
}

TEST(UnitFile, LeavesNoCoreWithPeoplesData)
{
    EXPECT_THAT(read("systemd/casebridge.service"), HasSubstr("\nLimitCORE=0\n"));
}

}  // namespace
