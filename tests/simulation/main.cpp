#include "tests/simulation/history.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
int main(int argc, char** argv)
{
    using namespace casebridge::simulation;
    const auto from = std::strtoull(argv[1], nullptr, 10);
    const auto count = std::strtoull(argv[2], nullptr, 10);
    const bool trace = argc > 3 && std::string{argv[3]} == "trace";
    const auto broken = argc > 4 ? *broken_core_named(argv[4]) : BrokenCore::none;
    Coverage coverage;
    std::size_t bad = 0, steps = 0;
    std::map<std::string, std::size_t> by;
    for (auto seed = from; seed < from + count; ++seed) {
        std::FILE* f = std::fopen("/tmp/sim_seed", "w"); std::fprintf(f, "%llu\n", seed); std::fclose(f);
        auto r = live_history(seed, broken, trace ? Trace::Mode::printing : Trace::Mode::silent);
        steps += r.steps;
        coverage.add(r.occurrences);
        if (r.violation) { ++bad; ++by[r.violation->checker]; if (bad < 12) std::printf("seed %llu step %zu %s: %s\n", seed, r.violation->step, r.violation->checker.c_str(), r.violation->what.c_str()); }
    }
    if (!trace && broken == BrokenCore::none) for (auto& [n, l] : coverage.lines()) std::printf("%-50s %zu %zu\n", n.c_str(), l.histories, l.times);
    for (auto& [n, l] : coverage.too_rare(count)) std::printf("RARE %s %zu\n", n.c_str(), l.histories);
    for (auto& [n, l] : by) std::printf("BY %s %zu\n", n.c_str(), l);
    std::printf("%llu histories, %zu violations, %zu steps\n", static_cast<unsigned long long>(count), bad, steps);
}
