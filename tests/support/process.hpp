#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

// Starting programs from tests, without a shell and without threads.

namespace casebridge::test {

using Arguments = std::vector<std::string>;

// Runs a program found by PATH to its end, standard output and standard error going to `log`. Returns its
// exit status, 128 + n for signal n. Throws std::system_error if it cannot be started.
int run(const Arguments& arguments, const std::filesystem::path& log);

// First line of the standard output of a program that ends well; empty if it does not.
std::string first_output_line(const Arguments& arguments);

// Something that must be tidied away when this process ends, however it ends. A shell in a session of its own
// waits for our end of a pipe to close, which the kernel does even after SIGKILL, and then runs `script` with
// the arguments $1, $2 ….
class Undertaker {
public:
    Undertaker(const std::string& script, const Arguments& arguments);
    Undertaker(const Undertaker&) = delete;
    Undertaker& operator=(const Undertaker&) = delete;

    // Lets it do its work now and waits until it has.
    ~Undertaker();

private:
    int lifeline_ = -1;  // Writing end: closing it starts the work.
    int done_ = -1;      // Reading end: closed by the shell's end.
};

}  // namespace casebridge::test
