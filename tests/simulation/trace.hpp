#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace casebridge::simulation {

// One line a step for a human to follow a history. Silent unless asked for; the text is only made when it is
// printed. All values of a simulation are invented, so they may be shown.
class Trace {
public:
    enum class Mode { silent, printing };

    explicit Trace(Mode mode) : mode_(mode) {}

    void at(std::size_t step, std::int64_t now_us)
    {
        step_ = step;
        now_us_ = now_us;
    }

    template <class Text>
    void operator()(const char* actor, Text&& text) const
    {
        if (mode_ == Mode::printing)
            print(actor, text());
    }

private:
    void print(const char* actor, const std::string& text) const
    {
        std::printf(
            "%5zu %9.3f s  %-7s %s\n",
            step_,
            static_cast<double>(now_us_ - 1'000'000'000) / 1e6,
            actor,
            text.c_str()
        );
    }

    Mode mode_;
    std::size_t step_ = 0;
    std::int64_t now_us_ = 0;
};

}  // namespace casebridge::simulation
