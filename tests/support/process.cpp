#include "tests/support/process.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ;

namespace casebridge::test {
namespace {

[[noreturn]] void fail(int error, const char* what)
{
    throw std::system_error(error, std::generic_category(), what);
}

// Which descriptors the child gets; all others of ours are closed on exec.
class FileActions {
public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

    void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
    void open(int descriptor, const char* path, int flags)
    {
        posix_spawn_file_actions_addopen(&actions_, descriptor, path, flags, 0600);
    }

    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

pid_t spawn(const Arguments& arguments, const FileActions& actions)
{
    std::vector<char*> pointers;
    for (const auto& argument : arguments)
        pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    pid_t child = 0;
    const int error = posix_spawnp(&child, pointers[0], actions.get(), nullptr, pointers.data(), environ);
    if (error != 0)
        fail(error, "posix_spawnp");
    return child;
}

int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            fail(errno, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::array<int, 2> make_pipe()
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        fail(errno, "pipe2");
    return ends;
}

std::string read_all(int descriptor)
{
    std::string text;
    std::array<char, 4096> piece{};
    while (true) {
        const auto size = read(descriptor, piece.data(), piece.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return text;
        text.append(piece.data(), static_cast<std::size_t>(size));
    }
}

}  // namespace

int run(const Arguments& arguments, const std::filesystem::path& log)
{
    FileActions actions;
    actions.open(0, "/dev/null", O_RDONLY);
    actions.open(1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND);
    actions.duplicate(1, 2);
    return wait_for(spawn(arguments, actions));
}

std::string first_output_line(const Arguments& arguments)
{
    const auto [reading, writing] = make_pipe();
    FileActions actions;
    actions.duplicate(writing, 1);
    actions.open(2, "/dev/null", O_WRONLY);
    const auto child = spawn(arguments, actions);
    close(writing);
    const auto text = read_all(reading);
    close(reading);
    return wait_for(child) == 0 ? text.substr(0, text.find('\n')) : std::string{};
}

Undertaker::Undertaker(const std::string& script, const Arguments& arguments)
{
    const auto lifeline = make_pipe();
    const auto done = make_pipe();
    FileActions actions;
    actions.duplicate(lifeline[0], 0);
    actions.duplicate(done[1], 1);
    actions.open(2, "/dev/null", O_WRONLY);
    // `setsid --fork` makes it nobody's child: a signal to the process group, or a test driver that kills the
    // whole tree of a suite that took too long, does not reach it.
    Arguments command{"setsid", "--fork", "sh", "-c", "cat >/dev/null; " + script, "undertaker"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const int status = wait_for(spawn(command, actions));
    close(lifeline[0]);
    close(done[1]);
    if (status != 0)
        fail(ECHILD, "setsid");
    lifeline_ = lifeline[1];
    done_ = done[0];
}

Undertaker::~Undertaker()
{
    close(lifeline_);
    read_all(done_);
    close(done_);
}

}  // namespace casebridge::test
