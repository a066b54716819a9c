#include "console/http_server.hpp"

#include "tests/console/running_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sys/stat.h>
#include <vector>

namespace casebridge::console::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const Listen any_port{
    TcpListen{"127.0.0.1", 0}
};

Response echo_path(const Request& request)
{
    return {.body = "you asked for " + request.path + "\n"};
}

std::string request(const std::string& method, const std::string& path, const std::string& host)
{
    return method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

std::string last_request(const std::string& method, const std::string& path, const std::string& host)
{
    return method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
}

std::string ask_once(const RunningServer& server, const std::string& text)
{
    Client client{server.bound()};
    client.send(text);
    return client.receive_all();
}

bool was_cancelled(const std::exception_ptr& error)
{
    try {
        if (error)
            std::rethrow_exception(error);
    } catch (const boost::system::system_error& failure) {
        return failure.code() == boost::asio::error::operation_aborted;
    }
    return false;
}

class TemporaryDirectory {
public:
    TemporaryDirectory()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "casebridge_console_XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("mkdtemp");
        path_ = pattern;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::string socket() const { return (path_ / "http.sock").string(); }

private:
    std::filesystem::path path_;
};

TEST(HttpServer, ReportsThePortThatTheSystemPicked)
{
    const RunningServer server{any_port, echo_path, {}};
    EXPECT_NE(std::get<TcpListen>(server.bound()).port, 0);
}

TEST(HttpServer, AnswersGet)
{
    const RunningServer server{any_port, echo_path, {}};
    const auto answer = ask_once(server, last_request("GET", "/livez", server.host()));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nyou asked for /livez\n"));
}

TEST(HttpServer, AnswersHeadWithTheLengthAndWithoutTheBody)
{
    const RunningServer server{any_port, echo_path, {}};
    const auto answer = ask_once(server, last_request("HEAD", "/livez", server.host()));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 21\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(HttpServer, SendsTheSecurityHeadersWithEveryAnswer)
{
    const RunningServer server{any_port, echo_path, {}};
    for (const auto* method : {"GET", "POST"}) {
        const auto answer = ask_once(server, last_request(method, "/", server.host()));
        EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
        EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'"));
        EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
        EXPECT_THAT(answer, Not(HasSubstr("Server:")));
    }
}

TEST(HttpServer, KeepsAConnectionForTheNextRequest)
{
    const RunningServer server{any_port, echo_path, {}};
    Client client{server.bound()};
    for (const auto* path : {"/a", "/b", "/c"}) {
        client.send(request("GET", path, server.host()));
        EXPECT_THAT(client.receive_one(), HasSubstr(std::string{"you asked for "} + path));
    }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder)
{
    const RunningServer server{any_port, echo_path, {}};
    Client client{server.bound()};
    client.send(request("GET", "/a", server.host()) + request("GET", "/b", server.host()));
    EXPECT_THAT(client.receive_one(), HasSubstr("you asked for /a"));
    EXPECT_THAT(client.receive_one(), HasSubstr("you asked for /b"));
}

TEST(HttpServer, SkipsTheBodyOfAGet)
{
    const RunningServer server{any_port, echo_path, {}};
    Client client{server.bound()};
    client.send("GET /a HTTP/1.1\r\nHost: " + server.host() + "\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_THAT(client.receive_one(), HasSubstr("you asked for /a"));
    client.send(request("GET", "/b", server.host()));
    EXPECT_THAT(client.receive_one(), HasSubstr("you asked for /b"));
}

TEST(HttpServer, RefusesAForeignHost)
{
    const RunningServer server{any_port, echo_path, {}};
    const auto answer = ask_once(server, request("GET", "/metrics", "rebound.example:9464"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 "));
    EXPECT_THAT(answer, Not(HasSubstr("you asked for")));
}

TEST(HttpServer, AdmitsAConfiguredHost)
{
    const RunningServer server{any_port, echo_path, {.allowed_hosts = {"casebridge.example:443"}}};
    EXPECT_THAT(
        ask_once(server, last_request("GET", "/", "casebridge.example:443")), StartsWith("HTTP/1.1 200 ")
    );
}

TEST(HttpServer, RefusesPostAndEndsTheConnection)
{
    const RunningServer server{any_port, echo_path, {}};
    const auto answer = ask_once(server, request("POST", "/metrics", server.host()));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
}

TEST(HttpServer, RefusesATooLargeHeaderAndStillSaysWhy)
{
    const RunningServer server{any_port, echo_path, {}};
    const auto text =
        "GET / HTTP/1.1\r\nHost: " + server.host() + "\r\nX: " + std::string(64 * 1024, 'x') + "\r\n\r\n";
    Client client{server.bound()};
    client.send(text);
    EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 431 "));
    // A reset could overtake the answer on a slower network than this one. Behind another client's answer it
    // would have arrived.
    EXPECT_THAT(ask_once(server, last_request("GET", "/", server.host())), StartsWith("HTTP/1.1 200 "));
    EXPECT_FALSE(client.was_reset());
}

TEST(HttpServer, RefusesATooLargeBodyBeforeItArrives)
{
    const RunningServer server{any_port, echo_path, {}};
    Client client{server.bound()};
    client.send("GET / HTTP/1.1\r\nHost: " + server.host() + "\r\nContent-Length: 65537\r\n\r\n");
    EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, RefusesWhatIsNotHttp)
{
    const RunningServer server{any_port, echo_path, {}};
    EXPECT_THAT(ask_once(server, "\x16\x03\x01 client hello\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST(HttpServer, RefusesTwoAnnouncementsOfTheBodysLength)
{
    const RunningServer server{any_port, echo_path, {}};
    const auto head = "GET / HTTP/1.1\r\nHost: " + server.host() + "\r\n";
    for (const auto* framing :
         {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
          "Content-Length: 4\r\nContent-Length: 4\r\n",
          "Content-Length: 4\r\nContent-Length: 5\r\n"})
        EXPECT_THAT(ask_once(server, head + framing + "\r\n0\r\n\r\n"), StartsWith("HTTP/1.1 400 "))
            << framing;
}

TEST(HttpServer, CutsAClientThatDoesNotFinishItsRequest)
{
    const RunningServer server{any_port, echo_path, {.expiry = std::chrono::milliseconds{50}}};
    Client client{server.bound()};
    client.send("GET / HTTP/1.1\r\nHost: ");
    EXPECT_EQ(client.receive_all(), "");
}

TEST(HttpServer, CutsAClientThatDoesNotTakeItsAnswer)
{
    // More than the socket buffers of both ends hold, so the server has to wait for the client.
    const auto large = [](const Request&) { return Response{.body = std::string(32UL << 20U, 'x')}; };
    const RunningServer server{
        any_port, large, {.expiry = std::chrono::milliseconds{50}, .connections_max = 1}
    };
    Client sluggish{server.bound()};
    sluggish.send(request("GET", "/", server.host()));

    // The only counter is free again once the sluggish client is cut.
    Client other{server.bound()};
    other.send(last_request("HEAD", "/", server.host()));
    EXPECT_THAT(other.receive_all(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, SurvivesAClientThatResetsItsConnection)
{
    const RunningServer server{any_port, echo_path, {.connections_max = 1}};
    for (int count = 0; count < 20; ++count) {
        Client client{server.bound()};
        client.send("GET / HTTP/1.1\r\n");
        client.reset();
    }
    EXPECT_THAT(ask_once(server, last_request("GET", "/", server.host())), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, AnswersAsManyConnectionsAsItMayHave)
{
    const RunningServer server{any_port, echo_path, {}};
    std::vector<std::unique_ptr<Client>> clients;
    for (int count = 0; count < 64; ++count)
        clients.push_back(std::make_unique<Client>(server.bound()));
    for (const auto& client : clients)
        client->send(request("GET", "/x", server.host()));
    for (const auto& client : clients)
        EXPECT_THAT(client->receive_one(), HasSubstr("you asked for /x"));
}

TEST(HttpServer, LetsOneConnectionTooManyWaitForItsTurn)
{
    const RunningServer server{any_port, echo_path, {.connections_max = 2}};
    Client first{server.bound()};
    Client second{server.bound()};
    const auto ask = [&server](Client& client) {
        client.send(request("GET", "/x", server.host()));
        return client.receive_one();
    };
    ask(first);
    ask(second);
    Client third{server.bound()};
    third.send(request("GET", "/third", server.host()));
    ask(first);
    ask(second);
    EXPECT_TRUE(third.nothing_received());

    first.close();
    EXPECT_THAT(third.receive_one(), HasSubstr("you asked for /third"));
}

TEST(HttpServer, ClosesEverySessionWhenItIsCancelled)
{
    // Often, because a cancellation has its own ways between any two steps of reading.
    for (int times = 0; times < 300; ++times) {
        RunningServer server{any_port, echo_path, {}};
        Client idle{server.bound()};
        idle.send(request("GET", "/", server.host()));
        idle.receive_one();
        Client half{server.bound()};
        half.send("GET / HTTP/1.1\r\n");

        server.cancel();

        ASSERT_TRUE(was_cancelled(server.wait_for_end()));
        ASSERT_EQ(idle.receive_all(), "");
        ASSERT_EQ(half.receive_all(), "");
    }
}

TEST(HttpServer, EndsWithTheHandlersException)
{
    const auto broken = [](const Request&) -> Response { throw std::logic_error("broken handler"); };
    RunningServer server{any_port, broken, {}};
    ask_once(server, last_request("GET", "/", server.host()));
    EXPECT_THROW(std::rethrow_exception(server.wait_for_end()), std::logic_error);
}

TEST(HttpServer, ThrowsWhenTheAddressIsTaken)
{
    const RunningServer first{any_port, echo_path, {}};
    EXPECT_THROW((RunningServer{first.bound(), echo_path, {}}), boost::system::system_error);
}

TEST(HttpServer, ListensOnAUnixSocketForItsGroupOnlyAndRemovesIt)
{
    const TemporaryDirectory directory;
    const Listen listen{UnixListen{directory.socket()}};
    {
        const RunningServer server{listen, echo_path, {}};
        struct stat status {};
        ASSERT_EQ(::stat(directory.socket().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0660U);
        EXPECT_THAT(ask_once(server, last_request("GET", "/", "localhost")), StartsWith("HTTP/1.1 200 "));
    }
    EXPECT_FALSE(std::filesystem::exists(directory.socket()));
}

TEST(HttpServer, ReplacesTheUnixSocketOfAKilledPredecessor)
{
    const TemporaryDirectory directory;
    const int abandoned = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    directory.socket().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(abandoned, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(abandoned);

    const RunningServer server{Listen{UnixListen{directory.socket()}}, echo_path, {}};
    EXPECT_THAT(ask_once(server, last_request("GET", "/", "localhost")), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, LeavesTheUnixSocketOfALivingServerAlone)
{
    const TemporaryDirectory directory;
    const Listen listen{UnixListen{directory.socket()}};
    const RunningServer first{listen, echo_path, {}};
    EXPECT_THROW((RunningServer{listen, echo_path, {}}), boost::system::system_error);
    EXPECT_THAT(ask_once(first, last_request("GET", "/", "localhost")), StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace casebridge::console::testing
