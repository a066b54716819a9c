#include "tests/simulation/history.hpp"
#include "tests/simulation/runner.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace casebridge::simulation;

// A start that nobody has chosen, printed so that it can be chosen again.
std::uint64_t fresh_start()
{
    std::random_device source;
    return (std::uint64_t{source()} << 32U) | source();
}

int print_trace(std::uint64_t seed, BrokenCore broken, std::optional<std::size_t> agencies)
{
    const auto result = live_history(seed, broken, Trace::Mode::printing, agencies);
    for (const auto& [name, times] : result.occurrences.counts())
        std::printf("%8zu  %s\n", times, name.c_str());
    std::printf("1 histories, %d violations\n", result.violation ? 1 : 0);
    return result.violation ? 1 : 0;
}

bool simulate(const RunRequest& request)
{
    const auto report = run_histories(request);
    print(report);
    const bool rare =
        report.histories >= 1'000 && !request.agencies && !report.coverage.too_rare(report.histories).empty();
    return report.violations.empty() && !rare;
}

// Looks for a history in which the checker that answers for a broken core catches it.
std::optional<RunViolation> catch_broken(
    const BrokenCoreName& broken, std::uint64_t from, std::uint64_t count, unsigned jobs
)
{
    constexpr std::uint64_t chunk = 20;
    for (std::uint64_t done = 0; done < count; done += chunk) {
        const auto report = run_histories({from + done, chunk, jobs, broken.core, chunk});
        for (const auto& violation : report.violations)
            if (violation.found.checker == broken.checker)
                return violation;
    }
    return std::nullopt;
}

bool simulate_broken_cores(std::uint64_t from, std::uint64_t count, unsigned jobs)
{
    bool all_caught = true;
    for (const auto& broken : broken_cores) {
        const auto caught = catch_broken(broken, from, count, jobs);
        all_caught = all_caught && caught;
        std::printf("%-34s ", std::string{broken.name}.c_str());
        if (!caught) {
            std::printf(
                "NOT CAUGHT by %s in %llu histories\n",
                std::string{broken.checker}.c_str(),
                static_cast<unsigned long long>(count)
            );
            continue;
        }
        std::printf(
            "caught by %s, seed %llu, step %zu: %s\n",
            caught->found.checker.c_str(),
            static_cast<unsigned long long>(caught->seed),
            caught->found.step,
            caught->found.what.c_str()
        );
    }
    return all_caught;
}

}  // namespace

int main(int argc, char** argv)
{
    CLI::App app{
        "Lives through histories of two to four simulated agencies and judges them (docs/simulation.md)"};
    std::uint64_t seeds = 1'000;
    std::uint64_t from = 1;
    std::uint64_t fresh = 0;
    std::uint64_t trace_seed = 0;
    unsigned jobs = 1;
    std::string broken;
    std::optional<std::size_t> agencies;
    app.add_option("--seeds", seeds, "How many histories")->capture_default_str();
    app.add_option("--from", from, "Seed of the first")->capture_default_str();
    app.add_option("--fresh", fresh, "So many more, from a start that nobody has chosen; it is printed");
    auto* trace = app.add_option("--trace", trace_seed, "Print every step of one history instead");
    app.add_option("--jobs", jobs, "Processes")->capture_default_str();
    app.add_option(
        "--broken", broken, "Put this fault around the core; `all` tries each and wants it caught"
    );
    app.add_option("--agencies", agencies, "In every history; otherwise its seed says how many")
        ->check(CLI::Range(2, 4));
    CLI11_PARSE(app, argc, argv);

    if (broken == "all")
        return simulate_broken_cores(from, seeds, jobs) ? 0 : 1;
    auto core = BrokenCore::none;
    if (!broken.empty()) {
        const auto named = broken_core_named(broken);
        if (!named) {
            std::fprintf(stderr, "no broken core is called %s\n", broken.c_str());
            return 2;
        }
        core = *named;
    }
    if (*trace)
        return print_trace(trace_seed, core, agencies);
    bool good = simulate({from, seeds, jobs, core, 20, agencies});
    if (fresh > 0) {
        const auto start = fresh_start();
        std::printf("fresh histories from seed %llu\n", static_cast<unsigned long long>(start));
        good = simulate({start, fresh, jobs, core, 20, agencies}) && good;
    }
    return good ? 0 : 1;
}
