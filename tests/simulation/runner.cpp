#include "tests/simulation/runner.hpp"

#include "model/assert.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <sstream>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace casebridge::simulation {
namespace {

// What a process that fell leaves behind: where it was.
class SeedInHand {
public:
    SeedInHand()
    {
        auto* memory =
            ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        CASEBRIDGE_ASSERT(memory != MAP_FAILED);
        seed_ = static_cast<volatile std::uint64_t*>(memory);
    }
    SeedInHand(SeedInHand&& other) noexcept : seed_(std::exchange(other.seed_, nullptr)) {}
    SeedInHand& operator=(SeedInHand&&) = delete;
    ~SeedInHand()
    {
        if (seed_ != nullptr)
            ::munmap(const_cast<std::uint64_t*>(seed_), sizeof(std::uint64_t));
    }

    void set(std::uint64_t seed) { *seed_ = seed; }
    [[nodiscard]] std::uint64_t get() const { return *seed_; }

private:
    volatile std::uint64_t* seed_;
};

// One process that lives through every jobs-th seed and writes lines about it.
struct Worker {
    pid_t process = 0;
    int pipe = -1;
    SeedInHand seed;
    std::string text;
};

std::string one_line(std::string text)
{
    std::ranges::replace(text, '\n', ' ');
    return text;
}

void write_all(int descriptor, const std::string& text)
{
    for (std::size_t done = 0; done < text.size();) {
        const auto written = ::write(descriptor, text.data() + done, text.size() - done);
        if (written <= 0)
            std::_Exit(3);
        done += static_cast<std::size_t>(written);
    }
}

void work(const RunRequest& request, std::uint64_t first, SeedInHand& in_hand, int descriptor)
{
    Coverage coverage;
    std::size_t histories = 0;
    std::size_t steps = 0;
    std::size_t found = 0;
    const auto report = [&] {
        std::ostringstream lines;
        lines << "H " << histories << ' ' << steps << '\n';
        for (const auto& [name, line] : coverage.lines())
            lines << "C " << line.histories << ' ' << line.times << ' ' << name << '\n';
        write_all(descriptor, lines.str());
        coverage = {};
        histories = steps = 0;
    };
    for (auto seed = first; seed < request.from + request.count && found < request.violations_max;
         seed += request.jobs) {
        in_hand.set(seed);
        const auto result = live_history(seed, request.broken, Trace::Mode::silent, request.agencies);
        ++histories;
        steps += result.steps;
        coverage.add(result.occurrences);
        if (result.violation) {
            ++found;
            std::ostringstream line;
            line << "V " << seed << ' ' << result.violation->step << ' ' << result.violation->checker << ' '
                 << one_line(result.violation->what) << '\n';
            write_all(descriptor, line.str());
        }
        if (histories == 100)
            report();
    }
    report();
}

void start(Worker& worker, const RunRequest& request, std::uint64_t first)
{
    int ends[2];
    CASEBRIDGE_ASSERT(::pipe(ends) == 0);
    worker.seed.set(first);
    std::fflush(nullptr);
    worker.process = ::fork();
    CASEBRIDGE_ASSERT(worker.process >= 0);
    if (worker.process == 0) {
        ::close(ends[0]);
        work(request, first, worker.seed, ends[1]);
        std::_Exit(0);
    }
    ::close(ends[1]);
    worker.pipe = ends[0];
}

void read_to_end(Worker& worker)
{
    char buffer[65'536];
    for (;;) {
        const auto size = ::read(worker.pipe, buffer, sizeof buffer);
        if (size <= 0)
            break;
        worker.text.append(buffer, static_cast<std::size_t>(size));
    }
    ::close(worker.pipe);
}

void add_lines(const std::string& text, RunReport& report)
{
    std::istringstream lines{text};
    std::string kind;
    while (lines >> kind) {
        if (kind == "H") {
            std::size_t histories = 0;
            std::size_t steps = 0;
            lines >> histories >> steps;
            report.histories += histories;
            report.steps += steps;
        } else if (kind == "C") {
            std::size_t histories = 0;
            std::size_t times = 0;
            std::string name;
            lines >> histories >> times;
            std::getline(lines >> std::ws, name);
            report.coverage.add(name, histories, times);
        } else {
            auto& violation = report.violations.emplace_back();
            lines >> violation.seed >> violation.found.step >> violation.found.checker;
            std::getline(lines >> std::ws, violation.found.what);
        }
    }
}

}  // namespace

RunReport run_histories(const RunRequest& request)
{
    const auto begin = std::chrono::steady_clock::now();
    RunReport report;
    std::vector<Worker> workers(request.jobs);
    for (unsigned i = 0; i < request.jobs; ++i)
        start(workers[i], request, request.from + i);
    for (auto& worker : workers) {
        std::size_t falls = 0;
        for (;;) {
            read_to_end(worker);
            int status = 0;
            ::waitpid(worker.process, &status, 0);
            if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                break;
            const auto seed = worker.seed.get();
            report.violations.push_back({
                seed, {"assertion", "the core's own assertion failed", 0}
            });
            ++report.histories;
            if (++falls >= request.violations_max)
                break;
            start(worker, request, seed + request.jobs);
        }
        add_lines(worker.text, report);
    }
    std::ranges::sort(report.violations, {}, &RunViolation::seed);
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return report;
}

void print(const RunReport& report)
{
    std::printf("%10s %10s\n", "histories", "times");
    for (const auto& [name, line] : report.coverage.lines())
        std::printf("%10zu %10zu  %s\n", line.histories, line.times, name.c_str());
    std::printf(
        "%zu steps in %.1f s: %.0f histories/s\n",
        report.steps,
        report.seconds,
        static_cast<double>(report.histories) / report.seconds
    );
    for (const auto& [seed, found] : report.violations)
        std::printf(
            "VIOLATION %s, seed %llu, step %zu: %s\n",
            found.checker.c_str(),
            static_cast<unsigned long long>(seed),
            found.step,
            found.what.c_str()
        );
    if (report.histories >= 1'000)
        for (const auto& [name, line] : report.coverage.too_rare(report.histories))
            std::printf(
                "TOO RARE %s: in %zu of %zu histories\n", name.c_str(), line.histories, report.histories
            );
    std::printf("%zu histories, %zu violations\n", report.histories, report.violations.size());
}

}  // namespace casebridge::simulation
