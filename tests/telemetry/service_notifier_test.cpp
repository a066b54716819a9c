#include "telemetry/service_notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace casebridge::telemetry {
namespace {

using ::testing::MatchesRegex;

class EnvironmentVariable {
public:
    EnvironmentVariable(const char* name, const std::string& value) : name_(name)
    {
        ::setenv(name, value.c_str(), 1);
    }
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
    ~EnvironmentVariable() { ::unsetenv(name_); }

private:
    const char* name_;
};

// Stands where systemd would: an abstract datagram socket, so that no file has to be removed.
class FakeSystemd {
public:
    FakeSystemd() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto name = "casebridge_notify_" + std::to_string(::getpid());
        name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
        const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), bytes) != 0)
            throw std::runtime_error("bind");
        ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    }
    FakeSystemd(const FakeSystemd&) = delete;
    FakeSystemd& operator=(const FakeSystemd&) = delete;
    ~FakeSystemd()
    {
        ::unsetenv("NOTIFY_SOCKET");
        ::close(socket_);
    }

    // The datagram that has arrived; sending it was synchronous.
    [[nodiscard]] std::string received() const
    {
        std::array<char, 512> text{};
        const auto bytes = ::recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
        return bytes < 0 ? "nothing" : std::string{text.data(), static_cast<std::size_t>(bytes)};
    }

private:
    int socket_;
};

TEST(ServiceNotifier, SpeaksSystemdsProtocol)
{
    const FakeSystemd systemd;
    const ServiceNotifier notifier;
    EXPECT_EQ(notifier.ready(), Notified::sent);
    EXPECT_EQ(systemd.received(), "READY=1");
    EXPECT_EQ(notifier.status("sp streaming, es backing_off"), Notified::sent);
    EXPECT_EQ(systemd.received(), "STATUS=sp streaming, es backing_off");
    EXPECT_EQ(notifier.watchdog(), Notified::sent);
    EXPECT_EQ(systemd.received(), "WATCHDOG=1");
    EXPECT_EQ(notifier.reloading(), Notified::sent);
    EXPECT_THAT(systemd.received(), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
    EXPECT_EQ(notifier.stopping(), Notified::sent);
    EXPECT_EQ(systemd.received(), "STOPPING=1");
}

TEST(ServiceNotifier, KeepsAStatusFromBecomingAnotherAssignment)
{
    const FakeSystemd systemd;
    EXPECT_EQ(ServiceNotifier{}.status("one\nREADY=1\r\x1b[2J"), Notified::sent);
    EXPECT_EQ(systemd.received(), "STATUS=one READY=1  [2J");
}

TEST(ServiceNotifier, DoesNothingOutsideSystemd)
{
    ASSERT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
    const ServiceNotifier notifier;
    EXPECT_EQ(notifier.ready(), Notified::not_supervised);
    EXPECT_EQ(notifier.status("x"), Notified::not_supervised);
    EXPECT_EQ(notifier.watchdog_interval(), std::nullopt);
}

TEST(ServiceNotifier, SurvivesASocketThatIsGone)
{
    const EnvironmentVariable gone{"NOTIFY_SOCKET", "@casebridge_nobody_listens_here"};
    EXPECT_EQ(ServiceNotifier{}.ready(), Notified::failed);
}

TEST(ServiceNotifier, FeedsTheWatchdogTwiceInItsInterval)
{
    const EnvironmentVariable limit{"WATCHDOG_USEC", "30000000"};
    const EnvironmentVariable process{"WATCHDOG_PID", std::to_string(::getpid())};
    EXPECT_EQ(ServiceNotifier{}.watchdog_interval(), std::chrono::seconds{15});
}

TEST(ServiceNotifier, IgnoresTheWatchdogOfAnotherProcess)
{
    const EnvironmentVariable limit{"WATCHDOG_USEC", "30000000"};
    const EnvironmentVariable process{"WATCHDOG_PID", std::to_string(::getpid() + 1)};
    EXPECT_EQ(ServiceNotifier{}.watchdog_interval(), std::nullopt);
}

}  // namespace
}  // namespace casebridge::telemetry
